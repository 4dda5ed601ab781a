//! Reservations: how they are made, and what posts, voids and expiry do to them.

use ledger_core::{
    AccountId, Amount, HoldAfter, LedgerId, Timestamp, Transfer, TransferCreated, TransferExpired,
    TransferFlags as F,
};

use super::transfers::Movement;
use super::{Books, Broken, HOLDS_PER_GROUP_MAX, OpenHold, Rule};

impl Books {
    /// A reservation was made; its closing flags take effect.
    pub(super) fn open_hold(
        &mut self,
        transfer: &Transfer,
        debit: u32,
        credit: u32,
        broken: &mut Broken,
    ) {
        let expires_at = (transfer.timeout != 0)
            .then(|| transfer.timestamp.checked_add_seconds(transfer.timeout));
        if expires_at == Some(None) {
            broken.push(Rule::TimeoutOutOfRange);
        }
        let hold = OpenHold {
            debit,
            credit,
            ledger: transfer.ledger,
            code: transfer.code,
            group: transfer.group_id.get(),
            posted: Amount::ZERO,
            rest: transfer.amount,
            expires_at: expires_at.flatten(),
            closes_debit: transfer.flags.contains(F::CLOSING_DEBIT),
            closes_credit: transfer.flags.contains(F::CLOSING_CREDIT),
        };
        self.accounts[debit as usize].closing_holds += u32::from(hold.closes_debit);
        self.accounts[credit as usize].closing_holds += u32::from(hold.closes_credit);
        self.open_holds.insert(transfer.id.get(), hold);
        if hold.group != 0 {
            let holds = self.holds_of_group.entry(hold.group).or_insert(0);
            *holds += 1;
            if *holds > HOLDS_PER_GROUP_MAX {
                broken.push(Rule::GroupIsFull);
            }
        }
    }

    /// A reservation is posted, in whole or in part.
    pub(super) fn enter_post(
        &mut self,
        created: &TransferCreated,
        debit: u32,
        credit: u32,
        time: Timestamp,
        broken: &mut Broken,
    ) -> Movement {
        let amount = created.transfer.amount;
        let released = created.hold.released;
        let movement = Movement {
            released: amount.saturating_add(released),
            posted: amount,
            ..Movement::default()
        };
        let Some(hold) = self.find_hold(&created.transfer, debit, credit, time, broken) else {
            return movement;
        };
        let keeps_open = created.transfer.flags.contains(F::KEEP_OPEN);
        let left = hold.rest.saturating_sub(amount);
        let outcome = HoldAfter {
            posted: hold.posted.saturating_add(amount),
            released: if keeps_open { Amount::ZERO } else { left },
            rest: if keeps_open { left } else { Amount::ZERO },
        };
        if created.took_all != left.is_zero() {
            broken.push(Rule::HoldOutcome);
        }
        self.settle(created, &hold, outcome, broken);
        movement
    }

    /// A reservation is released.
    pub(super) fn enter_void(
        &mut self,
        created: &TransferCreated,
        debit: u32,
        credit: u32,
        time: Timestamp,
        broken: &mut Broken,
    ) -> Movement {
        let movement = Movement {
            released: created.hold.released,
            ..Movement::default()
        };
        let Some(hold) = self.find_hold(&created.transfer, debit, credit, time, broken) else {
            return movement;
        };
        if created.transfer.amount != hold.rest {
            broken.push(Rule::HoldAmount {
                found: created.transfer.amount,
                left: hold.rest,
            });
        }
        let outcome = HoldAfter {
            posted: hold.posted,
            released: hold.rest,
            rest: Amount::ZERO,
        };
        self.settle(created, &hold, outcome, broken);
        movement
    }

    /// A reservation reached its time.
    pub(super) fn enter_expiry(
        &mut self,
        expired: &TransferExpired,
        time: Timestamp,
        broken: &mut Broken,
    ) {
        let id = expired.pending_id.get();
        let Some(hold) = self.open_holds.get(&id).copied() else {
            broken.push(Rule::HoldNotOpen);
            return;
        };
        if hold.expires_at.is_none_or(|at| at > time) {
            broken.push(Rule::HoldNotExpired);
        }
        let accounts = (expired.debit_account_id, expired.credit_account_id);
        if !self.is_of(&hold, accounts, expired.ledger) {
            broken.push(Rule::HoldFieldsDiffer);
        }
        if (expired.posted, expired.released) != (hold.posted, hold.rest) {
            broken.push(Rule::HoldOutcome);
        }
        self.close_hold(id, &hold);
        let movement = Movement {
            released: expired.released,
            ..Movement::default()
        };
        let after = (&expired.debit_after, &expired.credit_after);
        self.enter_totals(hold.debit, hold.credit, movement, after, broken);
    }

    /// The open reservation that a post or a void names.
    fn find_hold(
        &mut self,
        transfer: &Transfer,
        debit: u32,
        credit: u32,
        time: Timestamp,
        broken: &mut Broken,
    ) -> Option<OpenHold> {
        let Some(hold) = self.open_holds.get(&transfer.pending_id.get()).copied() else {
            broken.push(Rule::HoldNotOpen);
            return None;
        };
        if hold.expires_at.is_some_and(|at| at <= time) {
            broken.push(Rule::HoldExpired);
        }
        let same = (hold.debit, hold.credit) == (debit, credit)
            && hold.ledger == transfer.ledger
            && hold.code == transfer.code
            && hold.group == transfer.group_id.get();
        if !same {
            broken.push(Rule::HoldFieldsDiffer);
        }
        if transfer.amount > hold.rest {
            broken.push(Rule::HoldAmount {
                found: transfer.amount,
                left: hold.rest,
            });
        }
        Some(hold)
    }

    /// Compares what became of a reservation with what the event says, and goes on from the event.
    fn settle(
        &mut self,
        created: &TransferCreated,
        hold: &OpenHold,
        outcome: HoldAfter,
        broken: &mut Broken,
    ) {
        let found = created.hold;
        if found != outcome {
            broken.push(Rule::HoldOutcome);
        }
        let id = created.transfer.pending_id.get();
        if found.rest.is_zero() {
            self.close_hold(id, hold);
        } else if let Some(hold) = self.open_holds.get_mut(&id) {
            hold.posted = found.posted;
            hold.rest = found.rest;
        }
    }

    /// A reservation is resolved: it no longer keeps its accounts closed.
    fn close_hold(&mut self, id: u128, hold: &OpenHold) {
        self.open_holds.remove(&id);
        self.accounts[hold.debit as usize].closing_holds -= u32::from(hold.closes_debit);
        self.accounts[hold.credit as usize].closing_holds -= u32::from(hold.closes_credit);
    }

    fn is_of(
        &self,
        hold: &OpenHold,
        (debit, credit): (AccountId, AccountId),
        ledger: LedgerId,
    ) -> bool {
        let index = |id: AccountId| self.account_by_id.get(&id.get());
        index(debit) == Some(&hold.debit)
            && index(credit) == Some(&hold.credit)
            && hold.ledger == ledger
    }
}
