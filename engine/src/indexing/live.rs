//! The runs that are live.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ledger_core::Sequence;

use crate::journal::names::{self, Name};
use crate::journal::sealed::{Footer, SealedError, SealedFile};
use crate::journal::{Ending, RecoveryError};
use crate::runs::{Covered, Run, RunError, RunSet};
use crate::vfs::{self, Vfs};

/// The index as it is at each moment. Whoever asks takes it as it is and keeps it for as long as
/// the question takes; files that are removed meanwhile stay readable until then.
#[derive(Debug)]
pub(crate) struct LiveRuns {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    current: RwLock<Arc<RunSet>>,
    /// The last event that `current` covers.
    through: AtomicU64,
    /// Those of `current`, and those behind a gap.
    all: Mutex<Vec<Arc<Run>>>,
}

/// At a start, the ids of so many segments without a run are kept in memory. Some of them may be
/// empty, since space is prepared ahead.
const SEGMENTS_IN_MEMORY: u64 = 10;

impl LiveRuns {
    /// None yet; see [`LiveRuns::open`].
    pub(crate) fn new(vfs: Arc<dyn Vfs>, dir: PathBuf) -> Self {
        Self {
            vfs,
            dir,
            current: RwLock::default(),
            through: AtomicU64::new(0),
            all: Mutex::default(),
        }
    }

    /// Opens the runs in the directory, which this process alone uses, and changes nothing there.
    /// Those that cannot be opened are left out; they are made again.
    ///
    /// Tells the first event whose ids a replay is to keep in memory, because no run has them;
    /// nothing if there are too many of them, so that they wait for their runs instead.
    ///
    /// # Errors
    /// If the directory cannot be read, or files cannot be opened for the moment: to make runs
    /// again for that would take far longer than another start.
    pub(crate) fn open(&self) -> Result<Option<Sequence>, RecoveryError> {
        let (mut runs, mut newest_segment) = (Vec::new(), 0);
        let listed = self.vfs.list(&self.dir);
        for name in listed.map_err(RecoveryError::io(&self.dir))? {
            match names::read(&name) {
                Name::Active(number) | Name::Sealed(number) => {
                    newest_segment = newest_segment.max(number);
                }
                Name::Run(first, last) => runs.extend(self.open_run(&name, first, last)?),
                _ => {}
            }
        }
        let mut all = self.all();
        *all = runs;
        drop(self.choose(&mut all));
        drop(all);
        let current = self.current();
        let covered = current.runs().last();
        let covered = covered.map_or(0, |run| *run.covered().segments.end());
        let without = newest_segment.saturating_sub(covered);
        Ok((without <= SEGMENTS_IN_MEMORY).then(|| current.through().next()))
    }

