//! Opening a data directory: what is read back, what is cut off, and what stops the start.
//!
//! Everything is read and verified, and every event handed to the caller, before anything new is
//! written behind it. Bytes are cut off only where they are a pure suffix of the last segment that
//! holds anything: no whole frame follows them, no later segment holds a byte, the meta file does
//! not reach beyond them. Such bytes were never acknowledged (or are the last frame, damaged; then
//! a receipt proves it), and they are kept beside the journal. Whatever else does not verify
//! refuses the start, and nothing is changed.
//!
//! What an earlier process left open is sealed here, so that nothing is ever appended behind bytes
//! that another process wrote. Each step may be the last one before a crash: a sealed file counts
//! once it has its name, the active file goes only after the meta file counts on the sealed one,
//! and everything under a temporary name is made again.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Event, Sequence, Timestamp};

use super::chain::Origin;
use super::finished::FinishedSegments;
use super::frame::{BLOCK_BYTES, FrameHash, FrameKind};
use super::index::Index;
use super::log::{Parts, SegmentLog};
use super::meta::{Meta, MetaFile};
use super::names;
use super::reader::JournalReader;
use super::request::RequestContext;
use super::space::{self, NoSegment, Preparation, Space};
use super::survey::Survey;
use crate::Lineage;
use crate::vfs::{ReadBack, Vfs, VfsLock};

mod error;
mod segments;

pub use error::{Damage, RecoveryError};
use segments::Segments;

/// How a journal is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JournalOptions {
    /// The length of an active segment: a multiple of 4 KiB, at most 4 GiB − 4 KiB.
    pub segment_bytes: u64,
    /// Who keeps space ready in front of the appends.
    pub preparation: Preparation,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            preparation: Preparation::Background,
        }
    }
}

/// What there is to begin with, beside the journal.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    /// Where the files are.
    pub vfs: &'a Arc<dyn Vfs>,
    /// The data directory.
    pub dir: &'a Path,
    /// The database.
    pub database: u128,
    /// The snapshots, by the last event in each.
    pub snapshots: &'a BTreeSet<Sequence>,
}

/// Where the journal ends, by all that was read of it.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// The database.
    pub database: u128,
    /// The epoch.
    pub epoch: u128,
    /// The last event; zero if there is none.
    pub sequence: Sequence,
}

/// Takes what the journal holds, in order.
pub trait Replay {
    /// Where to begin. What the events before would come to is known then, and their segments are
    /// only passed over. By default that is before the first event.
    ///
    /// # Errors
    /// [`RecoveryError`]; the start is refused with it.
    fn begin(&mut self, _beginning: &Beginning<'_>) -> Result<Option<Origin>, RecoveryError> {
        Ok(None)
    }

    /// Whether it wants to know of each event which request caused it. Where it does not, the
    /// request that it is shown may say nothing.
    fn wants_requests(&self) -> bool {
        true
    }

    /// The next event, with the request that caused it.
    ///
    /// # Errors
    /// Whatever does not fit what came before; the start is refused with it.
    fn event(
        &mut self,
        event: &Event,
        request: &RequestContext<'_>,
    ) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// The next events, without their requests. Where requests are not wanted, this may be called
    /// instead of [`Replay::event`] for each.
    ///
    /// # Errors
    /// As [`Replay::event`], with the event that does not fit.
    fn events(&mut self, events: &[Event]) -> Result<(), Unfit> {
        let request = RequestContext::default();
        events.iter().try_for_each(|event| {
            let fits = self.event(event, &request);
            fits.map_err(|source| Unfit {
                sequence: event.sequence,
                source,
            })
        })
    }

    /// The journal time at the end of a frame. Time never falls below it again.
    fn time(&mut self, _close_time: Timestamp) {}

    /// All was read, and nothing was changed yet: whether the journal can end there, by what is
    /// known of it from elsewhere.
    ///
    /// # Errors
    /// [`RecoveryError`]; the start is refused with it.
    fn end(&mut self, _ending: &Ending) -> Result<(), RecoveryError> {
        Ok(())
    }

