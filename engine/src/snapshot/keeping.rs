//! The snapshots of an open database: when they are taken, and which are kept.
//!
//! One is taken when the journal has grown by as much as the last one is long, and by a gibibyte at
//! least, so that all of them together cost no more than the journal itself. And one is taken when
//! it is asked for. The two newest are kept, and all that have a name.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ledger_core::{Ledger, Sequence};

use super::derive::{DeriveError, IN_MEMORY_MAX, Order, derive};
use super::error::SnapshotError;
use super::on_demand::CreateSnapshotError;
use super::pace::{Pace, Piece};
use super::reader::{Snapshot, SnapshotInfo};
use crate::Halt;
use crate::journal::sealed::SealedFile;
use crate::journal::survey::Survey;
use crate::journal::{JournalReader, names};
use crate::sealing;
use crate::vfs::Vfs;

/// How often it is looked whether the journal has grown.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long after a refusal of the disk it is asked again.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// How many snapshots without a name are kept.
const KEPT: usize = 2;

/// Tells how many bytes were appended to the journal since the start.
pub(crate) type Appended = dyn Fn() -> u64 + Send + Sync;

/// The snapshots of an open database.
pub(crate) struct Snapshots {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    database: u128,
    reader: JournalReader,
    appended: Box<Appended>,
    /// How much the journal grows, at least, before another one is taken.
    growth_bytes_min: u64,
    /// Held while one is taken.
    taking: Mutex<()>,
    /// How many wait for one. While nobody does, it may take as long as the journal needs to grow.
    asking: AtomicUsize,
    known: Mutex<Known>,
    changed: Condvar,
    stopping: AtomicBool,
}

#[derive(Default)]
struct Known {
    /// What there is, in order.
    snapshots: Vec<SnapshotInfo>,
    /// The length of the sealed segments that the newest one covers.
    journal_bytes: u64,
    trouble: Option<io::ErrorKind>,
}

/// What a snapshot must be made of.
pub(crate) struct Keeping {
    pub(crate) vfs: Arc<dyn Vfs>,
    pub(crate) dir: PathBuf,
    pub(crate) database: u128,
    pub(crate) reader: JournalReader,
    pub(crate) appended: Box<Appended>,
    pub(crate) growth_bytes_min: u64,
}

impl Snapshots {
    pub(crate) fn new(keeping: Keeping) -> Self {
        let snapshots = Self {
            vfs: keeping.vfs,
            dir: keeping.dir,
            database: keeping.database,
            reader: keeping.reader,
            appended: keeping.appended,
            growth_bytes_min: keeping.growth_bytes_min,
            taking: Mutex::new(()),
            asking: AtomicUsize::new(0),
            known: Mutex::new(Known::default()),
            changed: Condvar::new(),
            stopping: AtomicBool::new(false),
        };
        snapshots.look();
        snapshots
    }

    /// What there is, in order.
    pub(crate) fn list(&self) -> Vec<SnapshotInfo> {
        self.known().snapshots.clone()
    }

