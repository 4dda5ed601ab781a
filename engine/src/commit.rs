//! Making a group durable, and handing its answers over: in that order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::directory::Directory;
use crate::exchange::Exchange;
use crate::gathering::Group;
use crate::journal::{AppendError, Appended, Log, SegmentLog};
use crate::published::{Newest, Published};
use crate::queued::Ready;
use crate::sealing::Sealing;

/// The one way to the end of the journal, for the syncer and, when little is to be written, for
/// the writer itself.
pub(crate) struct Committer {
    /// `None` once the engine was shut down.
    log: Mutex<Option<Box<dyn Rolling>>>,
    published: Arc<Published>,
    exchange: Arc<Exchange>,
    directory: Option<Arc<Directory>>,
    sealing: Arc<Sealing>,
    /// The segment that was appended to last.
    segment: AtomicU64,
}

/// A log that is made of segments.
pub(crate) trait Rolling: Log {
    fn is_segment_empty(&self) -> bool;
    /// The number of the segment that is appended to; zero before the first frame.
    fn segment(&self) -> u64;
    fn roll(&mut self) -> Result<bool, AppendError>;
}

impl Rolling for SegmentLog {
    fn is_segment_empty(&self) -> bool {
        self.is_segment_empty()
    }

    fn segment(&self) -> u64 {
        self.segment()
    }

    fn roll(&mut self) -> Result<bool, AppendError> {
        self.roll()
    }
}

/// A group did not become durable, as far as anybody can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Uncommitted {
    /// Another history won: the state must be rebuilt from what is durable.
    Lost,
    /// Nothing may be written any more.
    Failed,
}

impl Committer {
    pub(crate) fn new(
        log: Box<dyn Rolling>,
        published: Arc<Published>,
        exchange: Arc<Exchange>,
        directory: Option<Arc<Directory>>,
        sealing: Arc<Sealing>,
    ) -> Self {
        Self {
            log: Mutex::new(Some(log)),
            published,
            exchange,
            directory,
            sealing,
            segment: AtomicU64::new(0),
        }
    }

    /// Writes and syncs the group's frame if there is anything to write, and then hands over the
    /// answers that waited for it.
    pub(crate) fn commit(&self, group: &mut Group) -> Result<(), Uncommitted> {
        if group.write
            && let Err(uncommitted) = self.append(group)
        {
            self.give_up(group.ready.drain(..));
            return Err(uncommitted);
        }
        let newest = self.published.newest();
        for ready in group.ready.drain(..) {
            // Before the reply, so that who sends again on receiving it finds the room.
            self.exchange.settle(ready.weight_bytes);
            ready.release(self.published.epoch, newest.hash);
        }
        Ok(())
    }

    /// Ends requests whose answers did not become durable: the outcome is unknown.
    pub(crate) fn give_up(&self, ready: impl Iterator<Item = Ready>) {
        for ready in ready {
            self.exchange.settle(ready.weight_bytes);
            drop(ready);
        }
    }

    fn append(&self, group: &mut Group) -> Result<(), Uncommitted> {
        let mut log = self.log();
        let log = log.as_mut().expect("nothing is committed after the end");
        self.published.set_appending(Some(Instant::now()));
        let appended = log.append(&group.frame);
        self.published.set_appending(None);
        match appended {
            Appended::Durable(durable) => {
                self.sealing.note_appended(group.frame.padded_bytes());
                self.published.advance(Newest {
                    sequence: durable.sequence,
                    time: group.frame.close_time(),
                    hash: durable.hash,
                });
                if let Some(directory) = &self.directory {
                    directory.publish(&mut group.names, durable.sequence);
                }
                group.names.clear();
                self.look_at_segment(&**log)
            }
            Appended::Lost => Err(Uncommitted::Lost),
            Appended::Failed(error) => {
                tracing::error!(
                    %error,
                    "writing the journal failed: nothing more is accepted; start again to recover"
                );
                Err(Uncommitted::Failed)
            }
        }
    }

    /// Has a segment sealed that the log has left.
    fn look_at_segment(&self, log: &dyn Rolling) -> Result<(), Uncommitted> {
        let (segment, before) = (log.segment(), self.segment.load(Ordering::Relaxed));
        self.segment.store(segment, Ordering::Relaxed);
        if segment == before || before == 0 {
            return Ok(());
        }
        self.sealing.segment_left().map_err(|halt| {
            self.exchange.end(halt);
            Uncommitted::Failed
        })
    }

    /// Whether the segment that is appended to holds nothing.
    pub(crate) fn is_segment_empty(&self) -> bool {
        self.log().as_ref().is_none_or(|log| log.is_segment_empty())
    }

    /// Goes on in the next segment, so that this one can be sealed.
    pub(crate) fn roll(&self) {
        let mut log = self.log();
        let Some(log) = log.as_mut() else { return };
        if let Err(error) = log.roll() {
            // The log has failed by this, and the next frame ends the engine.
            tracing::error!(%error, "the next segment of the journal cannot be used");
        }
        // What ends the engine here has ended it.
        let _ = self.look_at_segment(&**log);
    }

    /// Gives the journal's files and the lock on the data directory back.
    pub(crate) fn close(&self) {
        *self.log() = None;
    }

    fn log(&self) -> MutexGuard<'_, Option<Box<dyn Rolling>>> {
        // A log that panicked in the middle of an append must not be used; what it panicked with
        // ends the process, or in tests the engine.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
