//! The engine as its callers hold it.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ledger_core::{AccountId, Event, Fact, Sequence, Timestamp};

use crate::clock::{Clock, SystemClock};
use crate::commit::Committer;
use crate::directory::{Directory, Stand};
use crate::exchange::Exchange;
use crate::indexing::LiveRuns;
use crate::journal::{JournalReader, Space};
use crate::mending::Mending;
use crate::merging::Merging;
use crate::published::Published;
use crate::query::TailIndex;
use crate::queued::{Ask, Promise, Queued};
use crate::resolver::{Resolution, Resolver};
use crate::sealing::{Sealing, UNSEALED_MAX};
use crate::snapshot::Snapshots;
use crate::trial_balance::KnownSums;
use crate::vfs::{OsVfs, ReadBack, Vfs};
use crate::{
    Config, Degraded, DirectoryError, EngineStatus, Failure, Halt, Health, Lineage, OpenError,
    ReadError, Refused, Reply, Request,
};

/// How long one frame may take before the disk is said to stall.
const STALL: Duration = Duration::from_secs(1);

/// A database that is open. Clones are cheap and mean the same one.
///
/// When the last one is dropped without [`Engine::shutdown`], the engine stops as if the process
/// had been killed: what was acknowledged is durable, and no clean end is marked.
#[derive(Clone)]
pub struct Engine {
    running: Arc<Running>,
}

/// What an engine consists of, once it is opened.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) committer: Arc<Committer>,
    pub(crate) published: Arc<Published>,
    pub(crate) directory: Option<Arc<Directory>>,
    pub(crate) reader: JournalReader,
    pub(crate) space: Arc<Space>,
    pub(crate) sealing: Arc<Sealing>,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) live: Arc<LiveRuns>,
    pub(crate) mending: Arc<Mending>,
    pub(crate) merging: Arc<Merging>,
    pub(crate) resolver: Arc<Resolver>,
    pub(crate) read_back: ReadBack,
    pub(crate) vfs: Arc<dyn Vfs>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The index of what no run covers yet.
    pub(crate) tail: TailIndex,
    /// Sums of ledgers at moments that were asked for.
    pub(crate) known_sums: KnownSums,
}

struct Running {
    parts: Parts,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Engine {
    /// Opens the database in `config.data_dir` on the machine's disk and clock, or makes one.
    /// Blocks until recovery is done.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing is served, and nothing was changed but what recovery says.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        Self::open_with(config, Arc::new(OsVfs), Arc::new(SystemClock::new()))
    }

