//! Entering events, one after the other.

use ledger_core::{
    Account, Amount, Event, Fact, Hold, NewAccount, Sequence, Standing, Transfer, TransferCreated,
    TransferExpired, TransferFlags,
};

use super::accounts::Changes;
use super::change::Last;
use super::error::{DeriveError, Difference};
use super::holds::{OpenHolds, Reopened, Resolution, Split};
use super::ledgers::Ledgers;
use super::net::Moved;
use super::scratch::Scratch;
use crate::snapshot::entry::Positioned;

/// What the events of some segments come to, gathered side by side.
pub(super) struct Entering<'a> {
    pub(super) changes: Changes,
    /// Where the changes of the events' accounts are gathered: memory that is used again.
    pub(super) places: Vec<[u32; 2]>,
    pub(super) holds: OpenHolds<'a>,
    pub(super) ledgers: Ledgers,
    pub(super) standing: Standing,
    /// Accounts ever created.
    pub(super) accounts: u32,
}

/// The amounts that one event moves between two accounts.
#[derive(Clone, Copy)]
struct Amounts {
    reserved: Amount,
    released: Amount,
    posted: Amount,
}

impl Amounts {
    /// By the kind of the transfer: the actual amount is reserved, posted out of a hold, or posted.
    fn of(created: &TransferCreated) -> Self {
        let (flags, amount) = (created.transfer.flags, created.transfer.amount);
        let nothing = Self {
            reserved: Amount::ZERO,
            released: Amount::ZERO,
            posted: Amount::ZERO,
        };
        if flags.contains(TransferFlags::PENDING) {
            Self {
                reserved: amount,
                ..nothing
            }
        } else if flags.contains(TransferFlags::VOID_PENDING_TRANSFER) {
            Self {
                released: created.hold.released,
                ..nothing
            }
        } else {
            Self {
                posted: amount,
                ..nothing
            }
        }
    }

    fn moved(&self) -> Moved {
        let mut moved = Moved::default();
        moved.pending.add(self.reserved);
        moved.pending.sub(self.released);
        moved.posted.add(self.posted);
        moved
    }
}

