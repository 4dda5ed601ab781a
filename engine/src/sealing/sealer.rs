//! What is done to one segment after the other.

use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use ledger_core::Event;

use super::Sealing;
use super::pace::Pace;
use crate::Halt;
use crate::journal::FinishedSegments;
use crate::journal::finished::{Companion, FinishError};

/// Seals what the log has left.
pub(crate) struct Sealer {
    finished: FinishedSegments,
    troubled: bool,
}

/// What became of one step.
pub(super) enum Done {
    /// There was nothing to do.
    Nothing,
    /// A segment was sealed; so long that took, waiting on purpose not included.
    Sealed { bytes: u64, working: Duration },
    /// The file system refused; it is to be tried again.
    Refused(io::ErrorKind),
    /// The thread is to end.
    BrokenOff,
}

impl Sealer {
    pub(crate) fn new(finished: FinishedSegments) -> Self {
        Self {
            finished,
            troubled: false,
        }
    }

    /// Segments that wait.
    pub(super) fn backlog(&self) -> u64 {
        self.finished.count()
    }

    /// Seals the oldest segment that waits.
    pub(super) fn step(&mut self, sealing: &Sealing) -> Result<Done, Halt> {
        let begun = Instant::now();
        let mut along = Along {
            sealing,
            pace: Pace::new(begun, sealing.appended()),
        };
        match self.finished.seal_next(&mut along) {
            Ok(None) => Ok(Done::Nothing),
            Ok(Some(footer)) => {
                self.troubled = false;
                tracing::debug!(
                    segment = footer.segment,
                    events = footer.event_count,
                    bytes = footer.frames_bytes,
                    took = ?begun.elapsed(),
                    "sealed a segment"
                );
                Ok(Done::Sealed {
                    bytes: footer.frames_bytes,
                    working: begun.elapsed().saturating_sub(along.pace.waited()),
                })
            }
            Err(error) => self.failed(&error),
        }
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
                return Ok(Done::Refused(source.kind()));
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

/// Keeps the pace and looks whether the engine goes on.
struct Along<'a> {
    sealing: &'a Sealing,
    pace: Pace,
}

impl Companion for Along<'_> {
    fn event(&mut self, _: &Event) {}

    fn pace(&mut self, written: u64) -> ControlFlow<()> {
        let sealing = self.sealing;
        if let Some(pause) = self.pace.pause(
            Instant::now(),
            written,
            sealing.appended(),
            sealing.backlog(),
        ) {
            sealing.wait(pause);
        }
        match sealing.is_stopping() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}