    /// A run that is what its name says, of segments that are there.
    fn open_run(
        &self,
        name: &str,
        first: Sequence,
        last: Sequence,
    ) -> Result<Option<Arc<Run>>, RecoveryError> {
        match Run::open(&self.vfs, &self.dir.join(name)) {
            Ok(run) if (run.covered().first, run.covered().last) == (first, last) => {
                // One that reaches beyond the journal must not keep a replay from noting the ids
                // of what is there.
                let covered = run.covered();
                let is_ours = self.is_ours(covered, covered.database, covered.last)?;
                Ok(is_ours.then(|| Arc::new(run)))
            }
            Ok(_) => {
                tracing::warn!(file = name, "a run covers other events than its name says");
                Ok(None)
            }
            Err(RunError::Read { file, source, .. }) if vfs::passes(&source) => {
                Err(RecoveryError::Io { file, source })
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "a run cannot be used; it is made again from the journal"
                );
                Ok(None)
            }
        }
    }

    /// Whether a run says that the journal once was longer than it is: it is made of sealed
    /// segments alone, so whatever it tells of was acknowledged. Nothing was changed yet.
    ///
    /// A run of another epoch tells of another history. So does one of a segment that the journal
    /// has, sealed and with another end: two copies of the directory went on then.
    ///
    /// # Errors
    /// [`RecoveryError::RunAhead`]; and [`RecoveryError::Io`] for a run that cannot be read.
    pub(crate) fn check_end(&self, ending: &Ending) -> Result<(), RecoveryError> {
        let listed = self.vfs.list(&self.dir);
        for name in listed.map_err(RecoveryError::io(&self.dir))? {
            let Name::Run(_, last) = names::read(&name) else {
                continue;
            };
            let file = self.dir.join(name);
            if last <= ending.sequence {
                continue;
            }
            let covered = match Run::covered_by(&self.vfs, &file) {
                Ok(covered) => covered,
                Err(RunError::Read { source, .. }) => return Err(RecoveryError::io(&file)(source)),
                // What does not verify says nothing.
                Err(_) => continue,
            };
            if self.is_of_lost(&covered, ending)? {
                return Err(RecoveryError::RunAhead {
                    dir: self.dir.clone(),
                    file,
                    sequence: covered.last,
                    journal: ending.sequence,
                });
            }
        }
        Ok(())
    }

    /// Whether a run covers events of this history that the journal does not have.
    fn is_of_lost(&self, covered: &Covered, ending: &Ending) -> Result<bool, RecoveryError> {
        let is_ahead = (covered.database, covered.epoch) == (ending.database, ending.epoch)
            && covered.last > ending.sequence;
        let own = self.footer(*covered.segments.end())?;
        Ok(is_ahead && !matches!(own, Ok(Ok(_))))
    }

    /// The end of a segment, if it is sealed and can be read; an error by itself if that is only
    /// for the moment.
    fn footer(
        &self,
        segment: u64,
    ) -> Result<io::Result<Result<Footer, SealedError>>, RecoveryError> {
        match SealedFile::footer(&self.vfs, &self.dir, segment) {
            Err(error) if vfs::passes(&error) => {
                let file = names::sealed(&self.dir, segment);
                Err(RecoveryError::io(&file)(error))
            }
            footer => Ok(footer),
        }
    }

    /// Once the journal is open, and this process alone uses the directory: lets go of runs that
    /// are not about this journal, and removes every file of a run that is not live.
    ///
    /// # Errors
    /// If files cannot be opened for the moment.
    pub(crate) fn settle(&self, database: u128, end: Sequence) -> Result<(), RecoveryError> {
        let mut all = self.all();
        for run in std::mem::take(&mut *all) {
            if self.is_ours(run.covered(), database, end)? {
                all.push(run);
            }
        }
        drop(self.choose(&mut all));
        let live: Vec<&Path> = all.iter().map(|run| run.path()).collect();
        let Ok(listed) = self.vfs.list(&self.dir) else {
            return Ok(());
        };
        for name in listed {
            let path = self.dir.join(&name);
            if matches!(names::read(&name), Name::Run(..)) && !live.contains(&path.as_path()) {
                self.remove(&path);
            }
        }
        Ok(())
    }

    /// Whether a run tells of events of this journal: its last segment ends with the same frame.
    fn is_ours(
        &self,
        covered: &Covered,
        database: u128,
        end: Sequence,
    ) -> Result<bool, RecoveryError> {
        let footer = self.footer(*covered.segments.end())?;
        let ours = covered.database == database
            && covered.last <= end
            && matches!(footer, Ok(Ok(footer)) if footer.last_hash == covered.last_hash
                && footer.database == covered.database);
        if !ours {
            tracing::warn!(
                first = covered.first.get(),
                last = covered.last.get(),
                "a run is not about this journal and is not used"
            );
        }
        Ok(ours)
    }

    /// The index as it is now.
    pub(crate) fn current(&self) -> Arc<RunSet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The last event that it covers.
    pub(crate) fn through(&self) -> Sequence {
        Sequence::new(self.through.load(Ordering::Acquire))
    }

    /// Adds a run, which is durable. What it covers is no longer needed and is removed.
    pub(crate) fn publish(&self, run: Run) {
        let mut all = self.all();
        all.push(Arc::new(run));
        let superseded = self.choose(&mut all);
        let live: Vec<&Path> = all.iter().map(|run| run.path()).collect();
        for run in superseded {
            // A run that was made again has the name of the one before it.
            if !live.contains(&run.path()) {
                self.remove(run.path());
            }
        }
    }

    /// Lets go of a run that turned out to be damaged. From here on the index reaches no further
    /// than to the gap that it leaves. A run that cannot be read only for the moment stays.
    pub(crate) fn discard(&self, error: &RunError) {
        if error.is_passing() {
            tracing::warn!(
                error = error as &dyn Error,
                "a run cannot be read for the moment"
            );
            return;
        }
        let file = error.file();
        let mut all = self.all();
        let before = all.len();
        all.retain(|run| Some(run.path()) != file);
        if all.len() < before {
            tracing::error!(
                error = error as &dyn Error,
                "a run cannot be read; it is made again from the journal, and writes are refused \
                 until it is"
            );
            drop(self.choose(&mut all));
            if let Some(file) = file {
                self.remove(file);
            }
        }
    }

    /// Chooses among all runs; those that are superseded are given back.
    fn choose(&self, all: &mut Vec<Arc<Run>>) -> Vec<Arc<Run>> {
        let chosen = RunSet::choose(std::mem::take(all));
        all.extend(chosen.set.runs().iter().cloned());
        all.extend(chosen.apart);
        let through = chosen.set.through();
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(chosen.set);
        self.through.store(through.get(), Ordering::Release);
        chosen.superseded
    }

    fn remove(&self, path: &Path) {
        match self.vfs.remove(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, file = %path.display(), "cannot remove a run");
            }
            _ => {}
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Run>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