    /// Like [`Engine::open`], on another file system and another clock.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_with(
        config: Config,
        vfs: Arc<dyn Vfs>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        crate::open::open(config, vfs, clock)
    }

    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            running: Arc::new(Running {
                parts,
                threads: Mutex::new(Vec::new()),
            }),
        }
    }

    /// Makes a thread one of those that end with the engine.
    pub(crate) fn adopt(&self, thread: JoinHandle<()>) {
        self.running
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(thread);
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.running.parts
    }

    /// The directory of the database.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.parts().config.data_dir
    }

    /// Queues a request. `reply` is called exactly once, from a thread of the engine, when the
    /// answer is durable; it must neither block nor panic.
    ///
    /// # Errors
    /// See [`Refused`]; nothing was applied, and `reply` is dropped without being called.
    pub fn submit(
        &self,
        request: Request,
        reply: impl FnOnce(Result<Reply, Failure>) + Send + 'static,
    ) -> Result<(), Refused> {
        let Request {
            command,
            context,
            weight_bytes,
        } = request;
        let (events, events_max) = (command.len(), command.len_max());
        if events > events_max {
            return Err(Refused::TooManyEvents { events, events_max });
        }
        let promise = Promise::new(reply);
        self.parts().resolver.submit(Queued {
            ask: Ask::Request {
                command,
                context,
                resolution: Resolution::NOT_NEEDED,
                promise,
            },
            weight_bytes,
        })
    }

    /// The events at `sequences`, in that order. Reads files: for reader threads.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read_events(&self, sequences: &[Sequence]) -> Result<Vec<Event>, ReadError> {
        let durable = self.parts().published.confirm_read().sequence;
        sequences
            .iter()
            .map(|&sequence| {
                if sequence == Sequence::ZERO || sequence > durable {
                    return Err(ReadError::BeyondEnd { sequence, durable });
                }
                self.event(sequence)
            })
            .collect()
    }

    /// The time by the clock of the machine, which may jump.
    pub(crate) fn wall(&self) -> Timestamp {
        self.parts().clock.wall()
    }

    fn event(&self, sequence: Sequence) -> Result<Event, ReadError> {
        self.parts()
            .reader
            .event(sequence)
            .map_err(|source| ReadError::Journal { sequence, source })
    }

    /// The names of accounts, each with the event that gave it (`Account::named`; zero means no
    /// name). From the directory, or from the journal where it does not have them. Blocks: for
    /// reader threads.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn names(&self, accounts: &[(AccountId, Sequence)]) -> Result<Vec<Box<str>>, ReadError> {
        self.parts().published.confirm_read();
        let known = match &self.parts().directory {
            Some(directory) if accounts.iter().any(|&(_, named)| named != Sequence::ZERO) => {
                directory.names(accounts)
            }
            _ => vec![None; accounts.len()],
        };
        accounts
            .iter()
            .zip(known)
            .map(|(&(_, named), known)| match known {
                Some(name) => Ok(name),
                None if named == Sequence::ZERO => Ok(Box::default()),
                None => self.name_at(named),
            })
            .collect()
    }

    /// The name that the event at `sequence` gave.
    fn name_at(&self, sequence: Sequence) -> Result<Box<str>, ReadError> {
        match self.event(sequence)?.fact {
            Fact::AccountCreated(account) => Ok(account.name),
            Fact::AccountUpdated(update) => Ok(update.name.unwrap_or_default()),
            _ => Err(ReadError::Contradiction { sequence }),
        }
    }

    /// Up to `limit` accounts whose name begins with `prefix`, in the order of their names. All
    /// names given before this call are considered. Blocks: for reader threads.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub fn find_by_name(
        &self,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<(AccountId, Box<str>)>, DirectoryError> {
        let at = self.parts().published.confirm_read().sequence;
        match &self.parts().directory {
            Some(directory) => directory.find(prefix, limit, at),
            None => Err(DirectoryError::Unavailable),
        }
    }

    /// The epoch of the database, and those that it branched off from.
    #[must_use]
    pub fn lineage(&self) -> Lineage {
        self.parts().published.lineage.clone()
    }

    /// How the engine is.
    #[must_use]
    pub fn status(&self) -> EngineStatus {
        let parts = self.parts();
        let newest = parts.published.newest();
        let counts = parts.published.counts();
        let (queued_bytes, queued_requests) = parts.exchange.load();
        let stats = parts.reader.stats();
        let directory = parts.directory.as_ref();
        let index = parts.live.current();
        let memory = index.runs().iter();
        let memory = memory.map(|run| run.filter_bytes() + run.fence_bytes());
        EngineStatus {
            health: self.health(),
            database_id: parts.published.database,
            epoch: parts.published.epoch,
            durable: newest.sequence,
            time: newest.time,
            frame_hash: newest.hash,
            queued_bytes,
            queue_bytes_max: parts.exchange.bytes_max(),
            queued_requests,
            frames: parts.published.frames(),
            accounts: counts.accounts,
            accounts_max: parts.config.accounts_max,
            transfers: counts.transfers,
            open_holds: counts.open_holds,
            open_holds_max: parts.config.open_holds_max,
            segments_unsealed: stats.segments_unsealed,
            segments_sealed: stats.segments_sealed,
            journal_bytes: stats.disk_bytes,
            runs: index.runs().len() as u64,
            runs_bytes: index.runs().iter().map(|run| run.file_bytes()).sum(),
            runs_memory_bytes: memory.sum(),
            indexed: index.through(),
            recent_from: parts.published.recent_from(),
            read_back: parts.read_back.name(),
            directory_names: directory.map_or(0, |directory| directory.count().0),
            directory_names_max: parts.config.directory_names_max,
            degraded: self.degraded(),
        }
    }

    fn degraded(&self) -> Vec<Degraded> {
        let parts = self.parts();
        let mut degraded = Vec::new();
        if let Some(ahead) = parts.published.clock_ahead() {
            degraded.push(Degraded::ClockNotFollowed { ahead });
        }
        if let Some(time) = parts.published.appending_for()
            && time >= STALL
        {
            degraded.push(Degraded::DiskStalled { time });
        }
        if let Some(kind) = parts.space.trouble() {
            degraded.push(Degraded::SegmentNotPrepared { kind });
        }
        if let Some(kind) = parts.sealing.trouble() {
            degraded.push(Degraded::SealingFailed { kind });
        }
        let unsealed = parts.sealing.backlog() + 1;
        if unsealed >= UNSEALED_MAX {
            degraded.push(Degraded::SealingBehind { segments: unsealed });
        }
        if let Some(kind) = parts.snapshots.trouble() {
            degraded.push(Degraded::SnapshotNotTaken { kind });
        }
        if let Some(kind) = parts.sealing.index_trouble().or(parts.merging.trouble()) {
            degraded.push(Degraded::IndexNotWritten { kind });
        }
        if let Some((done, of)) = parts.resolver.rebuilding() {
            degraded.push(Degraded::IndexRebuilding { done, of });
        }
        if let Some(directory) = &parts.directory {
            match directory.stand() {
                Stand::Following => {}
                Stand::CatchingUp { at, of } => {
                    degraded.push(Degraded::DirectoryRebuilding { at, of });
                }
                Stand::Unavailable => degraded.push(Degraded::DirectoryUnavailable),
            }
            if directory.count().1 {
                let names_max = parts.config.directory_names_max;
                degraded.push(Degraded::DirectoryIncomplete { names_max });
            }
        }
        degraded
    }

    /// Whether requests are taken.
    #[must_use]
    pub fn health(&self) -> Health {
        self.parts().exchange.phase().health()
    }

    /// Believes the wall clock as it stands from here on, though it jumped ahead.
    pub fn accept_clock(&self) {
        self.parts().published.accept_clock();
        self.parts().exchange.nudge();
    }

    /// Waits until the engine takes nothing any more, and tells why.
    #[must_use]
    pub fn wait_halted(&self) -> Halt {
        self.parts().exchange.wait_ended()
    }

    /// Takes no more requests, answers those it has, makes everything durable and marks a clean
    /// end. Blocks until that is done; a second call waits for the first. An engine that has
    /// halted is only taken apart.
    pub fn shutdown(&self) {
        let parts = self.parts();
        parts.exchange.drain();
        let halt = parts.exchange.wait_ended();
        let mut threads = self
            .running
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.running.take_apart(&mut threads, halt == Halt::Stopped);
    }
}

impl Running {
    fn take_apart(&self, threads: &mut Vec<JoinHandle<()>>, clean: bool) {
        self.parts.sealing.stop();
        self.parts.snapshots.stop();
        self.parts.merging.stop();
        self.parts.resolver.stop();
        let this_thread = std::thread::current().id();
        for thread in threads.drain(..) {
            // The last handle may go with a reply, and a thread cannot wait for itself. A panic
            // was told of when it happened.
            if thread.thread().id() != this_thread {
                drop(thread.join());
            }
        }
        if let Some(directory) = &self.parts.directory {
            if clean {
                directory.close(self.parts.published.newest().sequence);
            } else {
                directory.abandon();
            }
        }
        self.parts.committer.close();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.parts.exchange.abandon();
        let mut threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        self.take_apart(&mut threads, false);
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("data_dir", &self.parts().config.data_dir)
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}
