//! Where producers, the writer and the syncer meet: one lock, held for a few instructions.
//!
//! - A producer puts a request in; if the queue is full in bytes it is refused at once.
//! - The writer takes everything that waits, all at once, and hands a gathered group over when the
//!   syncer is free.
//! - Nobody is woken who is not asleep, so a busy engine makes no system call for a request.

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::gathering::Group;
use crate::queued::Queued;
use crate::{Halt, Health, Refused};

/// See the module.
pub(crate) struct Exchange {
    meeting: Mutex<Meeting>,
    writer_wakes: Condvar,
    syncer_wakes: Condvar,
    end_wakes: Condvar,
    /// Bytes of requests that were admitted and whose reply was not handed over yet.
    bytes: AtomicUsize,
    requests: AtomicUsize,
    bytes_max: usize,
}

struct Meeting {
    phase: Phase,
    waiting: VecDeque<Queued>,
    desk: Desk,
    writer_sleeps: bool,
    /// The writer sleeps and would not look at requests: only the syncer is to wake it.
    writer_awaits_syncer: bool,
    syncer_sleeps: bool,
    /// Somebody wants the writer to look around although no request waits.
    nudged: bool,
    /// Requests that were admitted and whose old ids are still looked up.
    resolving: usize,
}

/// What the engine does with requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Takes them.
    Serving,
    /// Takes no more; answers those it has and ends cleanly.
    Draining,
    /// Ends as if the process had died: nothing more is decided or marked.
    Abandoned,
    /// Has ended.
    Ended(Halt),
}

/// What lies between the writer and the syncer.
enum Desk {
    /// The syncer is free.
    Free,
    /// A group is handed over.
    Handed(Group),
    /// The syncer works on a group.
    Taken,
    /// The syncer is done; the group is emptied and can gather again.
    Returned(Group),
    /// The group in sync was lost: another history won.
    Lost,
}

/// What became of a group that was handed over.
pub(crate) enum Returned {
    /// It is durable, and emptied to gather again.
    Emptied(Group),
    /// It is not, because another history won.
    Lost,
}

