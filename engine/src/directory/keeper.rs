//! The directory's thread: applies names, answers questions, rebuilds what is broken.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ledger_core::Sequence;

use super::inbox::{Closing, Inbox, Taken};
use super::store::Store;
use super::{NameSource, Opening, Question, Stand};
use crate::{DirectoryError, ReadError};

/// How many events are read for a rebuild before questions are looked at.
const EVENTS_PER_STEP: u64 = 65_536;
/// How long nothing is tried after the directory could not be made.
const PAUSE: Duration = Duration::from_secs(5);
/// How long to sleep when there is nothing to do. Whatever comes wakes the thread.
const SLEEP: Duration = Duration::from_secs(60);

pub(super) struct Keeper {
    opening: Opening,
    inbox: Arc<Inbox>,
    source: Arc<dyn NameSource>,
    store: Option<Store>,
    /// All names given up to here are in the store.
    applied: Sequence,
    /// All names given up to here were published.
    through: Sequence,
    following: bool,
}

/// Why the store has to be thrown away.
enum Broken {
    Sled(sled::Error),
    Panicked,
    Journal(ReadError),
}

impl Keeper {
    pub(super) fn new(opening: Opening, inbox: Arc<Inbox>, source: Arc<dyn NameSource>) -> Self {
        Self {
            through: opening.journal_end,
            opening,
            inbox,
            source,
            store: None,
            applied: Sequence::ZERO,
            following: false,
        }
    }

    pub(super) fn run(mut self) {
        self.open();
        loop {
            let patience = match (&self.store, self.following) {
                (Some(_), true) => SLEEP,
                (Some(_), false) => Duration::ZERO,
                (None, _) => PAUSE,
            };
            let taken = self.inbox.take(patience);
            let closing = taken.closing;
            if closing == Some(Closing::Now) {
                return;
            }
            if self.store.is_none() {
                self.make();
            }
            self.attempt(|keeper| keeper.turn(taken));
            self.show();
            if let Some(Closing::At(end)) = closing {
                self.close(end);
                return;
            }
        }
    }

    /// Opens what a clean end left, or begins anew.
    fn open(&mut self) {
        if self.opening.clean {
            let opening = &self.opening;
            let opened = guarded(|| {
                Store::open_closed(
                    &opening.path,
                    opening.cache_bytes,
                    opening.names_max,
                    opening.identity,
                    opening.journal_end,
                )
                .map_err(Broken::Sled)
            });
            match opened {
                Ok(Some(store)) => {
                    self.store = Some(store);
                    self.applied = self.opening.journal_end;
                    self.following = true;
                    self.show();
                    return;
                }
                Ok(None) => {}
                Err(broken) => broken.log(),
            }
        }
        self.make();
        self.show();
    }

    fn make(&mut self) {
        if self.opening.journal_end != Sequence::ZERO {
            tracing::info!(
                through = self.opening.journal_end.get(),
                "rebuilding the directory of names from the journal"
            );
        }
        self.applied = Sequence::ZERO;
        self.following = false;
        let opening = &self.opening;
        self.store = guarded(|| {
            Store::make(&opening.path, opening.cache_bytes, opening.names_max).map_err(Broken::Sled)
        })
        .inspect_err(Broken::log)
        .ok();
    }

    /// Runs what may break the store, and throws it away if it does.
    fn attempt(&mut self, act: impl FnOnce(&mut Self) -> Result<(), Broken>) {
        if let Err(broken) = guarded(|| act(self)) {
            broken.log();
            self.following = false;
            self.applied = Sequence::ZERO;
            let store = self.store.take();
            // Closing a broken store may panic once more; it is thrown away all the same.
            drop(guarded(move || {
                drop(store);
                Ok(())
            }));
        }
    }

    fn turn(&mut self, taken: Taken) -> Result<(), Broken> {
        self.through = taken.through;
        let Taken {
            names,
            through,
            lost,
            questions,
            ..
        } = taken;
        if lost {
            self.following = false;
        }
        let result = if self.following {
            self.follow(&names, through)
        } else {
            self.catch_up(through)
        };
        match result {
            Ok(()) => {
                // Whoever is answered sees a status that fits the answer.
                self.show();
                self.answer(questions, through)
            }
            Err(broken) => {
                self.inbox.put_back(questions);
                Err(broken)
            }
        }
    }

