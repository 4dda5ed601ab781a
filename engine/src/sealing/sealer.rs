//! What is done to one segment after the other.

use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::Event;

use super::Sealing;
use super::pace::Pace;
use crate::Halt;
use crate::indexing::{Indexed, Indexer};
use crate::journal::FinishedSegments;
use crate::journal::finished::{Companion, FinishError};
use crate::merging::Merging;

/// How often it is told how far the making of missing runs has come.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

/// Seals what the log has left, and makes the runs of what is sealed.
pub(crate) struct Sealer {
    finished: FinishedSegments,
    indexer: Indexer,
    merging: Arc<Merging>,
    /// Whether the last attempt to seal was refused.
    troubled: bool,
    /// Whether the last attempt to make a missing run was refused.
    index_troubled: bool,
    told: Option<Instant>,
}

/// What became of one step.
pub(super) enum Done {
    /// There was nothing to do.
    Nothing,
    /// A segment was sealed; so long that took, waiting on purpose not included.
    Sealed { bytes: u64, working: Duration },
    /// A run that was missing was made.
    Indexed,
    /// The file system refused the sealed file; it is to be tried again.
    NotSealed(io::ErrorKind),
    /// The file system refused a run; it is to be tried again, and sealing goes on without.
    NotIndexed(io::ErrorKind),
    /// The thread is to end.
    BrokenOff,
}

impl Sealer {
    pub(crate) fn new(finished: FinishedSegments, indexer: Indexer, merging: Arc<Merging>) -> Self {
        Self {
            finished,
            indexer,
            merging,
            troubled: false,
            index_troubled: false,
            told: None,
        }
    }

    /// Segments that wait.
    pub(super) fn backlog(&self) -> u64 {
        self.finished.count()
    }

    /// Why the index cannot be written, while it cannot.
    pub(super) fn is_index_troubled(&self) -> bool {
        self.index_troubled
    }

    /// Begins another round: what was refused is tried again.
    pub(super) fn begin_round(&mut self) {
        self.index_troubled = false;
    }

    /// Makes the oldest run that is missing, or else seals the oldest segment that waits.
    pub(super) fn step(&mut self, sealing: &Sealing) -> Result<Done, Halt> {
        let is_gap = self.indexer.through().next() < self.finished.next_sequence();
        if is_gap && !self.index_troubled {
            return self.make_missing(sealing);
        }
        self.seal(sealing)
    }

    fn make_missing(&mut self, sealing: &Sealing) -> Result<Done, Halt> {
        let mut progress = Progress::new(sealing, Instant::now());
        match self
            .indexer
            .make_missing(&mut |bytes| progress.go_on(bytes))?
        {
            Indexed::Live => {
                self.tell();
                self.merging.run_added();
                Ok(Done::Indexed)
            }
            Indexed::Refused(kind) => {
                self.index_troubled = true;
                Ok(Done::NotIndexed(kind))
            }
            Indexed::BrokenOff => Ok(Done::BrokenOff),
        }
    }

    fn tell(&mut self) {
        let (through, end) = (self.indexer.through(), self.finished.next_sequence());
        let due = self
            .told
            .is_none_or(|told| told.elapsed() >= PROGRESS_EVERY);
        if due || through.next() == end {
            self.told = Some(Instant::now());
            tracing::info!(
                done = through.get(),
                of = end.get() - 1,
                "making index runs that are missing"
            );
        }
    }

    fn seal(&mut self, sealing: &Sealing) -> Result<Done, Halt> {
        let begun = Instant::now();
        self.indexer.begin(self.finished.next_sequence());
        let mut along = Along {
            indexer: &mut self.indexer,
            progress: Progress::new(sealing, begun),
        };
        let footer = match self.finished.seal_next(&mut along) {
            Ok(Some(footer)) => footer,
            Ok(None) => return Ok(Done::Nothing),
            Err(error) => return self.failed(&error),
        };
        let Along {
            indexer,
            mut progress,
        } = along;
        self.troubled = false;
        // Even if the run cannot be written, the segment is sealed; the run is made later.
        match indexer.finish(&footer, &mut |bytes| progress.go_on(bytes)) {
            Indexed::Live => self.merging.run_added(),
            Indexed::Refused(_) => self.index_troubled = true,
            Indexed::BrokenOff => return Ok(Done::BrokenOff),
        }
        tracing::debug!(
            segment = footer.segment,
            events = footer.event_count,
            bytes = footer.frames_bytes,
            took = ?begun.elapsed(),
            "sealed a segment"
        );
        Ok(Done::Sealed {
            bytes: footer.frames_bytes,
            working: begun.elapsed().saturating_sub(progress.pace.waited()),
        })
    }

    fn failed(&mut self, error: &FinishError) -> Result<Done, Halt> {
        let halt = match error {
            FinishError::BrokenOff => return Ok(Done::BrokenOff),
            FinishError::Refused { source, .. } => {
                if !self.troubled {
                    self.troubled = true;
                    tracing::warn!(
                        error = error as &dyn Error,
                        "a segment cannot be sealed; it is tried again"
                    );
                }
                return Ok(Done::NotSealed(source.kind()));
            }
            FinishError::Unsure { .. } => Halt::JournalFailed,
            FinishError::Unreadable { .. } => Halt::JournalUnreadable,
            FinishError::Damaged { .. } | FinishError::ReadBack(_) => Halt::JournalDamaged,
        };
        tracing::error!(
            error = error as &dyn Error,
            "a segment cannot be sealed: nothing more is accepted"
        );
        Err(halt)
    }
}

/// Hands the events on, and keeps the pace.
struct Along<'a> {
    indexer: &'a mut Indexer,
    progress: Progress<'a>,
}

impl Companion for Along<'_> {
    fn event(&mut self, event: &Event) {
        self.indexer.add(event);
    }

    fn pace(&mut self, written: u64) -> ControlFlow<()> {
        self.progress.wait(written)
    }
}

/// Keeps the pace and looks whether the engine goes on.
struct Progress<'a> {
    sealing: &'a Sealing,
    pace: Pace,
    /// Bytes written before the file that is written now, and of it.
    written: u64,
}

impl<'a> Progress<'a> {
    fn new(sealing: &'a Sealing, begun: Instant) -> Self {
        Self {
            sealing,
            pace: Pace::new(begun, sealing.appended()),
            written: 0,
        }
    }

    /// So many more bytes are written.
    fn go_on(&mut self, bytes: u64) -> ControlFlow<()> {
        self.wait(self.written + bytes)
    }

    fn wait(&mut self, written: u64) -> ControlFlow<()> {
        self.written = written;
        let sealing = self.sealing;
        let (appended, backlog) = (sealing.appended(), sealing.backlog());
        if let Some(pause) = self.pace.pause(Instant::now(), written, appended, backlog) {
            sealing.wait(pause);
        }
        match sealing.is_stopping() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}
