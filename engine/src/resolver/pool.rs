//! Who resolves: the thread that submits, from memory; a few threads of the engine, from disk.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ledger_core::Sequence;

use super::probe::{Suspects, needs_runs, probe};
use super::reading::{Unresolved, resolve};
use super::resolution::Resolution;
use crate::exchange::Exchange;
use crate::indexing::LiveRuns;
use crate::journal::{JournalReader, Preparation};
use crate::published::Published;
use crate::queued::{Ask, Queued};
use crate::sealing::Sealing;
use crate::{Command, Failure, Halt, Refused};

/// Threads that read what is old. Such requests are few, or many retries at once; then the disk
/// and the processor are busy with these.
pub(crate) const RESOLVERS: usize = 2;

/// See the module.
pub(crate) struct Resolver {
    live: Arc<LiveRuns>,
    reader: JournalReader,
    exchange: Arc<Exchange>,
    published: Arc<Published>,
    sealing: Arc<Sealing>,
    preparation: Preparation,
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    /// Admitted, and therefore bounded by the bytes that may be in work.
    waiting: VecDeque<Queued>,
    stopping: bool,
}

/// What the resolver works with.
pub(crate) struct Parts {
    pub(crate) live: Arc<LiveRuns>,
    pub(crate) reader: JournalReader,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) published: Arc<Published>,
    pub(crate) sealing: Arc<Sealing>,
    pub(crate) preparation: Preparation,
}

impl Resolver {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            live: parts.live,
            reader: parts.reader,
            exchange: parts.exchange,
            published: parts.published,
            sealing: parts.sealing,
            preparation: parts.preparation,
            desk: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Admits a request and queues it, at once if nothing of it is old.
    ///
    /// # Errors
    /// See [`Refused`]; nothing was applied.
    pub(crate) fn submit(&self, mut queued: Queued) -> Result<(), Refused> {
        let Ask::Request {
            command,
            resolution,
            ..
        } = &mut queued.ask
        else {
            return self.exchange.put(queued);
        };
        let needs_runs = needs_runs(command);
        if (needs_runs || is_write(command))
            && let Some((done, of)) = self.rebuilding()
        {
            queued.withdraw();
            return Err(Refused::RebuildingIndex { done, of });
        }
        if !needs_runs {
            return self.exchange.put(queued);
        }
        let runs = self.live.current();
        if probe(command, &runs).is_empty() {
            *resolution = Resolution::nothing(runs.through());
            return self.exchange.put(queued);
        }
        if let Err(refused) = self.exchange.put_aside(queued.weight_bytes) {
            queued.withdraw();
            return Err(refused);
        }
        self.hand_in(queued);
        Ok(())
    }

    /// The writer cannot decide a request with what was resolved: recent ids were forgotten since.
    pub(crate) fn again(&self, queued: Queued) {
        self.exchange.put_back();
        self.hand_in(queued);
    }

    /// How far the index reaches and has to reach, while it does not reach to where the recent ids
    /// begin.
    pub(crate) fn rebuilding(&self) -> Option<(Sequence, Sequence)> {
        // In this order: the recent ids are forgotten after the index has grown.
        let recent_from = self.published.recent_from();
        let done = self.live.through();
        (done.next() < recent_from).then(|| (done, Sequence::new(recent_from.get() - 1)))
    }

    fn hand_in(&self, queued: Queued) {
        if self.preparation == Preparation::Inline {
            return self.resolve(queued);
        }
        let mut desk = self.desk();
        if !desk.stopping {
            desk.waiting.push_back(queued);
            drop(desk);
            self.changed.notify_one();
            return;
        }
        drop(desk);
        self.exchange.withdraw(queued.weight_bytes);
        drop(queued);
    }

    /// The life of one of the threads. What it meets that ends the engine has ended it already.
    pub(crate) fn run(&self) -> Result<(), Halt> {
        while let Some(queued) = self.next() {
            self.resolve(queued);
        }
        Ok(())
    }

    fn next(&self) -> Option<Queued> {
        let mut desk = self.desk();
        loop {
            if desk.stopping {
                return None;
            }
            if let Some(queued) = desk.waiting.pop_front() {
                return Some(queued);
            }
            desk = self
                .changed
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the threads. Whoever still waits is told that the outcome is unknown.
    pub(crate) fn stop(&self) {
        let mut desk = self.desk();
        desk.stopping = true;
        let waiting = std::mem::take(&mut desk.waiting);
        drop(desk);
        self.changed.notify_all();
        for queued in waiting {
            self.exchange.withdraw(queued.weight_bytes);
            drop(queued);
        }
    }

    /// Reads what is old and queues the request.
    fn resolve(&self, mut queued: Queued) {
        let Ask::Request {
            command,
            resolution,
            ..
        } = &mut queued.ask
        else {
            unreachable!("only requests are resolved");
        };
        match self.look_up(command) {
            Ok(found) => {
                *resolution = found;
                self.exchange.put_resolved(queued);
            }
            Err(failure) => {
                self.exchange.withdraw(queued.weight_bytes);
                queued.fail(failure);
            }
        }
    }

    fn look_up(&self, command: &Command) -> Result<Resolution, Failure> {
        let failure = |(done, of)| Failure::RebuildingIndex { done, of };
        let runs = self.live.current();
        if let Some(rebuilding) = self.rebuilding() {
            return Err(failure(rebuilding));
        }
        let suspects: Suspects = probe(command, &runs);
        if suspects.is_empty() {
            return Ok(Resolution::nothing(runs.through()));
        }
        let events_wanted = is_write(command);
        match resolve(suspects, &runs, &self.reader, events_wanted) {
            Ok(resolution) => Ok(resolution),
            Err(Unresolved::Run(error)) => {
                let covered = runs.through();
                self.live.discard(&error);
                let done = self.live.through();
                if let Err(halt) = self.sealing.run_lost() {
                    self.exchange.end(halt);
                }
                Err(failure((done, covered)))
            }
            // Nothing is decided without what is old, as while a part of the index is missing; and
            // as then, it is worth asking again.
            Err(Unresolved::Journal(error)) if error.passing().is_some() => {
                tracing::warn!(
                    error = &error as &dyn Error,
                    "an event that a decision needs cannot be read for the moment"
                );
                Err(failure((runs.through(), runs.through())))
            }
            Err(Unresolved::Journal(error)) => {
                tracing::error!(
                    error = &error as &dyn Error,
                    "an event that a decision needs cannot be read"
                );
                self.exchange.end(Halt::JournalUnreadable);
                Err(Failure::OutcomeUnknown)
            }
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_write(command: &Command) -> bool {
    match command {
        Command::RegisterLedgers(_)
        | Command::CreateAccounts(_)
        | Command::UpdateAccounts(_)
        | Command::CreateTransfers { .. } => true,
        Command::LookupAccounts(_)
        | Command::GetBalances(_)
        | Command::FindTransfers(_)
        | Command::ListLedgers => false,
    }
}
