//! Posting: what was decided takes effect. Nothing here can be refused and nothing can fail; what
//! must hold was made sure of when the event was decided, or when it was checked for replay.

use alloc::boxed::Box;

use super::record::Place;
use super::undo::Step;
use super::{Account, Hold, Ledger, Slot, State};
use crate::effect::Moved;
use crate::{
    AccountFlags, AccountUpdate, LedgerId, NewAccount, NewLedger, Sequence, Timestamp, Totals,
    Transfer, TransferCreated, TransferExpired, TransferFlags, TransferRejected,
};

/// Where the records are that a transfer touches, so that they are looked up once.
#[derive(Clone, Copy)]
pub(crate) struct Touched {
    pub(crate) debit: Slot,
    pub(crate) credit: Slot,
    /// The reservation that a post or a void acts on.
    pub(crate) hold: Option<Slot>,
}

/// Where the accounts that a transfer names are, as far as they exist.
#[derive(Clone, Copy, Default)]
pub(crate) struct AccountSlots {
    pub(crate) debit: Option<Slot>,
    pub(crate) credit: Option<Slot>,
}

impl State {
    /// The next event has this place in the journal.
    pub(crate) fn advance(&mut self, sequence: Sequence, time: Timestamp) {
        debug_assert_eq!(
            sequence,
            self.clock.sequence.next(),
            "sequences have no gaps"
        );
        debug_assert!(time > self.clock.time, "journal time grows");
        assert!(
            self.recent.owed().is_none(),
            "ids are noted up to the newest event before another one"
        );
        self.clock.sequence = sequence;
        self.clock.time = time;
    }

    pub(crate) fn post_ledger(&mut self, registered: &NewLedger) {
        let slot = self.ledger_slot(registered.id);
        let ledger = &mut self.ledgers[slot];
        ledger.code = registered.code.clone();
        ledger.scale = registered.scale;
        self.ledger_codes
            .insert(registered.code.clone(), registered.id);
        self.undo.note(|| Step::LedgerRegistered { slot });
    }

    pub(crate) fn post_account(&mut self, created: &NewAccount) {
        let ledger_slot = self.ledger_slot(created.ledger);
        self.ledgers[ledger_slot].accounts += 1;
        let slot = self.accounts.push(Account {
            ledger_slot: Place(ledger_slot),
            ..Account::new(created, self.clock.sequence)
        });
        self.account_index
            .insert(self.hasher.hash(created.id.get()), slot);
        self.clock.newest_account = self.clock.newest_account.max(created.timestamp);
        self.undo.note(|| Step::AccountCreated);
    }

    pub(crate) fn post_update(&mut self, slot: Slot, update: &AccountUpdate) {
        let account = &mut self.accounts[slot];
        let before = Step::Limits {
            slot,
            overdraft_limit: account.overdraft_limit,
            balance_max: account.balance_max,
            named: account.named,
        };
        account.overdraft_limit = update.overdraft_limit.unwrap_or(account.overdraft_limit);
        account.balance_max = update.balance_max.unwrap_or(account.balance_max);
        if let Some(name) = &update.name {
            account.named = if name.is_empty() {
                Sequence::ZERO
            } else {
                self.clock.sequence
            };
        }
        self.undo.note(|| before);
        self.note_updated(self.clock.sequence, update);
    }

    pub(crate) fn post_created(&mut self, created: &TransferCreated, touched: Touched) {
        let transfer = &created.transfer;
        let moved = Moved::new(transfer.flags, transfer.amount, created.hold.released);
        self.post_totals(
            touched,
            moved,
            &created.debit_after,
            &created.credit_after,
            1,
        );
        self.note_created(self.clock.sequence, created);
        self.clock.transfers += 1;
        self.clock.newest_transfer = self.clock.newest_transfer.max(transfer.timestamp);
        if transfer.flags.contains(TransferFlags::PENDING) {
            self.post_reservation(transfer, touched);
        } else if let Some(slot) = touched.hold {
            self.post_resolution(created, slot);
        }
    }

    pub(crate) fn post_expired(&mut self, expired: &TransferExpired, slot: Slot) {
        let hold = &self.holds[slot];
        let touched = Touched {
            debit: hold.debit.0,
            credit: hold.credit.0,
            hold: Some(slot),
        };
        let moved = Moved::release(expired.released);
        self.reopen(slot);
        self.post_totals(
            touched,
            moved,
            &expired.debit_after,
            &expired.credit_after,
            0,
        );
        self.resolve(slot);
        self.note_expired(self.clock.sequence, expired);
    }

    pub(crate) fn post_rejected(&mut self, rejected: &TransferRejected) {
        self.note_rejected(self.clock.sequence, rejected);
    }