    /// The ledgers of the snapshot nearest to an event, with its sequence, if one is fewer than
    /// `events` events away. One that cannot be read or is not about this journal is passed over:
    /// what it says is in the journal, too.
    pub(crate) fn ledgers_near(
        &self,
        event: Sequence,
        events: u64,
    ) -> Option<(Sequence, Vec<Ledger>)> {
        let mut near: Vec<_> = self
            .list()
            .iter()
            .map(|info| (info.sequence.get().abs_diff(event.get()), info.sequence))
            .filter(|&(away, _)| away < events)
            .collect();
        near.sort_unstable();
        near.into_iter().find_map(|(_, sequence)| {
            let snapshot = self.open(sequence).ok().flatten()?;
            if snapshot.standing().sequence != sequence || !self.is_ours(&snapshot) {
                return None;
            }
            match snapshot.ledgers().collect() {
                Ok(ledgers) => Some((sequence, ledgers)),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "a snapshot does not verify and is passed over"
                    );
                    None
                }
            }
        })
    }

    /// Whether a snapshot ends with the frame with which its segment of this journal ends.
    fn is_ours(&self, snapshot: &Snapshot) -> bool {
        let place = snapshot.place();
        let footer = SealedFile::footer(&self.vfs, &self.dir, place.segment);
        matches!(footer, Ok(Ok(footer)) if footer.last_hash == place.hash)
    }

    /// The newest that has this name, by what is on the disk now: an operator may have removed one.
    ///
    /// # Errors
    /// If that cannot be told for the moment.
    fn named(&self, name: &str) -> Result<Option<SnapshotInfo>, SnapshotError> {
        self.survey()?;
        let has_name = |info: &SnapshotInfo| info.names.iter().any(|known| &**known == name);
        Ok(self.list().into_iter().rev().find(has_name))
    }

    /// Why none can be taken, while none can.
    pub(crate) fn trouble(&self) -> Option<io::ErrorKind> {
        self.known().trouble
    }

    /// Ends the thread. What is half made is removed.
    pub(crate) fn stop(&self) {
        let known = self.known();
        self.stopping.store(true, Ordering::Relaxed);
        drop(known);
        self.changed.notify_all();
    }

    /// The life of the thread.
    ///
    /// # Errors
    /// Why the engine has to end.
    pub(crate) fn run(&self) -> Result<(), Halt> {
        let mut rest = LOOK_EVERY;
        while !self.wait(rest) {
            rest = LOOK_EVERY;
            let taking = self.taking();
            let Some(through) = self.is_due() else {
                continue;
            };
            match self.take(&taking, through, None) {
                Ok(_) | Err(DeriveError::Stopped) => {}
                Err(error) => {
                    judge(&error)?;
                    rest = RETRY_AFTER;
                }
            }
        }
        Ok(())
    }

    /// The sealed segment with which a snapshot is due to end.
    fn is_due(&self) -> Option<u64> {
        let (segment, journal_bytes) = self.reader.sealed_end()?;
        let known = self.known();
        let newest = known.snapshots.last().map_or(0, |newest| newest.bytes);
        let growth = journal_bytes.saturating_sub(known.journal_bytes);
        (growth >= self.growth_bytes_min.max(newest)).then_some(segment)
    }

    /// Takes a snapshot that ends with the last sealed segment, because somebody waits for it. Or
    /// there is one of that name, which is the same again if it holds all events through `durable`.
    ///
    /// # Errors
    /// [`CreateSnapshotError`].
    #[expect(
        clippy::result_large_err,
        reason = "it is asked for seldom, and what is wrong is told whole"
    )]
    pub(super) fn take_now(
        &self,
        name: Option<&str>,
        durable: Sequence,
    ) -> Result<SnapshotInfo, CreateSnapshotError> {
        self.asking.fetch_add(1, Ordering::Relaxed);
        let taken = self.take_or_find(name, durable);
        self.asking.fetch_sub(1, Ordering::Relaxed);
        taken
    }

    #[expect(
        clippy::result_large_err,
        reason = "it is asked for seldom, and what is wrong is told whole"
    )]
    fn take_or_find(
        &self,
        name: Option<&str>,
        durable: Sequence,
    ) -> Result<SnapshotInfo, CreateSnapshotError> {
        // Of two that ask for one name at once, the second finds what the first one took; and the
        // first one's has all that was sealed while both waited.
        let taking = self.taking();
        let named = name.map(|name| self.named(name)).transpose();
        if let Some(named) = named.map_err(DeriveError::from)?.flatten() {
            let sequence = named.sequence;
            // Its segment says nothing: a start seals segments that hold no events.
            return match sequence >= durable {
                true => Ok(named),
                false => Err(CreateSnapshotError::NameTaken { sequence }),
            };
        }
        let (through, _) = self.reader.sealed_end().ok_or(CreateSnapshotError::Empty)?;
        Ok(self.take(&taking, through, name)?)
    }

    /// Takes a snapshot that ends with a sealed segment, and removes those that are not to be kept.
    ///
    /// # Errors
    /// [`DeriveError`].
    pub(super) fn take(
        &self,
        _taking: &MutexGuard<'_, ()>,
        through: u64,
        name: Option<&str>,
    ) -> Result<SnapshotInfo, DeriveError> {
        let begun = Instant::now();
        let taken = self.derive(through, name);
        let mut known = self.known();
        known.trouble = match &taken {
            Err(
                DeriveError::Io { source, .. }
                | DeriveError::Snapshot(SnapshotError::Io { source, .. }),
            ) => Some(source.kind()),
            _ => None,
        };
        drop(known);
        let info = taken?;
        self.remove_others();
        self.look();
        tracing::info!(
            sequence = info.sequence.get(),
            accounts = info.accounts,
            bytes = info.bytes,
            took = ?begun.elapsed(),
            "there is a snapshot"
        );
        Ok(info)
    }

    /// Waits for the one that is being taken, if one is.
    pub(super) fn taking(&self) -> MutexGuard<'_, ()> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn derive(&self, through: u64, name: Option<&str>) -> Result<SnapshotInfo, DeriveError> {
        let mut too_new = None;
        loop {
            let base = self.newest_before(through, too_new)?;
            if let Some(base) = &base
                && base.place().segment == through
                && name.is_none_or(|name| base.names().iter().any(|known| &**known == name))
            {
                return Ok(base.info());
            }
            let order = Order {
                vfs: &self.vfs,
                dir: &self.dir,
                database: self.database,
                base: base.as_ref(),
                through,
                names: name.map(Box::from).into_iter().collect(),
                in_memory_max: IN_MEMORY_MAX,
            };
            match self.derive_paced(&order) {
                // Whatever is wrong with it, an older one will do.
                Err(DeriveError::Snapshot(error)) if base.is_some() && !error.is_passing() => {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "a snapshot does not verify; the next is derived from an older one"
                    );
                    too_new = base.map(|base| base.standing().sequence);
                }
                derived => return derived,
            }
        }
    }

    fn derive_paced(&self, order: &Order<'_>) -> Result<SnapshotInfo, DeriveError> {
        let begun = sealing::Pace::new(Instant::now(), (self.appended)());
        let pace = Mutex::new((begun, 0_u64));
        let wait = |piece| {
            let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
            let (pace, done) = &mut *pace;
            *done += match piece {
                Piece::Read(_) if self.asking.load(Ordering::Relaxed) > 0 => 0,
                Piece::Read(bytes) | Piece::Written(bytes) => bytes,
            };
            match pace.pause(Instant::now(), *done, (self.appended)(), 1) {
                Some(pause) => !self.wait(pause),
                None => !self.is_stopping(),
            }
        };
        let path = derive(order, &Pace::new(&wait))?;
        Ok(Snapshot::open(&*self.vfs, &path)?.info())
    }

    /// The newest snapshot that can be begun with and ends no later than a segment. To take one
    /// that cannot be opened for the moment for damaged would mean to read the whole journal.
    fn newest_before(
        &self,
        through: u64,
        too_new: Option<Sequence>,
    ) -> Result<Option<Snapshot>, DeriveError> {
        let older = |sequence: &&Sequence| too_new.is_none_or(|too_new| **sequence < too_new);
        for &sequence in self.sequences()?.iter().rev().filter(older) {
            if let Some(snapshot) = self.open(sequence)?
                && snapshot.place().segment <= through
            {
                return Ok(Some(snapshot));
            }
        }
        Ok(None)
    }

    /// The last events of the snapshots that there are.
    fn sequences(&self) -> Result<BTreeSet<Sequence>, SnapshotError> {
        let survey = Survey::list(&*self.vfs, &self.dir);
        let survey = survey.map_err(SnapshotError::io(&self.dir))?;
        Ok(survey.snapshots)
    }

    /// A snapshot of this database, if it can be opened; an error only if it may be the next time.
    fn open(&self, sequence: Sequence) -> Result<Option<Snapshot>, SnapshotError> {
        let path = names::snapshot(&self.dir, sequence);
        match Snapshot::open(&*self.vfs, &path) {
            Ok(snapshot) if snapshot.place().database == self.database => Ok(Some(snapshot)),
            Ok(_) => Ok(None),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "a snapshot cannot be opened and is passed over"
                );
                Ok(None)
            }
        }
    }

    /// Removes the snapshots without a name that are older than the two newest. What cannot be
    /// removed is removed the next time.
    fn remove_others(&self) {
        let Ok(sequences) = self.sequences() else {
            return;
        };
        let newest_first = sequences.iter().rev();
        let unnamed = newest_first
            .filter_map(|&sequence| self.open(sequence).ok().flatten())
            .filter(|snapshot| snapshot.names().is_empty());
        let others: Vec<PathBuf> = unnamed
            .skip(KEPT)
            .map(|snapshot| snapshot.path().to_owned())
            .collect();
        for path in &others {
            if let Err(error) = self.remove(path) {
                tracing::warn!(%error, file = %path.display(), "cannot remove an old snapshot");
            }
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.vfs.remove(path)?;
        self.vfs.sync_dir(&self.dir)
    }

    /// Looks what there is. Where that cannot be told for the moment, it is as it was known to be.
    fn look(&self) {
        if let Err(error) = self.survey() {
            tracing::warn!(
                error = &error as &dyn Error,
                "which snapshots there are cannot be told for the moment"
            );
        }
    }

    /// As [`Snapshots::look`], for whom it matters that it is known.
    fn survey(&self) -> Result<(), SnapshotError> {
        let (mut snapshots, mut journal_bytes) = (Vec::new(), 0);
        for sequence in self.sequences()? {
            if let Some(snapshot) = self.open(sequence)? {
                journal_bytes = snapshot.place().journal_bytes;
                snapshots.push(snapshot.info());
            }
        }
        let mut known = self.known();
        (known.snapshots, known.journal_bytes) = (snapshots, journal_bytes);
        Ok(())
    }

    /// Waits so long, or until the thread is to end; whether it is.
    fn wait(&self, time: Duration) -> bool {
        let known = self.known();
        let waited = self
            .changed
            .wait_timeout_while(known, time, |_| !self.is_stopping());
        drop(waited);
        self.is_stopping()
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the engine may go on after no snapshot came of it: not where the journal or the books
/// are the cause.
///
/// # Errors
/// Why the engine has to end.
pub(crate) fn judge(error: &DeriveError) -> Result<(), Halt> {
    let halt = match error {
        DeriveError::Differs { .. } => Halt::BooksDiffer,
        DeriveError::Journal { .. } => Halt::JournalDamaged,
        DeriveError::Unreadable { .. } => Halt::JournalUnreadable,
        _ => {
            tracing::warn!(
                error = error as &dyn Error,
                "no snapshot can be taken; it is tried again"
            );
            return Ok(());
        }
    };
    tracing::error!(
        error = error as &dyn Error,
        "the journal does not add up while a snapshot is derived: nothing more is accepted"
    );
    Err(halt)
}
