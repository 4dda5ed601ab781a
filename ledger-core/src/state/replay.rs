//! Replay: blind posting of recorded facts. No rule is judged again; but what a fact says of the
//! state after it must follow from the state before it.

use super::{Account, AccountSlots, Contradiction, LOOK_AHEAD, Slot, State, Touched};
use crate::effect::Moved;
use crate::{
    AccountId, Amount, EpochBegan, Event, Fact, Sequence, Totals, Transfer, TransferCreated,
    TransferExpired, TransferFlags, TransferId,
};

impl State {
    /// Posts a recorded event.
    ///
    /// # Errors
    /// A [`Contradiction`] if the event cannot follow from those before. The state is then not to
    /// be used any further.
    pub fn replay(&mut self, event: &Event) -> Result<(), Contradiction> {
        self.replay_looked_up(event, AccountSlots::default())
    }

    /// Posts recorded events, one after the other. This is faster than each by itself, because
    /// memory is waited for in parallel.
    ///
    /// # Errors
    /// As [`State::replay`], with the sequence of the event that cannot follow.
    pub fn replay_all(&mut self, events: &[Event]) -> Result<(), (Sequence, Contradiction)> {
        let mut accounts = [AccountSlots::default(); LOOK_AHEAD];
        for events in events.chunks(LOOK_AHEAD) {
            let transfers = events.iter().map(|event| match &event.fact {
                Fact::TransferCreated(created) => Some(&created.transfer),
                _ => None,
            });
            self.look_ahead(transfers, &mut accounts);
            for (event, &accounts) in events.iter().zip(&accounts) {
                self.replay_looked_up(event, accounts)
                    .map_err(|contradiction| (event.sequence, contradiction))?;
            }
        }
        Ok(())
    }

    /// Posts an event whose accounts may have been looked up before. Accounts never go, so those
    /// that were found are where they were.
    fn replay_looked_up(
        &mut self,
        event: &Event,
        accounts: AccountSlots,
    ) -> Result<(), Contradiction> {
        let expected = self.sequence().next();
        if event.sequence != expected {
            return Err(Contradiction::SequenceGap {
                expected,
                found: event.sequence,
            });
        }
        if event.time <= self.time() {
            let before = self.time();
            return Err(Contradiction::TimeNotIncreasing {
                before,
                found: event.time,
            });
        }
        self.advance(event.sequence, event.time);
        match &event.fact {
            Fact::LedgerRegistered(ledger) => {
                self.judge_ledger(ledger)
                    .map_err(|_| Contradiction::LedgerRepeated(ledger.id))?;
                self.post_ledger(ledger);
            }
            Fact::AccountCreated(account) => {
                if self.account_slot(account.id).is_some() {
                    return Err(Contradiction::AccountRepeated(account.id));
                }
                self.post_account(account);
            }
            Fact::AccountUpdated(update) => {
                if self.recent.update(update.update_id).is_some() {
                    return Err(Contradiction::UpdateRepeated(update.update_id.get()));
                }
                let slot = self.existing_account(update.id)?;
                self.post_update(slot, update);
            }
            Fact::TransferCreated(created) => {
                let touched = self.check_created(created, accounts)?;
                self.post_created(created, touched);
            }
            Fact::TransferExpired(expired) => {
                let slot = self.check_expired(expired)?;
                self.post_expired(expired, slot);
            }
            Fact::TransferRejected(rejected) => {
                self.check_unused(rejected.id)?;
                self.post_rejected(rejected);
            }
            Fact::TransferFenced(fence) => {
                self.check_unused(fence.id)?;
                self.post_fenced(fence);
            }
            Fact::EpochBegan(began) => check_epoch(event, began)?,
        }
        Ok(())
    }

    pub(super) fn existing_account(&self, id: AccountId) -> Result<Slot, Contradiction> {
        self.account_slot(id)
            .ok_or(Contradiction::AccountUnknown(id))
    }

    /// An id stands for one event. One that was only fenced may still be used up.
    fn check_unused(&self, id: TransferId) -> Result<(), Contradiction> {
        match self.recent.transfer(id) {
            Some(word) if word.sequence().get() > 0 => Err(Contradiction::TransferRepeated(id)),
            _ => Ok(()),
        }
    }

