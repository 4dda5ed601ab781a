//! Reservations: how they are made, and what posts, voids and expiry do to them.

use ledger_core::{
    AccountId, Amount, Hold, HoldAfter, LedgerId, Timestamp, Transfer, TransferCreated,
    TransferExpired, TransferFlags as F,
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
        let hold = Hold::new(transfer, self.sequence).unwrap_or_else(|| {
            broken.push(Rule::TimeoutOutOfRange);
            let endless = Transfer {
                timeout: 0,
                ..transfer.clone()
            };
            Hold::new(&endless, self.sequence).expect("what never expires fits any time")
        });
        let closes = |flag| u32::from(transfer.flags.contains(flag));
        self.accounts[debit as usize].closing_holds += closes(F::CLOSING_DEBIT);
        self.accounts[credit as usize].closing_holds += closes(F::CLOSING_CREDIT);
        let open = OpenHold {
            hold,
            debit,
            credit,
        };
        self.open_holds.insert(transfer.id.get(), open);
        if !transfer.group_id.is_zero() {
            let group = transfer.group_id.get();
            let holds = self.holds_of_group.entry(group).or_insert(0);
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
        let Some(open) = self.find_hold(&created.transfer, debit, credit, time, broken) else {
            return movement;
        };
        let hold = &open.hold;
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
        self.settle(created, &open, outcome, broken);
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
        let Some(open) = self.find_hold(&created.transfer, debit, credit, time, broken) else {
            return movement;
        };
        let hold = &open.hold;
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
        self.settle(created, &open, outcome, broken);
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
        let Some(open) = self.open_holds.get(&id).cloned() else {
            broken.push(Rule::HoldNotOpen);
            return;
        };
        let hold = &open.hold;
        if hold.expires_at.is_none_or(|at| at > time) {
            broken.push(Rule::HoldNotExpired);
        }
        let accounts = (expired.debit_account_id, expired.credit_account_id);
        if !self.is_of(&open, accounts, expired.ledger) {
            broken.push(Rule::HoldFieldsDiffer);
        }
        if (expired.posted, expired.released) != (hold.posted, hold.rest) {
            broken.push(Rule::HoldOutcome);
        }
        self.close_hold(id, &open);
        let movement = Movement {
            released: expired.released,
            ..Movement::default()
        };
        let after = (&expired.debit_after, &expired.credit_after);
        self.enter_totals(open.debit, open.credit, movement, after, broken);
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
        let Some(open) = self.open_holds.get(&transfer.pending_id.get()).cloned() else {
            broken.push(Rule::HoldNotOpen);
            return None;
        };
        let hold = &open.hold;
        if hold.expires_at.is_some_and(|at| at <= time) {
            broken.push(Rule::HoldExpired);
        }
        let same = (open.debit, open.credit) == (debit, credit)
            && hold.ledger == transfer.ledger
            && hold.code == transfer.code
            && hold.group_id == transfer.group_id;
        if !same {
            broken.push(Rule::HoldFieldsDiffer);
        }
        if transfer.amount > hold.rest {
            broken.push(Rule::HoldAmount {
                found: transfer.amount,
                left: hold.rest,
            });
        }
        Some(open)
    }

    /// Compares what became of a reservation with what the event says, and goes on from the event.
    fn settle(
        &mut self,
        created: &TransferCreated,
        open: &OpenHold,
        outcome: HoldAfter,
        broken: &mut Broken,
    ) {
        let found = created.hold;
        if found != outcome {
            broken.push(Rule::HoldOutcome);
        }
        let id = created.transfer.pending_id.get();
        if found.rest.is_zero() {
            self.close_hold(id, open);
        } else if let Some(open) = self.open_holds.get_mut(&id) {
            open.hold.posted = found.posted;
            open.hold.rest = found.rest;
        }
    }

    /// A reservation is resolved: it no longer keeps its accounts closed.
    fn close_hold(&mut self, id: u128, open: &OpenHold) {
        self.open_holds.remove(&id);
        let closes = |flag| u32::from(open.hold.flags.contains(flag));
        self.accounts[open.debit as usize].closing_holds -= closes(F::CLOSING_DEBIT);
        self.accounts[open.credit as usize].closing_holds -= closes(F::CLOSING_CREDIT);
    }

    fn is_of(
        &self,
        open: &OpenHold,
        (debit, credit): (AccountId, AccountId),
        ledger: LedgerId,
    ) -> bool {
        let index = |id: AccountId| self.account_by_id.get(&id.get());
        index(debit) == Some(&open.debit)
            && index(credit) == Some(&open.credit)
            && open.hold.ledger == ledger
    }
}
