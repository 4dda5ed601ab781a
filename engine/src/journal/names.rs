//! The names of the files in a data directory. No other module knows one.
//!
//! ```text
//! pacioli.lock                 held for as long as a process uses the directory
//! pacioli.meta                 database id, epoch, last sealed segment; replaced by rename
//! pacioli.meta.tmp             its next version, half made
//! segment-0000000001.sealed    a finished part of the journal
//! segment-0000000002.active    a part that is being written, or stands ready to be
//! segment-0000000003.preparing an active segment, half made
//! segment-0000000002.sealing   a sealed segment, half made
//! run-FIRST-LAST.run           an index run over the events FIRST to LAST, 16 digits each
//! run-FIRST-LAST.indexing      a run of a single segment, half made
//! run-FIRST-LAST.merging       a run of several runs, half made
//! cut-12345.bin                what recovery cut off where event 12345 would have been
//! cut-12345.2.bin              the second such cut at the same place
//! snapshot-00000000000000012345.snapshot       the whole state after event 12345
//! snapshot-00000000000000012345.deriving       a snapshot, half made
//! snapshot-00000000000000012345.2.sorting      what is merged into it, in sorted parts
//! pacioli.restoring            becomes pacioli.meta when a restore is done; until then nothing opens
//! directory                    the account names (sled); can be thrown away at any time
//! ```
//!
//! And in the directory of a backup, which holds sealed segments and snapshots under the names that
//! they have in a data directory:
//!
//! ```text
//! pacioli.backup               what the backup consists of, file by file
//! pacioli.backup.unfinished    the same of a backup that is being made: the files that are there
//! pacioli.backup.tmp           the next version of either, half made
//! NAME.receiving               a file, half received
//! ```

use std::path::{Path, PathBuf};

use ledger_core::Sequence;

/// Held for as long as a process uses the directory.
pub const LOCK: &str = "pacioli.lock";
/// What the database is, and where its journal ends for certain.
pub const META: &str = "pacioli.meta";
/// The next [`META`], half made.
pub(crate) const META_TEMPORARY: &str = "pacioli.meta.tmp";
/// The [`META`] of a database that is being restored.
pub const RESTORING: &str = "pacioli.restoring";
/// What a backup consists of.
pub const BACKUP: &str = "pacioli.backup";
/// What is there of a backup that is being made.
pub const BACKUP_UNFINISHED: &str = "pacioli.backup.unfinished";
/// The next [`BACKUP`] or [`BACKUP_UNFINISHED`], half made.
pub(crate) const BACKUP_TEMPORARY: &str = "pacioli.backup.tmp";
/// The directory of account names. Whatever is in it can be made again from the journal.
pub const DIRECTORY: &str = "directory";

const ACTIVE: &str = "active";
const SEALED: &str = "sealed";
const PREPARING: &str = "preparing";
const SEALING: &str = "sealing";
const RECEIVING: &str = ".receiving";
const SEGMENT: &str = "segment-";
const RUN: &str = "run-";
const RUN_FINISHED: &str = "run";
const INDEXING: &str = "indexing";
const MERGING: &str = "merging";
const SNAPSHOT: &str = "snapshot-";
const SNAPSHOT_ENDING: &str = "snapshot";
const DERIVING: &str = "deriving";
const SORTING: &str = "sorting";

/// What a file in the data directory is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Name {
    Lock,
    Meta,
    Active(u64),
    Sealed(u64),
    /// The index run over the events from the first to the last of these sequences.
    Run(Sequence, Sequence),
    /// The whole state after this event.
    Snapshot(Sequence),
    /// Left over by a crash; nothing in it counts.
    Temporary,
    Cut,
    /// The directory is one that a restore has not finished.
    Restoring,
    /// The directory is a backup.
    Backup,
    Directory,
    /// Not ours.
    Foreign,
}

/// Tells from a name what a file is.
pub(crate) fn read(name: &str) -> Name {
    match name {
        LOCK => Name::Lock,
        META => Name::Meta,
        META_TEMPORARY => Name::Temporary,
        RESTORING => Name::Restoring,
        BACKUP | BACKUP_UNFINISHED | BACKUP_TEMPORARY => Name::Backup,
        DIRECTORY => Name::Directory,
        _ if name.starts_with("cut-") && name.ends_with(".bin") => Name::Cut,
        _ => read_segment(name)
            .or_else(|| read_run(name))
            .or_else(|| read_snapshot(name))
            .unwrap_or(Name::Foreign),
    }
}

fn read_snapshot(name: &str) -> Option<Name> {
    let (sequence, ending) = name.strip_prefix(SNAPSHOT)?.split_once('.')?;
    let sequence = Sequence::new(sequence.parse().ok()?);
    match ending.split_once('.') {
        None if name == snapshot_named(sequence, SNAPSHOT_ENDING) => Some(Name::Snapshot(sequence)),
        None if name == snapshot_named(sequence, DERIVING) => Some(Name::Temporary),
        Some((part, _)) if name == sorting_named(sequence, part.parse().ok()?) => {
            Some(Name::Temporary)
        }
        _ => None,
    }
}

