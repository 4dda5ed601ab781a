//! Creating transfers: what happens once no rule refuses.

use ledger_core::{
    Amount, Fact, HoldAfter, Timestamp, Totals, Transfer, TransferAnswer, TransferCreated,
    TransferFlags, TransferRejected, TransferStatus,
};

use super::World;
use super::chain::{Chained, Place};
use super::question::{Kind, Question};
use super::world::{End, HoldState, Made, Meaning};

impl World {
    pub fn create_transfers(
        &mut self,
        now: Timestamp,
        transfers: &[Transfer],
        dry_run: bool,
    ) -> Vec<TransferAnswer> {
        if dry_run {
            return self.clone().create_transfers(now, transfers, false);
        }
        super::chain::decide(self, now, transfers)
    }

    /// Takes an amount of a reservation off the pending totals; the end of the reservation opens
    /// what it closed.
    pub fn release(&mut self, pending: &Transfer, amount: u128, ends: bool) {
        let amount = Amount::new(amount);
        let debit = self
            .accounts
            .get_mut(&pending.debit_account_id)
            .expect("its account");
        let total = &mut debit.totals.debits_pending;
        *total = total.checked_sub(amount).expect("it was reserved");
        if ends {
            debit.closed_by.remove(&pending.id);
        }
        let credit = self
            .accounts
            .get_mut(&pending.credit_account_id)
            .expect("its account");
        let total = &mut credit.totals.credits_pending;
        *total = total.checked_sub(amount).expect("it was reserved");
        if ends {
            credit.closed_by.remove(&pending.id);
        }
    }

    fn add_posted(&mut self, transfer: &Transfer, amount: Amount) {
        let total = |totals: &mut Totals, debit: bool| {
            let total = if debit {
                &mut totals.debits_posted
            } else {
                &mut totals.credits_posted
            };
            *total = total.checked_add(amount).expect("overflow was ruled out");
        };
        let debit = self
            .accounts
            .get_mut(&transfer.debit_account_id)
            .expect("its account");
        total(&mut debit.totals, true);
        let credit = self
            .accounts
            .get_mut(&transfer.credit_account_id)
            .expect("its account");
        total(&mut credit.totals, false);
    }

    fn add_pending(&mut self, transfer: &Transfer) {
        let amount = transfer.amount;
        let debit = self
            .accounts
            .get_mut(&transfer.debit_account_id)
            .expect("its account");
        let total = &mut debit.totals.debits_pending;
        *total = total.checked_add(amount).expect("overflow was ruled out");
        if transfer.flags.contains(TransferFlags::CLOSING_DEBIT) {
            debit.closed_by.insert(transfer.id);
        }
        let credit = self
            .accounts
            .get_mut(&transfer.credit_account_id)
            .expect("its account");
        let total = &mut credit.totals.credits_pending;
        *total = total.checked_add(amount).expect("overflow was ruled out");
        if transfer.flags.contains(TransferFlags::CLOSING_CREDIT) {
            credit.closed_by.insert(transfer.id);
        }
    }
}

impl Chained for Transfer {
    type Answer = TransferAnswer;

    fn is_linked(&self) -> bool {
        self.flags.contains(TransferFlags::LINKED)
    }

    fn is_imported(&self) -> bool {
        self.flags.contains(TransferFlags::IMPORTED)
    }

    fn prepare(&self, world: &mut World, now: Timestamp) {
        // A backlog of expiries never lets a post through: what is due is released first.
        let moment = world.moment(now);
        if world.is_due(self.pending_id, moment) {
            world.expire(self.pending_id, moment);
        }
    }

    fn judge(&self, world: &World, now: Timestamp, place: Place) -> TransferAnswer {
        let moment = world.moment(now);
        let question = Question {
            world,
            moment,
            asked: self,
            place,
        };
        let mut answer = TransferAnswer {
            status: TransferStatus::Created,
            timestamp: Timestamp::ZERO,
            amount: Amount::ZERO,
            original_status: None,
        };
        if let Some(&status) = question.refusals().first() {
            answer.status = status;
            if status == TransferStatus::Exists {
                match &world.ids[&self.id] {
                    Meaning::Created(made) => {
                        answer.timestamp = made.transfer.timestamp;
                        answer.amount = made.transfer.amount;
                    }
                    Meaning::Fence { time, .. } => answer.timestamp = *time,
                    Meaning::UsedUp { .. } => panic!("a used-up id is not an existing transfer"),
                }
            }
            if status == TransferStatus::IdAlreadyFailed {
                let Meaning::UsedUp { status, time } = &world.ids[&self.id] else {
                    panic!("the id was used up");
                };
                answer.timestamp = *time;
                answer.original_status = Some(*status);
            }
            return answer;
        }
        answer.timestamp = if self.is_imported() {
            self.timestamp
        } else {
            moment
        };
        if question.is_fence() {
            answer.status = TransferStatus::Fenced;
        } else {
            answer.amount = Amount::new(question.actual_amount().expect("its accounts are there"));
        }
        answer
    }