    /// How far it has come; now and then.
    fn progress(&mut self, _progress: Progress) {}
}

/// An event does not fit what came before.
#[derive(Debug)]
pub struct Unfit {
    /// The event.
    pub sequence: Sequence,
    /// Why.
    pub source: Box<dyn Error + Send + Sync>,
}

/// How far reading has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Bytes of the journal read.
    pub bytes: u64,
    /// Bytes of the journal in all.
    pub bytes_total: u64,
    /// The newest event read.
    pub sequence: Sequence,
}

/// An open journal.
#[derive(Debug)]
pub struct Opened {
    /// Appends to it. Holds the lock on the directory.
    pub log: SegmentLog,
    /// Reads from it.
    pub reader: JournalReader,
    /// Seals what the log has left.
    pub finished: FinishedSegments,
    /// What was found.
    pub recovered: Recovered,
}

/// What was found in a data directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovered {
    /// The database.
    pub database: u128,
    /// The epoch.
    pub epoch: u128,
    /// The epoch, and those that it branched off from.
    pub lineage: Lineage,
    /// The newest event; zero if there is none.
    pub sequence: Sequence,
    /// The journal time at the last frame's closing; zero before the first frame.
    pub time: Timestamp,
    /// The hash of the last frame; zeros before the first.
    pub hash: FrameHash,
    /// Whether the last process ended cleanly, or none has been here yet.
    pub clean_end: bool,
    /// Whether the database was made just now.
    pub created: bool,
    /// What was cut off behind the last whole frame.
    pub cuts: Vec<Cut>,
    /// How files were read from the device.
    pub read_back: ReadBack,
}

/// Bytes that were cut off and kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Where they are kept.
    pub file: PathBuf,
    /// The segment they were cut off from.
    pub segment: u64,
    /// Where in it they began.
    pub offset: u64,
    /// The event that would have come next.
    pub sequence: Sequence,
    /// How many there were, up to the last one that was not zero.
    pub bytes: u64,
}

/// Opens the journal in `dir`, making it if the directory is empty or missing, and hands all that
/// it holds to `replay`.
///
/// # Errors
/// [`RecoveryError`], with nothing changed that is not made again at the next attempt.
///
/// # Panics
/// If the options are outside their ranges.
pub fn open(
    vfs: Arc<dyn Vfs>,
    dir: &Path,
    options: JournalOptions,
    replay: &mut dyn Replay,
) -> Result<Opened, RecoveryError> {
    assert!(
        options.segment_bytes > 0
            && options.segment_bytes.is_multiple_of(BLOCK_BYTES as u64)
            && options.segment_bytes <= u64::from(u32::MAX),
        "the length of a segment is a multiple of 4 KiB below 4 GiB"
    );
    vfs.create_dir(dir).map_err(RecoveryError::io(dir))?;
    // A directory that is none of ours is left without even a lock in it.
    Survey::take(&*vfs, dir)?.check_ours(dir)?;
    let lock = take_lock(&*vfs, dir)?;
    let survey = Survey::take(&*vfs, dir)?;
    let meta = survey.read_meta(&*vfs, dir)?;
    for name in &survey.temporary {
        let path = dir.join(name);
        vfs.remove(&path).map_err(RecoveryError::io(&path))?;
    }
    let created = meta.is_none();
    let meta = match meta {
        Some(meta) => Arc::new(MetaFile::new(Arc::clone(&vfs), dir, meta)),
        None => Arc::new(initialise(&vfs, dir)?),
    };
    let found = meta.get();
    survey.check_complete(dir, &found)?;
    let index = Arc::new(Index::new(Arc::clone(&vfs)));
    let origin = replay.begin(&Beginning {
        vfs: &vfs,
        dir,
        database: found.database,
        snapshots: &survey.snapshots,
    })?;
    let mut segments = Segments::new(
        &vfs,
        dir,
        &survey,
        &meta,
        &index,
        replay,
        options.preparation,
    )?;
    let mut first = 1;
    if let Some(origin) = &origin {
        segments.pass_to(origin)?;
        first = origin.segment + 1;
    }
    for number in first..=survey.newest() {
        segments.recover(number)?;
    }
    let (chain, cuts, read_back) = segments.finish()?;
    let newest = forget_unused(&*vfs, dir, &survey, &meta, options.segment_bytes)?;
    let space = Arc::new(Space::new(
        Arc::clone(&vfs),
        dir.to_owned(),
        Arc::clone(&meta),
        options.segment_bytes,
        options.preparation,
        newest + 1,
    ));
    let filler = match options.preparation {
        Preparation::Inline => None,
        Preparation::Background => Some(space::start(&space).map_err(RecoveryError::io(dir))?),
    };
    let recovered = Recovered {
        database: found.database,
        epoch: found.epoch,
        lineage: chain.lineage.clone(),
        sequence: chain.last(),
        time: chain.time,
        hash: chain.hash,
        clean_end: matches!(chain.kind, None | Some(FrameKind::End)) && cuts.is_empty(),
        created,
        cuts,
        read_back,
    };
    let finished = FinishedSegments::new(
        Arc::clone(&vfs),
        dir.to_owned(),
        meta,
        Arc::clone(&index),
        chain.clone(),
    );
    let log = SegmentLog::new(Parts {
        dir: dir.to_owned(),
        space: Arc::clone(&space),
        index: Arc::clone(&index),
        chain,
        database: found.database,
        epoch: found.epoch,
        filler,
        lock,
    });
    // A full disk does not keep anyone from reading; anything worse does.
    if let Err(NoSegment::Failed(kind)) = space.wait_for_first() {
        return Err(RecoveryError::io(dir)(kind.into()));
    }
    Ok(Opened {
        log,
        reader: JournalReader::new(index),
        finished,
        recovered,
    })
}

