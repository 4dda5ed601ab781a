//! Many callers, few requests: calls that come while requests are under way travel together in
//! the next one.
//!
//! A call is put into a batch under one short lock and then only waits; nothing is allocated,
//! spawned or timed for it alone. A fixed number of workers take batches in order, so at most that
//! many requests are under way; a batch grows for as long as all of them are busy.
//!
//! # Invariants
//! - Calls travel together only if their options are equal.
//! - The transfers of one call stay together and in order; calls keep the order in which they
//!   came.
//! - Every call is answered once: by its request, at its own deadline, or when the workers end.
//! - A call that is dropped, or whose time is up, before its request leaves is never sent.

mod batch;
mod gathering;
mod worker;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger_core::{Transfer, TransferAnswer, TransferAnswers, TransferFlags};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::retry::TimeLimit;
use crate::{Answer, ClientError, Coalesce, CreateOptions};
use batch::Waiting;
use gathering::{Gathering, Queue};

/// What brings a request to the server and its answer back.
pub(crate) trait Carrier: Send + Sync + 'static {
    /// Makes the request, again if it must be, until it is answered or its time is up.
    fn carry(
        &self,
        transfers: Vec<Transfer>,
        options: &CreateOptions,
        limit: TimeLimit,
    ) -> impl Future<Output = Result<Answer<TransferAnswers>, ClientError>> + Send;
}

/// Whether transfers may share a request with those of other calls. Those may not whose answer
/// would depend on their neighbours, or that could spoil the whole request.
pub(crate) fn may_travel_together(transfers: &[Transfer]) -> bool {
    transfers.iter().all(|transfer| {
        !transfer.flags.contains(TransferFlags::IMPORTED)
            && transfer.reference.len() <= Transfer::REFERENCE_BYTES_MAX
    }) && transfers
        .last()
        .is_some_and(|last| !last.flags.contains(TransferFlags::LINKED))
}

/// Gathers calls. Its workers end with the last handle.
#[derive(Debug)]
pub(crate) struct Coalescer {
    shared: Arc<Shared>,
}

/// What callers and workers share.
#[derive(Debug)]
struct Shared {
    limits: Coalesce,
    queue: Mutex<Queue>,
    /// Tells an idle worker that a call came.
    work: Notify,
    /// Tells a busy worker that a call came whose time is up sooner than that of all others.
    sooner: Notify,
}

impl Coalescer {
    /// Starts the workers in the current runtime.
    ///
    /// # Panics
    /// If a request could hold nothing or more than the server takes, or none could be under way.
    pub(crate) fn start(limits: Coalesce, carrier: &Arc<impl Carrier>) -> Self {
        assert!(
            (1..=Coalesce::EVENTS_MAX).contains(&limits.events_max),
            "`Coalesce::events_max` is 1 to {}",
            Coalesce::EVENTS_MAX
        );
        assert!(
            limits.in_flight_max > 0,
            "`Coalesce::in_flight_max` is at least 1"
        );
        let shared = Arc::new(Shared {
            limits,
            queue: Mutex::new(Queue::new(limits.in_flight_max)),
            work: Notify::new(),
            sooner: Notify::new(),
        });
        for _ in 0..limits.in_flight_max {
            tokio::spawn(worker::work(Arc::clone(&shared), Arc::clone(carrier)));
        }
        Self { shared }
    }

    /// The most transfers that one call may bring.
    pub(crate) fn events_max(&self) -> usize {
        self.shared.limits.events_max
    }

    /// Has one transfer decided.
    pub(crate) async fn transfer(
        &self,
        transfer: Transfer,
        limit: TimeLimit,
    ) -> Result<Answer<TransferAnswer>, ClientError> {
        let options = CreateOptions::default();
        let mut answered = self.shared.join([transfer], &options, limit)?;
        let answer = (&mut answered).await?;
        Ok(answer.single())
    }

    /// Has several transfers decided, kept together.
    pub(crate) async fn transfers(
        &self,
        transfers: Vec<Transfer>,
        options: &CreateOptions,
        limit: TimeLimit,
    ) -> Result<Answer<TransferAnswers>, ClientError> {
        let mut answered = self.shared.join(transfers, options, limit)?;
        let answer = (&mut answered).await?;
        Ok(answer.several())
    }
}

impl Drop for Coalescer {
    fn drop(&mut self) {
        // Calls borrow the coalescer, so none waits any more.
        self.shared.queue().close();
        self.shared.work.notify_waiters();
        // A worker that is between looking at the queue and waiting finds this.
        self.shared.work.notify_one();
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A panic of one caller must not take the others along; the queue is changed in steps
        // that cannot panic half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a call into the batch that leaves next, or into a new one.
    fn join<T>(
        &self,
        transfers: T,
        options: &CreateOptions,
        limit: TimeLimit,
    ) -> Result<Waiting, ClientError>
    where
        T: IntoIterator<Item = Transfer, IntoIter: ExactSizeIterator>,
    {
        let transfers = transfers.into_iter();
        let count = transfers.len();
        assert!(
            (1..=self.limits.events_max).contains(&count),
            "a coalesced call fits a request"
        );
        let mut queue = self.queue();
        queue.admit(count, &self.limits)?;
        let sooner = queue
            .earliest_end()
            .is_none_or(|earliest_end| limit.end < earliest_end);
        let waiting = queue
            .gathering_for(count, options, &self.limits)
            .add(transfers, limit);
        let calls = queue.calls_for_a_worker();
        drop(queue);
        if calls {
            self.work.notify_one();
        } else if sooner {
            self.sooner.notify_one();
        }
        Ok(waiting)
    }

    /// The next batch that has calls in it, or `None` once the coalescer is gone.
    async fn next(&self) -> Option<Gathering> {
        loop {
            {
                let mut queue = self.queue();
                if let Some(gathering) = queue.take() {
                    if queue.calls_for_a_worker() {
                        self.work.notify_one();
                    }
                    return Some(gathering);
                }
                if queue.is_closed() {
                    self.work.notify_one();
                    return None;
                }
                queue.worker_idles();
            }
            self.work.notified().await;
            self.queue().worker_wakes();
            // Callers that were woken together come together: those that are ready join before
            // the batch leaves.
            tokio::task::yield_now().await;
        }
    }

    /// Answers the calls whose time is up before their request could leave.
    fn expire(&self, now: Instant) {
        self.queue().expire(now);
    }
}