    #[inline]
    fn check_created(
        &self,
        created: &TransferCreated,
        accounts: AccountSlots,
    ) -> Result<Touched, Contradiction> {
        let transfer = &created.transfer;
        if self.recent.transfer(transfer.id).is_some() {
            return Err(Contradiction::TransferRepeated(transfer.id));
        }
        let found = |slot: Option<Slot>, id| match slot {
            Some(slot) => Ok(slot),
            None => self.existing_account(id),
        };
        let debit = found(accounts.debit, transfer.debit_account_id)?;
        let credit = found(accounts.credit, transfer.credit_account_id)?;
        let accounts = (self.account_at(debit), self.account_at(credit));
        if accounts.0.ledger != transfer.ledger || accounts.1.ledger != transfer.ledger {
            return Err(Contradiction::LedgerDifferent(transfer.id, transfer.ledger));
        }
        let hold = self.check_hold(created)?;
        if transfer
            .timestamp
            .checked_add_seconds(transfer.timeout)
            .is_none()
        {
            return Err(Contradiction::TimeoutTooLong(transfer.id));
        }
        let moved = Moved::new(transfer.flags, transfer.amount, created.hold.released);
        check_totals(
            moved,
            accounts,
            (&created.debit_after, &created.credit_after),
        )?;
        Ok(Touched {
            debit,
            credit,
            hold,
        })
    }

    /// The reservation that a post or a void acts on, if its amounts add up.
    fn check_hold(&self, created: &TransferCreated) -> Result<Option<Slot>, Contradiction> {
        let transfer = &created.transfer;
        if !is_resolution(transfer) {
            return Ok(None);
        }
        let id = transfer.pending_id;
        let slot = self.hold_slot(id).ok_or(Contradiction::HoldUnknown(id))?;
        let (hold, after) = (self.hold_at(slot), created.hold);
        let void = transfer
            .flags
            .contains(TransferFlags::VOID_PENDING_TRANSFER);
        let posted_now = if void { Amount::ZERO } else { transfer.amount };
        // A void's amount is what it releases.
        let amount = !void || transfer.amount == after.released;
        let posted = hold.posted.checked_add(posted_now) == Some(after.posted);
        let rest = posted_now
            .checked_add(after.released)
            .and_then(|gone| gone.checked_add(after.rest))
            == Some(hold.rest);
        let accounts = hold.debit_account_id == transfer.debit_account_id
            && hold.credit_account_id == transfer.credit_account_id;
        if amount && posted && rest && accounts {
            Ok(Some(slot))
        } else {
            Err(Contradiction::HoldSplitWrong(id))
        }
    }

    fn check_expired(&self, expired: &TransferExpired) -> Result<Slot, Contradiction> {
        let id = expired.pending_id;
        let slot = self.hold_slot(id).ok_or(Contradiction::HoldUnknown(id))?;
        let hold = self.hold_at(slot);
        let same = hold.rest == expired.released
            && hold.posted == expired.posted
            && hold.debit_account_id == expired.debit_account_id
            && hold.credit_account_id == expired.credit_account_id;
        if !same {
            return Err(Contradiction::HoldSplitWrong(id));
        }
        let accounts = (
            self.account_at(hold.debit.0),
            self.account_at(hold.credit.0),
        );
        check_totals(
            Moved::release(expired.released),
            accounts,
            (&expired.debit_after, &expired.credit_after),
        )?;
        Ok(slot)
    }
}

/// Whether the totals that were recorded of a debit and a credit account are what theirs become.
#[inline]
fn check_totals(
    moved: Moved,
    (debit, credit): (&Account, &Account),
    (debit_after, credit_after): (&Totals, &Totals),
) -> Result<(), Contradiction> {
    if !moved.leads_debit(&debit.totals, debit_after) {
        return Err(Contradiction::TotalsWrong(debit.id));
    }
    if !moved.leads_credit(&credit.totals, credit_after) {
        return Err(Contradiction::TotalsWrong(credit.id));
    }
    Ok(())
}

/// A history branches off directly before its first own event, and never from itself.
fn check_epoch(event: &Event, began: &EpochBegan) -> Result<(), Contradiction> {
    let follows = began.fork.get().checked_add(1) == Some(event.sequence.get());
    if !follows || began.epoch == began.parent {
        return Err(Contradiction::EpochWrong(began.epoch));
    }
    Ok(())
}

fn is_resolution(transfer: &Transfer) -> bool {
    transfer
        .flags
        .intersects(TransferFlags::POST_PENDING_TRANSFER.with(TransferFlags::VOID_PENDING_TRANSFER))
}
