//! Calls that wait for a request.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger_core::Transfer;
use tokio::time::Instant;

use super::batch::{Batch, Waiting};
use crate::retry::TimeLimit;
use crate::{ClientError, Coalesce, CreateOptions};

/// How many of the newest batches a call may still join. Only calls with ever different options
/// make more than one.
const JOINABLE_MAX: usize = 16;

/// The batches that wait for a worker, oldest first.
#[derive(Debug)]
pub(super) struct Queue {
    gatherings: VecDeque<Gathering>,
    waiting_events: usize,
    workers: usize,
    idle_workers: usize,
    /// Whether an idle worker was called and has not looked yet. One is enough: it takes a whole
    /// batch, and calls the next if there are more.
    called: bool,
    closed: bool,
}

impl Queue {
    pub(super) fn new(workers: usize) -> Self {
        Self {
            gatherings: VecDeque::new(),
            waiting_events: 0,
            workers,
            idle_workers: 0,
            called: false,
            closed: false,
        }
    }

    /// Counts the transfers of a call in, unless too many wait.
    pub(super) fn admit(&mut self, count: usize, limits: &Coalesce) -> Result<(), ClientError> {
        if self.workers == 0 {
            return Err(ClientError::Closed {
                outcome_unknown: false,
            });
        }
        let waiting_events_max = limits.waiting_events_max;
        if self.waiting_events + count > waiting_events_max {
            return Err(ClientError::TooManyWaiting { waiting_events_max });
        }
        self.waiting_events += count;
        Ok(())
    }

    /// The batch for a call of `count` transfers: the newest with equal options, if there is room
    /// in it.
    pub(super) fn gathering_for(
        &mut self,
        count: usize,
        options: &CreateOptions,
        limits: &Coalesce,
    ) -> &mut Gathering {
        let first_joinable = self.gatherings.len().saturating_sub(JOINABLE_MAX);
        // Only the newest with these options: joining an older one would overtake it.
        let newest = (first_joinable..self.gatherings.len())
            .rev()
            .find(|&place| self.gatherings[place].options == *options)
            .filter(|&place| self.gatherings[place].transfers.len() + count <= limits.events_max);
        let place = newest.unwrap_or_else(|| {
            self.gatherings.push_back(Gathering::new(options.clone()));
            self.gatherings.len() - 1
        });
        &mut self.gatherings[place]
    }

    /// The oldest batch in which somebody still waits.
    pub(super) fn take(&mut self) -> Option<Gathering> {
        self.called = false;
        while let Some(mut gathering) = self.gatherings.pop_front() {
            self.waiting_events -= gathering.transfers.len();
            if gathering.keep_waiting(Instant::now()) {
                return Some(gathering);
            }
        }
        None
    }

    pub(super) fn expire(&mut self, now: Instant) {
        for gathering in &mut self.gatherings {
            if gathering.earliest_end <= now {
                gathering.earliest_end = gathering.batch.expire(now, 0);
            }
        }
    }

    /// When the next call that waits here is to be told that its time is up.
    pub(super) fn earliest_end(&self) -> Option<Instant> {
        self.gatherings
            .iter()
            .map(|gathering| gathering.earliest_end)
            .min()
    }

    /// Whether nothing waits.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.gatherings.is_empty()
    }

    /// Whether an idle worker is to be called now; it then counts as called.
    pub(super) fn calls_for_a_worker(&mut self) -> bool {
        let calls = !self.called && self.idle_workers > 0 && !self.gatherings.is_empty();
        self.called |= calls;
        calls
    }

    pub(super) fn worker_idles(&mut self) {
        self.idle_workers += 1;
    }

    pub(super) fn worker_wakes(&mut self) {
        self.idle_workers -= 1;
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// A worker has ended. Without any, nobody would answer those who wait.
    pub(super) fn worker_ends(&mut self) {
        self.workers -= 1;
        if self.workers == 0 {
            self.waiting_events = 0;
            for gathering in self.gatherings.drain(..) {
                gathering.batch.answer(Err(ClientError::Closed {
                    outcome_unknown: false,
                }));
            }
        }
    }
}

/// A batch that calls may still join.
#[derive(Debug)]
pub(super) struct Gathering {
    pub(super) options: CreateOptions,
    pub(super) transfers: Vec<Transfer>,
    pub(super) batch: Arc<Batch>,
    earliest_end: Instant,
}

impl Gathering {
    fn new(options: CreateOptions) -> Self {
        Self {
            options,
            transfers: Vec::new(),
            batch: Arc::new(Batch::new()),
            earliest_end: Instant::now(),
        }
    }

    /// Adds a call's transfers.
    pub(super) fn add(
        &mut self,
        transfers: impl ExactSizeIterator<Item = Transfer>,
        limit: TimeLimit,
    ) -> Waiting {
        self.earliest_end = if self.transfers.is_empty() {
            limit.end
        } else {
            self.earliest_end.min(limit.end)
        };
        let first = self.transfers.len();
        let count = transfers.len();
        self.transfers.extend(transfers);
        Batch::join(&self.batch, first, count, limit)
    }

    /// Leaves out the calls that nobody waits for any more or whose time is up. Whether any is
    /// left.
    fn keep_waiting(&mut self, now: Instant) -> bool {
        if let Some(kept) = self.batch.leave(now) {
            let mut kept = kept.into_iter();
            self.transfers
                .retain(|_| kept.next().expect("each transfer is of one call"));
        }
        !self.transfers.is_empty()
    }
}
