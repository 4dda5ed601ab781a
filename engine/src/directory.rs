//! The directory: account names by prefix and by id, kept in sled beside the journal.
//!
//! Nothing is in it that cannot be thrown away. It is fed off the acknowledgement path with the
//! names of frames that are durable, one insert at a time, by a thread of its own; only named
//! accounts are in it, up to a limit. It is opened only if it was closed cleanly at the very
//! sequence where the journal ends; otherwise it is deleted and rebuilt from the journal in the
//! background. sled may panic on a damaged directory; its thread survives that and begins anew.
//!
//! Every question has a time limit, so a call of sled that hangs delays nobody for longer.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ledger_core::{AccountId, Sequence};

use crate::DirectoryError;

mod inbox;
mod inspection;
mod keeper;
mod store;

use inbox::Inbox;
pub(crate) use inspection::{Inspected, inspect};
use keeper::Keeper;
pub(crate) use store::Identity;

/// A name that an event gave to an account; empty if the event took it away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NameGiven {
    /// The event.
    pub(crate) sequence: Sequence,
    /// The account.
    pub(crate) id: AccountId,
    /// The name.
    pub(crate) name: Box<str>,
}

/// Where names come from when the directory has to be rebuilt.
pub(crate) trait NameSource: Send + Sync {
    /// Calls `each` with every name given after `after` up to and including `through`, in order.
    fn names_given(
        &self,
        after: Sequence,
        through: Sequence,
        each: &mut dyn FnMut(NameGiven),
    ) -> Result<(), crate::ReadError>;
}

/// A question to the directory; the answer comes once it has applied all names up to `at`.
enum Question {
    Find {
        prefix: Box<str>,
        limit: usize,
        at: Sequence,
        answer: SyncSender<FindAnswer>,
    },
    Names {
        accounts: Box<[(AccountId, Sequence)]>,
        answer: SyncSender<NamesAnswer>,
    },
}

type FindAnswer = Result<Vec<(AccountId, Box<str>)>, DirectoryError>;
/// One each, in the order asked; `None` where the directory does not have that name.
type NamesAnswer = Vec<Option<Box<str>>>;

/// How the directory is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stand {
    /// It follows the journal.
    Following,
    /// It is being rebuilt, or catches up after a burst.
    CatchingUp { at: Sequence, of: Sequence },
    /// It cannot be opened.
    Unavailable,
}

/// The directory, as the rest of the engine holds it.
pub(crate) struct Directory {
    inbox: Arc<Inbox>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
    call_max: Duration,
}

/// What the directory needs to begin.
pub(crate) struct Opening {
    pub(crate) path: std::path::PathBuf,
    pub(crate) cache_bytes: u64,
    pub(crate) names_max: u64,
    pub(crate) call_max: Duration,
    /// The database, the epoch and the sequence that the journal ends at.
    pub(crate) identity: Identity,
    pub(crate) journal_end: Sequence,
    /// Whether the journal was ended cleanly.
    pub(crate) clean: bool,
}

impl Directory {
    /// Opens or begins to rebuild the directory, in the background.
    pub(crate) fn start(opening: Opening, source: Arc<dyn NameSource>) -> std::io::Result<Self> {
        let inbox = Arc::new(Inbox::new(opening.journal_end));
        let call_max = opening.call_max;
        let keeper = Keeper::new(opening, Arc::clone(&inbox), source);
        let thread = std::thread::Builder::new()
            .name("directory".into())
            .spawn(move || keeper.run())?;
        Ok(Self {
            inbox,
            thread: std::sync::Mutex::new(Some(thread)),
            call_max,
        })
    }

    /// Takes the names of a frame that is durable, and how far the journal is durable with it.
    pub(crate) fn publish(&self, names: &mut Vec<NameGiven>, durable: Sequence) {
        self.inbox.publish(names, durable);
    }

    /// Up to `limit` accounts whose name begins with `prefix`, all names given up to `at`
    /// considered.
    pub(crate) fn find(&self, prefix: &str, limit: usize, at: Sequence) -> FindAnswer {
        let (answer, wait) = sync_channel(1);
        let question = Question::Find {
            prefix: prefix.into(),
            limit,
            at,
            answer,
        };
        if !self.inbox.ask(question) {
            return Err(DirectoryError::Unavailable);
        }
        match wait.recv_timeout(self.call_max) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(DirectoryError::TimedOut {
                limit: self.call_max,
            }),
            Err(RecvTimeoutError::Disconnected) => Err(DirectoryError::Unavailable),
        }
    }

    /// The names that the directory has of those asked for; `None` where it does not have the
    /// very one that the event gave, or does not answer in time.
    pub(crate) fn names(&self, accounts: &[(AccountId, Sequence)]) -> NamesAnswer {
        let (answer, wait) = sync_channel(1);
        let question = Question::Names {
            accounts: accounts.into(),
            answer,
        };
        let asked = self.inbox.stand() == Stand::Following && self.inbox.ask(question);
        let names = if asked {
            wait.recv_timeout(self.call_max).ok()
        } else {
            None
        };
        names.unwrap_or_else(|| vec![None; accounts.len()])
    }

    /// How it is.
    pub(crate) fn stand(&self) -> Stand {
        self.inbox.stand()
    }

    /// How many names it has, and whether it had to leave some out.
    pub(crate) fn count(&self) -> (u64, bool) {
        self.inbox.count()
    }

    /// Applies what is left and closes cleanly at `end`, the last sequence of the journal. If
    /// that takes too long it is left as it is, and rebuilt at the next start.
    pub(crate) fn close(&self, end: Sequence) {
        self.inbox.close(Some(end));
        self.join(self.call_max.saturating_mul(5));
    }

    /// Stops without a clean end.
    pub(crate) fn abandon(&self) {
        self.inbox.close(None);
        self.join(self.call_max);
    }

    fn join(&self, limit: Duration) {
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        let Some(thread) = thread else { return };
        let begun = Instant::now();
        while !thread.is_finished() {
            if begun.elapsed() > limit {
                tracing::warn!(?limit, "the directory of names did not close in time");
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        // The thread catches what sled throws; a panic of its own was logged by the hook and
        // harms nothing but the directory, which will not be found closed cleanly.
        drop(thread.join());
    }
}

#[cfg(test)]
mod tests;