fn take_lock(vfs: &dyn Vfs, dir: &Path) -> Result<Box<dyn VfsLock>, RecoveryError> {
    let path = names::lock(dir);
    let lock = vfs.lock(&path).map_err(RecoveryError::io(&path))?;
    lock.ok_or_else(|| RecoveryError::Locked {
        dir: dir.to_owned(),
    })
}

/// Makes a new database. It exists once its meta file does.
fn initialise(vfs: &Arc<dyn Vfs>, dir: &Path) -> Result<MetaFile, RecoveryError> {
    let path = names::meta(dir);
    let random = || {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| RecoveryError::io(&path)(error.into()))?;
        Ok(u128::from_le_bytes(bytes))
    };
    let meta = Meta {
        database: random()?,
        epoch: random()?,
        newest_segment: 0,
        sealed_segment: 0,
        sealed_hash: [0; 32],
        sealed_sequence: Sequence::ZERO,
        active_bytes: 0,
    };
    let file = MetaFile::new(Arc::clone(vfs), dir, meta);
    file.replace(|_| {}).map_err(RecoveryError::io(&path))?;
    Ok(file)
}

/// Removes the active segments without a frame that stand behind the last sealed one. They are
/// made again; what lies in their zeros must not be there at the next recovery.
///
/// The newest goes first, for good, before the next: a crash in between leaves no gap.
fn forget_unused(
    vfs: &dyn Vfs,
    dir: &Path,
    survey: &Survey,
    meta: &MetaFile,
    active_bytes: u64,
) -> Result<u64, RecoveryError> {
    let newest = meta.get().sealed_segment;
    let path = names::meta(dir);
    let forget = meta.replace(|meta| {
        meta.newest_segment = newest;
        meta.active_bytes = active_bytes;
    });
    forget.map_err(RecoveryError::io(&path))?;
    let mut unused: Vec<u64> = survey
        .active
        .iter()
        .copied()
        .filter(|&number| number > newest)
        .collect();
    unused.sort_unstable();
    for number in unused.into_iter().rev() {
        let path = names::active(dir, number);
        match vfs.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(RecoveryError::io(&path)(error));
            }
            _ => vfs.sync_dir(dir).map_err(RecoveryError::io(dir))?,
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests;