fn snapshot_named(sequence: Sequence, ending: &str) -> String {
    format!("{SNAPSHOT}{:020}.{ending}", sequence.get())
}

fn sorting_named(sequence: Sequence, part: u32) -> String {
    snapshot_named(sequence, &format!("{part}.{SORTING}"))
}

fn read_segment(name: &str) -> Option<Name> {
    let (number, ending) = name.strip_prefix(SEGMENT)?.split_once('.')?;
    let number: u64 = number.parse().ok()?;
    let canonical = match ending {
        ACTIVE => Name::Active(number),
        SEALED => Name::Sealed(number),
        PREPARING | SEALING => Name::Temporary,
        _ => return None,
    };
    (name == segment(number, ending) && number > 0).then_some(canonical)
}

fn read_run(name: &str) -> Option<Name> {
    let (range, ending) = name.strip_prefix(RUN)?.split_once('.')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    let (first, last) = (Sequence::new(first), Sequence::new(last));
    let canonical = match ending {
        RUN_FINISHED => Name::Run(first, last),
        INDEXING | MERGING => Name::Temporary,
        _ => return None,
    };
    (name == run_name(first, last, ending)).then_some(canonical)
}

fn run_name(first: Sequence, last: Sequence, ending: &str) -> String {
    format!("{RUN}{:016}-{:016}.{ending}", first.get(), last.get())
}

fn segment(number: u64, ending: &str) -> String {
    format!("{SEGMENT}{number:010}.{ending}")
}

pub(crate) fn lock(dir: &Path) -> PathBuf {
    dir.join(LOCK)
}

pub(crate) fn meta(dir: &Path) -> PathBuf {
    dir.join(META)
}

pub(crate) fn meta_temporary(dir: &Path) -> PathBuf {
    dir.join(META_TEMPORARY)
}

pub(crate) fn active(dir: &Path, number: u64) -> PathBuf {
    dir.join(segment(number, ACTIVE))
}

pub(crate) fn preparing(dir: &Path, number: u64) -> PathBuf {
    dir.join(segment(number, PREPARING))
}

pub(crate) fn sealed(dir: &Path, number: u64) -> PathBuf {
    dir.join(segment(number, SEALED))
}

pub(crate) fn sealing(dir: &Path, number: u64) -> PathBuf {
    dir.join(segment(number, SEALING))
}

pub(crate) fn run(dir: &Path, first: Sequence, last: Sequence) -> PathBuf {
    dir.join(run_name(first, last, RUN_FINISHED))
}

pub(crate) fn indexing(dir: &Path, first: Sequence, last: Sequence) -> PathBuf {
    dir.join(run_name(first, last, INDEXING))
}

pub(crate) fn merging(dir: &Path, first: Sequence, last: Sequence) -> PathBuf {
    dir.join(run_name(first, last, MERGING))
}

/// The snapshot after the event `sequence`.
pub(crate) fn snapshot(dir: &Path, sequence: Sequence) -> PathBuf {
    dir.join(snapshot_named(sequence, SNAPSHOT_ENDING))
}

/// The same while it is made.
pub(crate) fn deriving(dir: &Path, sequence: Sequence) -> PathBuf {
    dir.join(snapshot_named(sequence, DERIVING))
}

/// The `part`-th sorted part of what is merged into a snapshot.
pub(crate) fn sorting(dir: &Path, sequence: Sequence, part: u32) -> PathBuf {
    dir.join(sorting_named(sequence, part))
}

pub(crate) fn restoring(dir: &Path) -> PathBuf {
    dir.join(RESTORING)
}

pub(crate) fn backup(dir: &Path) -> PathBuf {
    dir.join(BACKUP)
}

pub(crate) fn backup_unfinished(dir: &Path) -> PathBuf {
    dir.join(BACKUP_UNFINISHED)
}

pub(crate) fn backup_temporary(dir: &Path) -> PathBuf {
    dir.join(BACKUP_TEMPORARY)
}

/// A file of a backup, half received.
pub(crate) fn receiving(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}{RECEIVING}"))
}

/// Whether a name is that of a half received file.
pub(crate) fn is_receiving(name: &str) -> bool {
    name.ends_with(RECEIVING)
}

/// The `attempt`-th cut (from 1) where `sequence` would have been.
pub(crate) fn cut(dir: &Path, sequence: Sequence, attempt: u32) -> PathBuf {
    match attempt {
        1 => dir.join(format!("cut-{sequence}.bin")),
        _ => dir.join(format!("cut-{sequence}.{attempt}.bin")),
    }
}

#[cfg(test)]
mod tests;