    fn follow(
        &mut self,
        names: &VecDeque<super::NameGiven>,
        through: Sequence,
    ) -> Result<(), Broken> {
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        // What a rebuild has already read from the journal comes once more through the inbox.
        for given in names.iter().filter(|given| given.sequence > self.applied) {
            store.apply(given).map_err(Broken::Sled)?;
        }
        self.applied = through;
        Ok(())
    }

    /// Reads the next names from the journal. Those in the inbox are among them, up to `through`.
    fn catch_up(&mut self, through: Sequence) -> Result<(), Broken> {
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let until = Sequence::new(through.get().min(self.applied.get() + EVENTS_PER_STEP));
        let mut outcome = Ok(());
        self.source
            .names_given(self.applied, until, &mut |given| {
                if outcome.is_ok() {
                    outcome = store.apply(&given);
                }
            })
            .map_err(Broken::Journal)?;
        outcome.map_err(Broken::Sled)?;
        self.applied = until;
        self.following = until == through;
        Ok(())
    }

    fn answer(&mut self, questions: VecDeque<Question>, through: Sequence) -> Result<(), Broken> {
        let mut later = VecDeque::new();
        for question in questions {
            match question {
                Question::Find { at, .. } if self.following && at > self.applied => {
                    later.push_back(question);
                }
                Question::Find {
                    prefix,
                    limit,
                    answer,
                    ..
                } => {
                    // Nobody waits any more if sending fails.
                    drop(answer.try_send(match &self.store {
                        None => Err(DirectoryError::Unavailable),
                        Some(_) if !self.following => Err(DirectoryError::Rebuilding {
                            at: self.applied,
                            of: through,
                        }),
                        Some(store) if store.incomplete() => Err(DirectoryError::Incomplete {
                            names_max: self.opening.names_max,
                        }),
                        Some(store) => Ok(store.find(&prefix, limit).map_err(Broken::Sled)?),
                    }));
                }
                Question::Names { accounts, answer } => {
                    let names = match &self.store {
                        None => vec![None; accounts.len()],
                        Some(store) => accounts
                            .iter()
                            .map(|&(id, named)| store.name(id, named))
                            .collect::<Result<_, _>>()
                            .map_err(Broken::Sled)?,
                    };
                    drop(answer.try_send(names));
                }
            }
        }
        if !later.is_empty() {
            self.inbox.put_back(later);
            // The name that is waited for is durable already and about to be published.
            std::thread::yield_now();
        }
        Ok(())
    }

    fn close(&mut self, end: Sequence) {
        if !self.following || self.applied != end {
            tracing::warn!("the directory of names is closed before it was rebuilt");
            return;
        }
        let identity = self.opening.identity;
        let Some(store) = self.store.take() else {
            return;
        };
        if let Err(broken) = guarded(move || store.close(identity, end).map_err(Broken::Sled)) {
            broken.log();
        }
    }

    fn show(&self) {
        let stand = match &self.store {
            None => Stand::Unavailable,
            Some(_) if self.following => Stand::Following,
            Some(_) => Stand::CatchingUp {
                at: self.applied,
                of: self.through,
            },
        };
        let (count, incomplete) = self
            .store
            .as_ref()
            .map_or((0, false), |store| (store.count(), store.incomplete()));
        self.inbox.set_stand(stand, count, incomplete);
    }
}

/// Runs what calls sled. A store is thrown away after a panic, so nothing half-changed is seen.
fn guarded<T>(act: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or(Err(Broken::Panicked))
}

impl Broken {
    fn log(&self) {
        const WHAT: &str = "the directory of names is broken and will be rebuilt";
        match self {
            Self::Sled(error) => tracing::warn!(%error, "{WHAT}"),
            Self::Panicked => tracing::warn!("{WHAT}: sled panicked"),
            Self::Journal(error) => {
                tracing::error!(%error, "the directory of names cannot be rebuilt")
            }
        }
    }
}
