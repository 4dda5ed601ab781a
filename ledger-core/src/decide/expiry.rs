//! Expiry: reservations whose time has come are released by events of their own.

use crate::effect::Moved;
use crate::state::Slot;
use crate::{Event, Fact, Journal, State, Timestamp, TransferExpired, TransferId};

impl State {
    /// Releases what is due at clock time `now`, or at journal time if that is ahead of the clock:
    /// the oldest expiry first and then by creation, but no more than `at_most`. Returns how many
    /// were released.
    pub fn expire_due<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        at_most: usize,
    ) -> usize {
        let mut released = 0;
        while released < at_most
            && let Some(slot) = self.due_hold(self.moment(now))
        {
            self.expire(journal, now, slot);
            released += 1;
        }
        released
    }

    /// Releases one reservation, if there is one of this id and it is due, however many others
    /// are due before it.
    pub(super) fn expire_if_due<J: Journal>(
        &mut self,
        journal: &mut J,
        now: Timestamp,
        id: TransferId,
    ) {
        if let Some(slot) = self.hold_slot(id)
            && self.hold_at(slot).is_due(self.moment(now))
        {
            self.expire(journal, now, slot);
        }
    }

    fn expire<J: Journal>(&mut self, journal: &mut J, now: Timestamp, slot: Slot) {
        let at = self.moment(now);
        let hold = self.hold_at(slot);
        let moved = Moved::release(hold.rest);
        let reserved = "what is left of a reservation is in its accounts' pending totals";
        let expired = TransferExpired {
            pending_id: hold.id,
            debit_account_id: hold.debit_account_id,
            credit_account_id: hold.credit_account_id,
            ledger: hold.ledger,
            posted: hold.posted,
            released: hold.rest,
            debit_after: moved
                .debit(&self.account_at(hold.debit.0).totals)
                .expect(reserved),
            credit_after: moved
                .credit(&self.account_at(hold.credit.0).totals)
                .expect(reserved),
        };
        let event: Event = self.next_event(at, false, Fact::TransferExpired(expired));
        self.post_expired(&expired, slot);
        journal.record(&event);
    }
}