impl Entering<'_> {
    /// Enters events. The places of all their accounts are found first: most of the time goes by
    /// waiting for memory, and these waits overlap.
    pub(super) fn enter_all(&mut self, events: &[Event]) -> Result<(), Difference> {
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        places.extend(events.iter().map(|event| self.places_of(event)));
        let looked = places.iter().flatten();
        std::hint::black_box(looked.fold(0, |bits, &place| bits ^ self.changes.look_at(place)));
        for (event, &places) in events.iter().zip(&places) {
            self.enter(event, places)?;
        }
        self.places = places;
        Ok(())
    }

    /// Where the changes of the debit and of the credit account are gathered, if the event moves
    /// anything between two.
    fn places_of(&mut self, event: &Event) -> [u32; 2] {
        let (debit, credit) = match &event.fact {
            Fact::TransferCreated(created) => {
                let transfer = &created.transfer;
                (transfer.debit_account_id, transfer.credit_account_id)
            }
            Fact::TransferExpired(expired) => (expired.debit_account_id, expired.credit_account_id),
            _ => return [0; 2],
        };
        [self.changes.place_of(debit), self.changes.place_of(credit)]
    }

    fn enter(&mut self, event: &Event, places: [u32; 2]) -> Result<(), Difference> {
        match &event.fact {
            Fact::TransferCreated(created) => self.enter_transfer(created, event.sequence, places),
            Fact::TransferExpired(expired) => self.enter_expiry(expired, event.sequence, places),
            Fact::AccountCreated(account) => self.enter_account(account, event.sequence),
            Fact::AccountUpdated(update) => {
                self.changes.of(update.id).update(update, event.sequence);
                Ok(())
            }
            Fact::LedgerRegistered(ledger) => {
                self.ledgers.register(ledger);
                Ok(())
            }
            // These move nothing and are in no record.
            Fact::TransferRejected(_) | Fact::TransferFenced(_) | Fact::EpochBegan(_) => Ok(()),
            _ => Err(Difference::EventUnknown(event.sequence)),
        }
    }

    fn enter_account(
        &mut self,
        created: &NewAccount,
        sequence: Sequence,
    ) -> Result<(), Difference> {
        let rarer = self.changes.of(created.id).rarer();
        if rarer.created.is_some() {
            return Err(Difference::AccountRepeated(created.id));
        }
        rarer.created = Some(Positioned {
            position: self.accounts,
            account: Account::new(created, sequence),
        });
        self.accounts += 1;
        self.ledgers.create_account(created.ledger);
        let newest = &mut self.standing.newest_account;
        *newest = (*newest).max(created.timestamp);
        Ok(())
    }

    fn enter_transfer(
        &mut self,
        created: &TransferCreated,
        sequence: Sequence,
        places: [u32; 2],
    ) -> Result<(), Difference> {
        let transfer = &created.transfer;
        let mut amounts = Amounts::of(created);
        let (posts, voids) = (
            transfer
                .flags
                .contains(TransferFlags::POST_PENDING_TRANSFER),
            transfer
                .flags
                .contains(TransferFlags::VOID_PENDING_TRANSFER),
        );
        if posts || voids {
            let wrong = || Difference::HoldSplitWrong(transfer.pending_id);
            let after = &created.hold;
            let gone = amounts.posted.checked_add(after.released);
            amounts.released = gone.ok_or_else(wrong)?;
            let before = Split {
                posted: after.posted.checked_sub(amounts.posted).ok_or_else(wrong)?,
                rest: after.rest.checked_add(amounts.released).ok_or_else(wrong)?,
            };
            self.holds.resolve(Resolution {
                id: transfer.pending_id,
                sequence,
                before,
                after: Split {
                    posted: after.posted,
                    rest: after.rest,
                },
                releases: voids,
            })?;
        }
        self.standing.transfers += 1;
        let newest = &mut self.standing.newest_transfer;
        *newest = (*newest).max(transfer.timestamp);
        let after = [created.debit_after, created.credit_after].map(|totals| Last {
            sequence,
            ledger: transfer.ledger,
            totals,
        });
        self.enter_changes(&amounts, 1, places, after);
        if transfer.flags.contains(TransferFlags::PENDING) {
            self.make_hold(transfer, sequence)?;
        }
        Ok(())
    }

    fn enter_expiry(
        &mut self,
        expired: &TransferExpired,
        sequence: Sequence,
        places: [u32; 2],
    ) -> Result<(), Difference> {
        let (posted, rest) = (expired.posted, expired.released);
        self.holds.resolve(Resolution {
            id: expired.pending_id,
            sequence,
            before: Split { posted, rest },
            after: Split {
                posted,
                rest: Amount::ZERO,
            },
            releases: true,
        })?;
        let amounts = Amounts {
            reserved: Amount::ZERO,
            released: expired.released,
            posted: Amount::ZERO,
        };
        let after = [expired.debit_after, expired.credit_after].map(|totals| Last {
            sequence,
            ledger: expired.ledger,
            totals,
        });
        self.enter_changes(&amounts, 0, places, after);
        Ok(())
    }

    /// What an event does to the debit and to the credit account, and to their ledger.
    fn enter_changes(
        &mut self,
        amounts: &Amounts,
        transfers: u64,
        places: [u32; 2],
        after: [Last; 2],
    ) {
        let moved = &amounts.moved();
        self.ledgers.transfer(after[0].ledger, moved, transfers);
        let debit = self.changes.at(places[0]);
        debit.moved.debit(moved);
        debit.last = Some(after[0]);
        let credit = self.changes.at(places[1]);
        credit.moved.credit(moved);
        credit.last = Some(after[1]);
    }

    fn make_hold(&mut self, transfer: &Transfer, sequence: Sequence) -> Result<(), Difference> {
        let closing = [
            (TransferFlags::CLOSING_DEBIT, transfer.debit_account_id),
            (TransferFlags::CLOSING_CREDIT, transfer.credit_account_id),
        ];
        for (flag, account) in closing {
            if transfer.flags.contains(flag) {
                self.changes.of(account).close(sequence, true);
            }
        }
        let hold = Hold::new(transfer, sequence);
        self.holds
            .make(hold.ok_or(Difference::TimeoutTooLong(transfer.id))?);
        Ok(())
    }

    /// Makes room in memory, where it is time to.
    pub(super) fn spill(&mut self, scratch: &mut Scratch<'_>) -> Result<(), DeriveError> {
        if self.holds.is_full() {
            self.holds.spill(scratch)?;
        }
        if self.changes.is_full() {
            self.changes.spill(scratch)?;
        }
        Ok(())
    }

    /// Settles what can be said of a hold only when all of it was read.
    pub(super) fn settle(&mut self, scratch: &mut Scratch<'_>) -> Result<(), DeriveError> {
        for Reopened { account, sequence } in self.holds.settle(scratch)? {
            self.changes.of(account).close(sequence, false);
        }
        Ok(())
    }
}