impl Exchange {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            meeting: Mutex::new(Meeting {
                phase: Phase::Serving,
                waiting: VecDeque::new(),
                desk: Desk::Free,
                writer_sleeps: false,
                writer_awaits_syncer: false,
                syncer_sleeps: false,
                nudged: false,
                resolving: 0,
            }),
            writer_wakes: Condvar::new(),
            syncer_wakes: Condvar::new(),
            end_wakes: Condvar::new(),
            bytes: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            bytes_max,
        }
    }

    fn meeting(&self) -> MutexGuard<'_, Meeting> {
        // Nothing that can panic runs under the lock, so what it guards is whole.
        self.meeting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a request, or refuses it at once.
    pub(crate) fn put(&self, queued: Queued) -> Result<(), Refused> {
        let weight = queued.weight_bytes;
        let mut meeting = self.meeting();
        if let Err(refused) = self.admit(meeting.phase, weight) {
            drop(meeting);
            queued.withdraw();
            return Err(refused);
        }
        self.bytes.fetch_add(weight, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        meeting.waiting.push_back(queued);
        if mem::take(&mut meeting.writer_sleeps) {
            drop(meeting);
            self.writer_wakes.notify_one();
        }
        Ok(())
    }

    /// Admits a request whose old ids are still to be looked up, or refuses it at once. It is
    /// owed a [`Exchange::put_resolved`] or a [`Exchange::withdraw`].
    pub(crate) fn put_aside(&self, weight: usize) -> Result<(), Refused> {
        let mut meeting = self.meeting();
        self.admit(meeting.phase, weight)?;
        self.bytes.fetch_add(weight, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        meeting.resolving += 1;
        Ok(())
    }

    /// For the writer: a request that it took goes back to where old ids are looked up.
    pub(crate) fn put_back(&self) {
        self.meeting().resolving += 1;
    }

    /// Queues a request whose old ids were looked up. Once the engine has ended, its outcome is
    /// unknown, though in truth nothing of it was applied.
    pub(crate) fn put_resolved(&self, queued: Queued) {
        let mut meeting = self.meeting();
        meeting.resolving -= 1;
        if matches!(meeting.phase, Phase::Abandoned | Phase::Ended(_)) {
            drop(meeting);
            self.settle(queued.weight_bytes);
            drop(queued);
            return;
        }
        meeting.waiting.push_back(queued);
        if mem::take(&mut meeting.writer_sleeps) {
            drop(meeting);
            self.writer_wakes.notify_one();
        }
    }

    /// A request that was admitted is not decided after all.
    pub(crate) fn withdraw(&self, weight: usize) {
        let mut meeting = self.meeting();
        meeting.resolving -= 1;
        // The writer may have waited for nothing else before it ends.
        let wakes = mem::take(&mut meeting.writer_sleeps);
        drop(meeting);
        self.settle(weight);
        if wakes {
            self.writer_wakes.notify_one();
        }
    }

    /// Whether requests that were admitted are still to come to the writer. One that came back
    /// after the writer last took some is among them.
    pub(crate) fn is_owed(&self) -> bool {
        let meeting = self.meeting();
        meeting.resolving != 0 || !meeting.waiting.is_empty()
    }

    fn admit(&self, phase: Phase, weight: usize) -> Result<(), Refused> {
        match phase {
            Phase::Serving => {}
            Phase::Draining | Phase::Abandoned | Phase::Ended(Halt::Stopped) => {
                return Err(Refused::Draining);
            }
            Phase::Ended(_) => return Err(Refused::Halted),
        }
        let queued_bytes = self.bytes.load(Ordering::Relaxed);
        // A request that is alone is admitted whatever it weighs, or it never could be.
        if queued_bytes != 0 && queued_bytes.saturating_add(weight) > self.bytes_max {
            return Err(Refused::QueueFull {
                queued_bytes,
                queue_bytes_max: self.bytes_max,
            });
        }
        Ok(())
    }

    /// Takes the weight of a request off, because its reply is being handed over.
    pub(crate) fn settle(&self, weight_bytes: usize) {
        self.bytes.fetch_sub(weight_bytes, Ordering::Relaxed);
        self.requests.fetch_sub(1, Ordering::Relaxed);
    }

    /// What is in work: bytes and requests.
    pub(crate) fn load(&self) -> (usize, usize) {
        (
            self.bytes.load(Ordering::Relaxed),
            self.requests.load(Ordering::Relaxed),
        )
    }

    /// What may be in work, in bytes.
    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Makes the writer look around: time moved, or space came back.
    pub(crate) fn nudge(&self) {
        let mut meeting = self.meeting();
        meeting.nudged = true;
        if mem::take(&mut meeting.writer_sleeps) {
            drop(meeting);
            self.writer_wakes.notify_one();
        }
    }

    /// Moves all that waits into the empty `batch`. If nothing waits, sleeps until something
    /// does, or the syncer is free although the writer has `gathered` something, or the phase
    /// changes, or somebody nudges, or `timeout` is over.
    pub(crate) fn take_all(
        &self,
        batch: &mut VecDeque<Queued>,
        gathered: bool,
        timeout: Option<Duration>,
    ) -> Phase {
        assert!(
            batch.is_empty(),
            "a batch is decided whole before the next one is taken"
        );
        let mut meeting = self.meeting();
        loop {
            let nothing_comes = match meeting.phase {
                Phase::Serving => false,
                Phase::Draining => !gathered && meeting.resolving == 0,
                Phase::Abandoned | Phase::Ended(_) => true,
            };
            let woken = mem::take(&mut meeting.nudged)
                || !meeting.waiting.is_empty()
                || (gathered && meeting.desk.is_free())
                || nothing_comes;
            if woken {
                break;
            }
            meeting.writer_sleeps = true;
            match timeout {
                None => {
                    meeting = self
                        .writer_wakes
                        .wait(meeting)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                Some(timeout) => {
                    let (woken, result) = self
                        .writer_wakes
                        .wait_timeout(meeting, timeout)
                        .unwrap_or_else(PoisonError::into_inner);
                    meeting = woken;
                    if result.timed_out() {
                        break;
                    }
                }
            }
        }
        meeting.writer_sleeps = false;
        mem::swap(batch, &mut meeting.waiting);
        meeting.phase
    }

    /// Waits until the syncer is free, or the engine has ended or was abandoned.
    pub(crate) fn wait_for_syncer(&self) -> Phase {
        let mut meeting = self.meeting();
        while !meeting.desk.is_free() && matches!(meeting.phase, Phase::Serving | Phase::Draining) {
            meeting.writer_awaits_syncer = true;
            meeting = self
                .writer_wakes
                .wait(meeting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        meeting.writer_awaits_syncer = false;
        meeting.phase
    }

    /// Whether the syncer has nothing to do.
    pub(crate) fn syncer_is_free(&self) -> bool {
        self.meeting().desk.is_free()
    }

    /// Whether a request waits.
    pub(crate) fn is_waited_for(&self) -> bool {
        !self.meeting().waiting.is_empty()
    }

    /// Gives a gathered group to the syncer, which must be free.
    pub(crate) fn hand_over(&self, group: Group) {
        let mut meeting = self.meeting();
        assert!(meeting.desk.is_free(), "at most one group is in sync");
        meeting.desk = Desk::Handed(group);
        if mem::take(&mut meeting.syncer_sleeps) {
            drop(meeting);
            self.syncer_wakes.notify_one();
        }
    }

    /// What became of the group that was handed over, once the syncer is free again.
    pub(crate) fn take_returned(&self) -> Option<Returned> {
        let mut meeting = self.meeting();
        match mem::replace(&mut meeting.desk, Desk::Free) {
            Desk::Returned(group) => Some(Returned::Emptied(group)),
            Desk::Lost => Some(Returned::Lost),
            other => {
                meeting.desk = other;
                None
            }
        }
    }

    /// For the syncer: waits for a group. `None` when there will be none any more.
    pub(crate) fn next_group(&self) -> Option<Group> {
        let mut meeting = self.meeting();
        loop {
            match mem::replace(&mut meeting.desk, Desk::Taken) {
                Desk::Handed(group) => return Some(group),
                other => meeting.desk = other,
            }
            if matches!(meeting.phase, Phase::Abandoned | Phase::Ended(_)) {
                return None;
            }
            meeting.syncer_sleeps = true;
            meeting = self
                .syncer_wakes
                .wait(meeting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// For the syncer: gives the emptied group back and is free.
    pub(crate) fn give_back(&self, group: Group) {
        self.finish(Desk::Returned(group));
    }

    /// For the syncer: the group did not become durable because another history won.
    pub(crate) fn lose(&self) {
        self.finish(Desk::Lost);
    }

    fn finish(&self, desk: Desk) {
        let mut meeting = self.meeting();
        meeting.desk = desk;
        let asleep = mem::take(&mut meeting.writer_sleeps);
        if mem::take(&mut meeting.writer_awaits_syncer) || asleep {
            drop(meeting);
            self.writer_wakes.notify_one();
        }
    }

    /// Takes no more requests. Those that were admitted are still answered.
    pub(crate) fn drain(&self) {
        self.enter(|phase| phase == Phase::Serving, Phase::Draining);
    }

    /// Ends as if the process had died.
    pub(crate) fn abandon(&self) {
        self.enter(
            |phase| matches!(phase, Phase::Serving | Phase::Draining),
            Phase::Abandoned,
        );
    }

    /// Has ended, and why; the first reason stands. Whoever still waits is told.
    pub(crate) fn end(&self, halt: Halt) {
        self.enter(
            |phase| !matches!(phase, Phase::Ended(_)),
            Phase::Ended(halt),
        );
        let mut meeting = self.meeting();
        let waiting = mem::take(&mut meeting.waiting);
        let desk = match meeting.desk {
            Desk::Handed(_) => Some(mem::replace(&mut meeting.desk, Desk::Free)),
            _ => None,
        };
        // Promises are kept by dropping them, which must not happen under the lock.
        drop(meeting);
        drop((waiting, desk));
    }

    fn enter(&self, from: impl FnOnce(Phase) -> bool, to: Phase) {
        let mut meeting = self.meeting();
        if from(meeting.phase) {
            meeting.phase = to;
        }
        meeting.writer_sleeps = false;
        meeting.writer_awaits_syncer = false;
        meeting.syncer_sleeps = false;
        drop(meeting);
        self.writer_wakes.notify_all();
        self.syncer_wakes.notify_all();
        self.end_wakes.notify_all();
    }

    /// What the engine does with requests at the moment.
    pub(crate) fn phase(&self) -> Phase {
        self.meeting().phase
    }

    /// Waits until the engine has ended, and tells why.
    pub(crate) fn wait_ended(&self) -> Halt {
        let mut meeting = self.meeting();
        loop {
            if let Phase::Ended(halt) = meeting.phase {
                return halt;
            }
            meeting = self
                .end_wakes
                .wait(meeting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Desk {
    fn is_free(&self) -> bool {
        matches!(self, Self::Free | Self::Returned(_) | Self::Lost)
    }
}

impl Phase {
    /// What this means for somebody who would send a request.
    pub(crate) fn health(self) -> Health {
        match self {
            Self::Serving => Health::Serving,
            Self::Draining | Self::Abandoned => Health::Draining,
            Self::Ended(Halt::Stopped) => Health::Stopped,
            Self::Ended(_) => Health::Halted,
        }
    }
}