    fn post(&self, world: &mut World, now: Timestamp, answer: &TransferAnswer) {
        let moment = world.moment(now);
        if answer.status == TransferStatus::Fenced {
            let target = if self.pending_id.is_zero() {
                self.reverses_id
            } else {
                self.pending_id
            };
            world.fenced.insert(target);
            world.ids.insert(
                self.id,
                Meaning::Fence {
                    asked: self.clone(),
                    time: moment,
                },
            );
            let recorded = Transfer {
                timestamp: answer.timestamp,
                ..self.clone()
            };
            world.record(moment, Fact::TransferFenced(recorded));
            return;
        }

        let kind = Kind::of(self);
        let mut transfer = Transfer {
            amount: answer.amount,
            timestamp: answer.timestamp,
            ..self.clone()
        };
        let mut hold_after = HoldAfter::default();
        let mut reversed = Amount::ZERO;
        let mut took_all = false;
        let mut hold = None;
        match kind {
            Kind::Single => world.add_posted(&transfer, transfer.amount),
            Kind::Pending => {
                world.add_pending(&transfer);
                let expires_at = if self.timeout == 0 {
                    None
                } else {
                    answer.timestamp.checked_add_seconds(self.timeout)
                };
                hold = Some(HoldState {
                    posted: 0,
                    rest: transfer.amount.get(),
                    expires_at,
                    end: None,
                    sequence: ledger_core::Sequence::ZERO,
                });
                if !self.group_id.is_zero() {
                    *world.group_holds.entry(self.group_id).or_default() += 1;
                }
            }
            Kind::Reversal => {
                let target = world.made(self.reverses_id).expect("it was found").clone();
                transfer.debit_account_id = target.transfer.credit_account_id;
                transfer.credit_account_id = target.transfer.debit_account_id;
                transfer.ledger = target.transfer.ledger;
                let sum = target.reversed + transfer.amount.get();
                took_all = sum == target.transfer.amount.get();
                world.made_mut(self.reverses_id).reversed = sum;
                reversed = Amount::new(sum);
                world.add_posted(&transfer, transfer.amount);
            }
            Kind::Post | Kind::Void => {
                let pending = world.made(self.pending_id).expect("it was found").clone();
                fill_from_pending(&mut transfer, &pending.transfer);
                let before = pending.hold.expect("a reservation");
                let amount = transfer.amount.get();
                let posted = if kind == Kind::Post { amount } else { 0 };
                let left = before.rest - posted;
                let stays_open =
                    kind == Kind::Post && self.flags.contains(TransferFlags::KEEP_OPEN) && left > 0;
                let released = if stays_open { 0 } else { left };
                world.release(&pending.transfer, posted + released, !stays_open);
                if kind == Kind::Post {
                    world.add_posted(&transfer, transfer.amount);
                }
                took_all = kind == Kind::Post && left == 0;
                let state = world
                    .made_mut(self.pending_id)
                    .hold
                    .as_mut()
                    .expect("as above");
                state.posted += posted;
                state.rest = if stays_open { left } else { 0 };
                if !stays_open {
                    state.end = Some(if kind == Kind::Post {
                        End::Posted
                    } else {
                        End::Voided
                    });
                }
                hold_after = HoldAfter {
                    posted: Amount::new(state.posted),
                    released: Amount::new(released),
                    rest: Amount::new(state.rest),
                };
            }
        }
        let created = TransferCreated {
            transfer: transfer.clone(),
            took_all,
            hold: hold_after,
            reversed,
            debit_after: world.accounts[&transfer.debit_account_id].totals,
            credit_after: world.accounts[&transfer.credit_account_id].totals,
        };
        let sequence = world.record(moment, Fact::TransferCreated(created));
        if let Some(hold) = &mut hold {
            hold.sequence = sequence;
        }
        let made = Made {
            transfer,
            took_all,
            reversed: 0,
            hold,
        };
        world.ids.insert(self.id, Meaning::Created(made));
    }

    fn is_success(answer: &TransferAnswer) -> bool {
        matches!(
            answer.status,
            TransferStatus::Created | TransferStatus::Fenced
        )
    }

    fn is_exists(answer: &TransferAnswer) -> bool {
        answer.status == TransferStatus::Exists
    }

    fn failed_with_its_chain() -> TransferAnswer {
        TransferAnswer {
            status: TransferStatus::LinkedEventFailed,
            timestamp: Timestamp::ZERO,
            amount: Amount::ZERO,
            original_status: None,
        }
    }

    fn use_up(&self, world: &mut World, now: Timestamp, answer: &mut TransferAnswer) {
        use TransferStatus as S;
        let uses_up = [
            S::DebitAccountNotFound,
            S::CreditAccountNotFound,
            S::PendingTransferNotFound,
            S::ReversedTransferNotFound,
            S::DebitAccountAlreadyClosed,
            S::CreditAccountAlreadyClosed,
            S::ExceedsCredits,
            S::ExceedsDebits,
            S::ExceedsBalanceMax,
        ];
        if uses_up.contains(&answer.status) {
            let status = answer.status;
            let time = world.moment(now);
            world.ids.insert(self.id, Meaning::UsedUp { status, time });
            let rejected = TransferRejected {
                id: self.id,
                status,
                control_id: 0,
            };
            world.record(time, Fact::TransferRejected(rejected));
            answer.timestamp = time;
        }
    }
}

/// Fields left zero in a post or void are taken from the reservation.
pub fn fill_from_pending(transfer: &mut Transfer, pending: &Transfer) {
    transfer.debit_account_id = pending.debit_account_id;
    transfer.credit_account_id = pending.credit_account_id;
    transfer.ledger = pending.ledger;
    transfer.code = pending.code;
    transfer.group_id = pending.group_id;
    if transfer.user_data_128 == 0 {
        transfer.user_data_128 = pending.user_data_128;
    }
    if transfer.user_data_64 == 0 {
        transfer.user_data_64 = pending.user_data_64;
    }
    if transfer.user_data_32 == 0 {
        transfer.user_data_32 = pending.user_data_32;
    }
    if transfer.reference.is_empty() {
        transfer.reference.clone_from(&pending.reference);
    }
}
