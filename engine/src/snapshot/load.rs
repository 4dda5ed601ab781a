//! From a snapshot to a state in memory.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use ledger_core::{Contradiction, Hold, Ledger, Restoration, State, StateDigest};

use super::entry::{Entry, Positioned};
use super::error::{SnapshotDamage, SnapshotError};
use super::reader::Snapshot;
use crate::journal::{Beginning, Origin, RecoveryError, names};
use crate::vfs;

/// How many entries are handed over at once.
const BATCH_ENTRIES: usize = 1024;
/// How many batches may wait.
const BATCHES_MAX: usize = 8;

/// Why a snapshot does not become a state.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    /// It cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// What it says cannot be.
    #[error("it contradicts itself")]
    Contradiction(#[from] Contradiction),
}

/// Makes a state of the newest snapshot that verifies; none if there is no such. `hash_seed` is
/// drawn anew by each process.
///
/// # Errors
/// [`RecoveryError`] if a snapshot is of another database or of a newer version, or cannot be read
/// for the moment. A damaged one is passed over, which is said in the log: what is in it is in the journal as well.
pub(crate) fn load_newest(
    beginning: &Beginning<'_>,
    hash_seed: u64,
) -> Result<Option<(State, Origin)>, RecoveryError> {
    for &sequence in beginning.snapshots.iter().rev() {
        let path = names::snapshot(beginning.dir, sequence);
        let loaded = Snapshot::open(&**beginning.vfs, &path).and_then(|snapshot| {
            if snapshot.standing().sequence == sequence {
                return Ok(snapshot);
            }
            Err(SnapshotError::Damaged {
                file: path.clone(),
                offset: 0,
                source: SnapshotDamage::Name,
            })
        });
        let loaded = match loaded {
            Ok(snapshot) if snapshot.place().database != beginning.database => {
                return Err(RecoveryError::SnapshotForeign {
                    dir: beginning.dir.to_owned(),
                    file: path,
                    segment: snapshot.place().segment,
                });
            }
            Ok(snapshot) => load(&snapshot, hash_seed).map(|state| (state, snapshot.origin())),
            Err(error) => Err(error.into()),
        };
        match loaded {
            Ok(loaded) => return Ok(Some(loaded)),
            Err(LoadError::Snapshot(SnapshotError::Damaged {
                file,
                source: SnapshotDamage::UnknownVersion { found, supported },
                ..
            })) => {
                return Err(RecoveryError::SnapshotVersion {
                    file,
                    found,
                    supported,
                });
            }
            // To begin with an older one would take far longer than another start.
            Err(LoadError::Snapshot(SnapshotError::Io { file, source }))
                if vfs::passes(&source) =>
            {
                return Err(RecoveryError::Io { file, source });
            }
            Err(error) => tell_of_damage(&path, &error),
        }
    }
    if !beginning.snapshots.is_empty() {
        tracing::warn!("no snapshot verifies; the journal is replayed from its first segment");
    }
    Ok(None)
}

fn tell_of_damage(path: &Path, error: &LoadError) {
    tracing::warn!(
        file = %path.display(),
        error = error as &dyn Error,
        "a snapshot does not verify and is passed over; an older one or the first segment is \
         begun with, which takes longer"
    );
}

/// What is handed over from the thread that reads to the one that puts the state together.
enum Part {
    Ledger(Ledger),
    Accounts(Vec<Positioned>),
    Holds(Vec<Hold>),
}

/// Nobody takes the parts any more.
struct Unwanted;

fn load(snapshot: &Snapshot, hash_seed: u64) -> Result<State, LoadError> {
    let accounts = usize::try_from(snapshot.info().accounts).expect("addresses have 64 bits");
    let mut restoration = Restoration::new(hash_seed, accounts);
    let (sender, parts) = sync_channel(BATCHES_MAX);
    let (restored, read) = thread::scope(|scope| {
        let reader = scope.spawn(move || read(snapshot, &sender));
        let restored = parts
            .into_iter()
            .try_for_each(|part| put(&mut restoration, part));
        let read = reader.join();
        (
            restored,
            read.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    });
    // What cannot be read is why it does not fit, if both are the case.
    read?;
    restored?;
    Ok(restoration.finish(*snapshot.standing())?)
}

fn put(restoration: &mut Restoration, part: Part) -> Result<(), Contradiction> {
    match part {
        Part::Ledger(ledger) => restoration.ledger(ledger),
        Part::Accounts(accounts) => accounts.into_iter().try_for_each(|positioned| {
            restoration.account(positioned.position as usize, positioned.account)
        }),
        Part::Holds(holds) => holds
            .into_iter()
            .try_for_each(|hold| restoration.hold(hold)),
    }
}

/// Reads the whole snapshot and compares its digest.
fn read(snapshot: &Snapshot, parts: &SyncSender<Part>) -> Result<(), SnapshotError> {
    let mut digest = StateDigest::new();
    digest.standing(snapshot.standing());
    for ledger in snapshot.ledgers() {
        let ledger = ledger?;
        ledger.digest(&mut digest);
        if parts.send(Part::Ledger(ledger)).is_err() {
            return Ok(());
        }
    }
    let sent = hand_over(snapshot.accounts(), Part::Accounts, parts, &mut digest)?;
    if matches!(sent, Err(Unwanted)) {
        return Ok(());
    }
    let sent = hand_over(snapshot.holds(), Part::Holds, parts, &mut digest)?;
    if sent.is_ok() && digest.finish() != snapshot.info().digest {
        return Err(SnapshotError::Damaged {
            file: snapshot.path().to_owned(),
            offset: 0,
            source: SnapshotDamage::Digest,
        });
    }
    Ok(())
}

fn hand_over<E: Entry>(
    entries: impl Iterator<Item = Result<E, SnapshotError>>,
    part: impl Fn(Vec<E>) -> Part,
    parts: &SyncSender<Part>,
    digest: &mut StateDigest,
) -> Result<Result<(), Unwanted>, SnapshotError> {
    let mut batch = Vec::with_capacity(BATCH_ENTRIES);
    for entry in entries {
        let entry = entry?;
        entry.digest(digest);
        batch.push(entry);
        if batch.len() == BATCH_ENTRIES {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_ENTRIES));
            if parts.send(part(full)).is_err() {
                return Ok(Err(Unwanted));
            }
        }
    }
    Ok(parts.send(part(batch)).map_err(|_| Unwanted))
}
