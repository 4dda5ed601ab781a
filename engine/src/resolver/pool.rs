//! Who resolves: the thread that submits, from memory; a few threads of the engine, from disk.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ledger_core::Sequence;

use super::probe::{Suspects, needs_runs, probe};
use super::reading::{Unreadable, read_wanted, resolve};
use super::resolution::Resolution;
use crate::exchange::Exchange;
use crate::indexing::LiveRuns;
use crate::journal::{JournalReader, Preparation};
use crate::mending::Mending;
use crate::published::Published;
use crate::queued::{Ask, Queued};
use crate::runs::RunSet;
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
    mending: Arc<Mending>,
    preparation: Preparation,
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    /// Admitted, and therefore bounded by the bytes that may be in work.
    waiting: VecDeque<Unresolved>,
    stopping: bool,
}

/// A request that may name what is old.
struct Unresolved {
    queued: Queued,
    wanted: Wanted,
}

/// What is to be read for a request.
enum Wanted {
    /// What it names that may be in the runs; and in which of them, if that is known.
    Old(Option<(Suspects, Arc<RunSet>)>),
    /// The events at these sequences, which the writer asked for.
    Events(Vec<Sequence>),
}

/// What the resolver works with.
pub(crate) struct Parts {
    pub(crate) live: Arc<LiveRuns>,
    pub(crate) reader: JournalReader,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) published: Arc<Published>,
    pub(crate) mending: Arc<Mending>,
    pub(crate) preparation: Preparation,
}

impl Resolver {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            live: parts.live,
            reader: parts.reader,
            exchange: parts.exchange,
            published: parts.published,
            mending: parts.mending,
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
        let suspects = probe(command, &runs);
        if suspects.is_empty() {
            *resolution = Resolution::nothing(runs.through());
            return self.exchange.put(queued);
        }
        if let Err(refused) = self.exchange.put_aside(queued.weight_bytes) {
            queued.withdraw();
            return Err(refused);
        }
        self.hand_in(Unresolved {
            queued,
            wanted: Wanted::Old(Some((suspects, runs))),
        });
        Ok(())
    }

    /// The writer cannot decide a request with what was resolved: recent ids were forgotten since.
    pub(crate) fn again(&self, queued: Queued) {
        self.exchange.put_back();
        self.hand_in(Unresolved {
            queued,
            wanted: Wanted::Old(None),
        });
    }

    /// The writer will want to read these durable events to decide a request.
    pub(crate) fn read(&self, queued: Queued, events: Vec<Sequence>) {
        self.exchange.put_back();
        self.hand_in(Unresolved {
            queued,
            wanted: Wanted::Events(events),
        });
    }

    /// How far the index reaches and has to reach, while it does not reach to where the recent ids
    /// begin.
    pub(crate) fn rebuilding(&self) -> Option<(Sequence, Sequence)> {
        // In this order: the recent ids are forgotten after the index has grown.
        let recent_from = self.published.recent_from();
        missing(self.live.through(), recent_from)
    }

    fn hand_in(&self, unresolved: Unresolved) {
        if self.preparation == Preparation::Inline {
            return self.resolve(unresolved);
        }
        let mut desk = self.desk();
        if !desk.stopping {
            desk.waiting.push_back(unresolved);
            drop(desk);
            self.changed.notify_one();
            return;
        }
        drop(desk);
        self.exchange.withdraw(unresolved.queued.weight_bytes);
        drop(unresolved);
    }

    /// The life of one of the threads. What it meets that ends the engine has ended it already.
    pub(crate) fn run(&self) -> Result<(), Halt> {
        while let Some(unresolved) = self.next() {
            self.resolve(unresolved);
        }
        Ok(())
    }

    fn next(&self) -> Option<Unresolved> {
        let mut desk = self.desk();
        loop {
            if desk.stopping {
                return None;
            }
            if let Some(unresolved) = desk.waiting.pop_front() {
                return Some(unresolved);
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
        for unresolved in waiting {
            self.exchange.withdraw(unresolved.queued.weight_bytes);
            drop(unresolved);
        }
    }

    /// Reads what is old and queues the request.
    fn resolve(&self, unresolved: Unresolved) {
        let Unresolved { mut queued, wanted } = unresolved;
        let Ask::Request {
            command,
            resolution,
            ..
        } = &mut queued.ask
        else {
            unreachable!("only requests are resolved");
        };
        let looked_up = match wanted {
            Wanted::Old(probed) => self
                .look_up(command, probed)
                .map(|found| *resolution = found),
            Wanted::Events(wanted) => read_wanted(wanted, &self.reader)
                .map(|events| resolution.foresee(events))
                .map_err(|error| self.failure(error, self.live.through())),
        };
        match looked_up {
            Ok(()) => self.exchange.put_resolved(queued),
            Err(failure) => {
                self.exchange.withdraw(queued.weight_bytes);
                queued.fail(failure);
            }
        }
    }

    fn look_up(
        &self,
        command: &Command,
        probed: Option<(Suspects, Arc<RunSet>)>,
    ) -> Result<Resolution, Failure> {
        let failure = |(done, of)| Failure::RebuildingIndex { done, of };
        let current = self.live.current();
        if let Some(rebuilding) = self.rebuilding() {
            return Err(failure(rebuilding));
        }
        let (suspects, runs) = probed.unwrap_or_else(|| (probe(command, &current), current));
        if suspects.is_empty() {
            return Ok(Resolution::nothing(runs.through()));
        }
        let events_wanted = is_write(command);
        resolve(suspects, &runs, &self.reader, events_wanted)
            .map_err(|error| self.failure(error, runs.through()))
    }

    /// What it means for a request that something cannot be read: nothing is decided without it.
    /// The index was asked for all events through `of`.
    fn failure(&self, error: Unreadable, of: Sequence) -> Failure {
        match error {
            error if error.is_passing() => {
                tracing::warn!(
                    ?error,
                    "what a decision needs cannot be read for the moment"
                );
                Failure::ReadRefused
            }
            Unreadable::Run(error) => {
                let done = self.mending.mend(&error);
                Failure::RebuildingIndex { done, of }
            }
            Unreadable::Journal(error) => {
                tracing::error!(
                    error = &error as &dyn Error,
                    "an event that a decision needs cannot be read"
                );
                self.exchange.end(Halt::JournalUnreadable);
                Failure::OutcomeUnknown
            }
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far an index reaches and has to reach, if it does not reach to where the recent ids begin.
pub(crate) fn missing(done: Sequence, recent_from: Sequence) -> Option<(Sequence, Sequence)> {
    (done.next() < recent_from).then(|| (done, Sequence::new(recent_from.get() - 1)))
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
