//! One log that takes back what a broken chain or a dry run changed.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::recent::WordChange;
use super::{Hold, Slot, Standing, State};
use crate::effect::Moved;
use crate::{AccountFlags, Amount, Journal, Sequence, Totals};

/// The log. It is written only between a savepoint and its end, so that the common case, a
/// transfer on its own, pays one branch for it.
pub(super) struct Undo {
    steps: Vec<Step>,
    savepoints: usize,
}

/// How one change is taken back.
pub(super) enum Step {
    Totals {
        slot: Slot,
        totals: Totals,
        changed: Sequence,
    },
    Flags {
        slot: Slot,
        flags: AccountFlags,
    },
    Limits {
        slot: Slot,
        overdraft_limit: Amount,
        balance_max: Amount,
        named: Sequence,
    },
    AccountCreated,
    LedgerCreated,
    LedgerRegistered {
        slot: Slot,
    },
    LedgerMoved {
        slot: Slot,
        moved: Moved,
        transfers: u64,
    },
    Word(WordChange),
    HoldCreated {
        slot: Slot,
    },
    HoldAmounts {
        slot: Slot,
        posted: Amount,
        rest: Amount,
    },
    HoldResolved {
        slot: Slot,
        hold: Box<Hold>,
    },
}

/// A state to come back to.
#[must_use]
pub(crate) struct Savepoint {
    steps: usize,
    clock: Standing,
    journal_mark: usize,
}

impl Undo {
    pub(super) const fn new() -> Self {
        Self {
            steps: Vec::new(),
            savepoints: 0,
        }
    }

    /// Whether anybody may want to take back what is changed now.
    pub(super) fn is_noting(&self) -> bool {
        self.savepoints > 0
    }

    /// Notes how to take a change back, if anybody may want to.
    pub(super) fn note(&mut self, step: impl FnOnce() -> Step) {
        if self.is_noting() {
            self.steps.push(step());
        }
    }
}

impl State {
    /// Remembers the state as it is. Savepoints nest; each is released or rolled back to.
    pub(crate) fn savepoint<J: Journal>(&mut self, journal: &J) -> Savepoint {
        self.undo.savepoints += 1;
        Savepoint {
            steps: self.undo.steps.len(),
            clock: self.clock,
            journal_mark: journal.mark(),
        }
    }

    /// Keeps what was changed since the savepoint.
    pub(crate) fn release(&mut self, _savepoint: Savepoint) {
        self.undo.savepoints -= 1;
        if self.undo.savepoints == 0 {
            self.undo.steps.clear();
        }
    }

    /// Takes back what was changed since the savepoint, in the journal too.
    pub(crate) fn roll_back<J: Journal>(&mut self, savepoint: Savepoint, journal: &mut J) {
        while self.undo.steps.len() > savepoint.steps {
            let step = self
                .undo
                .steps
                .pop()
                .expect("the log is longer than at the savepoint");
            self.take_back(step);
        }
        self.clock = savepoint.clock;
        journal.rewind(savepoint.journal_mark);
        self.release(savepoint);
    }

    fn take_back(&mut self, step: Step) {
        match step {
            Step::Totals {
                slot,
                totals,
                changed,
            } => {
                let account = &mut self.accounts[slot];
                account.totals = totals;
                account.changed = changed;
            }
            Step::Flags { slot, flags } => self.accounts[slot].flags = flags,
            Step::Limits {
                slot,
                overdraft_limit,
                balance_max,
                named,
            } => {
                let account = &mut self.accounts[slot];
                account.overdraft_limit = overdraft_limit;
                account.balance_max = balance_max;
                account.named = named;
            }
            Step::AccountCreated => {
                let account = self.accounts.pop().expect("an account was created");
                self.ledgers[account.ledger_slot.0].accounts -= 1;
                let slot = Slot::new(self.accounts.len());
                self.account_index
                    .remove(self.hasher.hash(account.id.get()), slot);
            }
            Step::LedgerCreated => {
                let ledger = self.ledgers.pop().expect("a ledger was created");
                self.ledger_index.remove(&ledger.id);
            }
            Step::LedgerRegistered { slot } => {
                let ledger = &mut self.ledgers[slot];
                self.ledger_codes.remove(&ledger.code);
                ledger.code = Box::default();
                ledger.scale = 0;
            }
            Step::LedgerMoved {
                slot,
                moved,
                transfers,
            } => {
                self.ledgers[slot].unmove(moved);
                self.ledgers[slot].transfers -= transfers;
            }
            Step::Word(change) => self.recent.take_back(&change),
            Step::HoldCreated { slot } => drop(self.remove_hold(slot)),
            Step::HoldAmounts { slot, posted, rest } => {
                let hold = &mut self.holds[slot];
                hold.posted = posted;
                hold.rest = rest;
            }
            // Steps are taken back in reverse, so the place freed last is the hold's own, which
            // earlier steps may name.
            Step::HoldResolved { slot, hold } => {
                assert_eq!(
                    self.insert_hold(*hold),
                    slot,
                    "a hold comes back to its place"
                );
            }
        }
    }
}