    pub(crate) fn post_fenced(&mut self, transfer: &Transfer) {
        self.note_fenced(self.clock.sequence, transfer);
    }

    #[inline]
    fn post_totals(
        &mut self,
        touched: Touched,
        moved: Moved,
        debit_after: &Totals,
        credit_after: &Totals,
        transfers: u64,
    ) {
        let sequence = self.clock.sequence;
        for (slot, after) in [(touched.debit, debit_after), (touched.credit, credit_after)] {
            let account = &mut self.accounts[slot];
            self.undo.note(|| Step::Totals {
                slot,
                totals: account.totals,
                changed: account.changed,
            });
            account.totals = *after;
            account.changed = sequence;
        }
        let slot = self.accounts[touched.debit].ledger_slot.0;
        let ledger = &mut self.ledgers[slot];
        ledger.move_by(moved);
        ledger.transfers += transfers;
        self.undo.note(|| Step::LedgerMoved {
            slot,
            moved,
            transfers,
        });
    }

    fn post_reservation(&mut self, transfer: &Transfer, touched: Touched) {
        let closing = [
            (TransferFlags::CLOSING_DEBIT, touched.debit),
            (TransferFlags::CLOSING_CREDIT, touched.credit),
        ];
        for (flag, slot) in closing {
            if transfer.flags.contains(flag) {
                let flags = self.accounts[slot].flags;
                self.set_flags(slot, flags.with(AccountFlags::CLOSED));
            }
        }
        let hold = Hold::new(transfer, self.clock.sequence)
            .expect("a timeout past the end of time was refused");
        let slot = self.insert_hold(Hold {
            debit: Place(touched.debit),
            credit: Place(touched.credit),
            ..hold
        });
        self.undo.note(|| Step::HoldCreated { slot });
    }

    /// A post or a void: the reservation keeps its rest or ends.
    fn post_resolution(&mut self, created: &TransferCreated, slot: Slot) {
        let hold = &mut self.holds[slot];
        let (posted, rest) = (hold.posted, hold.rest);
        hold.posted = created.hold.posted;
        hold.rest = created.hold.rest;
        self.undo.note(|| Step::HoldAmounts { slot, posted, rest });
        if created.hold.rest.is_zero() {
            if created
                .transfer
                .flags
                .contains(TransferFlags::VOID_PENDING_TRANSFER)
            {
                self.reopen(slot);
            }
            self.resolve(slot);
        }
    }

    fn resolve(&mut self, slot: Slot) {
        let hold = self.remove_hold(slot);
        self.undo.note(|| Step::HoldResolved {
            slot,
            hold: Box::new(hold),
        });
    }

    /// The release of a closing transfer opens the account again.
    fn reopen(&mut self, slot: Slot) {
        let hold = &self.holds[slot];
        let (flags, debit, credit) = (hold.flags, hold.debit.0, hold.credit.0);
        let closing = [
            (TransferFlags::CLOSING_DEBIT, debit),
            (TransferFlags::CLOSING_CREDIT, credit),
        ];
        for (flag, account) in closing {
            if flags.contains(flag) {
                let open = self.accounts[account].flags.without(AccountFlags::CLOSED);
                self.set_flags(account, open);
            }
        }
    }

    fn set_flags(&mut self, slot: Slot, flags: AccountFlags) {
        let before = core::mem::replace(&mut self.accounts[slot].flags, flags);
        self.undo.note(|| Step::Flags {
            slot,
            flags: before,
        });
    }

    pub(super) fn insert_hold(&mut self, hold: Hold) -> Slot {
        let hash = self.hasher.hash(hold.id.get());
        let expiry = hold.expires_at.map(|time| (time, hold.sequence));
        let slot = self.holds.insert(hold);
        self.hold_index.insert(hash, slot);
        if let Some(expiry) = expiry {
            self.expiries.insert(expiry, slot);
        }
        self.open_holds += 1;
        slot
    }

    pub(super) fn remove_hold(&mut self, slot: Slot) -> Hold {
        let hold = self.holds.take(slot);
        self.hold_index
            .remove(self.hasher.hash(hold.id.get()), slot);
        if let Some(time) = hold.expires_at {
            self.expiries.remove(&(time, hold.sequence));
        }
        self.open_holds -= 1;
        hold
    }

    /// The record of a ledger, made when its first account is created or it is registered.
    fn ledger_slot(&mut self, id: LedgerId) -> Slot {
        if let Some(&slot) = self.ledger_index.get(&id) {
            return slot;
        }
        let slot = self.ledgers.push(Ledger::new(id));
        self.ledger_index.insert(id, slot);
        self.undo.note(|| Step::LedgerCreated);
        slot
    }
}
