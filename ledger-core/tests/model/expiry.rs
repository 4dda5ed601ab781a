//! Reservations that reach their time.

use ledger_core::{Amount, Fact, Timestamp, TransferExpired, TransferId};

use super::World;
use super::world::{End, Made, Meaning};

impl World {
    pub fn expire_due(&mut self, now: Timestamp, at_most: usize) -> usize {
        let mut released = 0;
        while released < at_most {
            let moment = self.moment(now);
            let Some(id) = self.next_due(moment) else {
                break;
            };
            self.expire(id, moment);
            released += 1;
        }
        released
    }

    /// The reservation that is due first: by the time of its expiry, then of its creation.
    fn next_due(&self, moment: Timestamp) -> Option<TransferId> {
        let due = self.ids.iter().filter(|(id, _)| self.is_due(**id, moment));
        let by_age = |(id, _): (&TransferId, _)| {
            let hold = self
                .made(*id)
                .and_then(|made| made.hold)
                .expect("a reservation");
            (hold.expires_at, hold.sequence, *id)
        };
        due.map(by_age).min().map(|(.., id)| id)
    }

    /// Whether this is an open reservation whose time has come.
    pub fn is_due(&self, id: TransferId, moment: Timestamp) -> bool {
        let hold = self.made(id).and_then(|made| made.hold);
        hold.is_some_and(|hold| {
            hold.end.is_none() && hold.expires_at.is_some_and(|at| at <= moment)
        })
    }

    pub fn expire(&mut self, id: TransferId, moment: Timestamp) {
        let made = self.made_mut(id);
        let transfer = made.transfer.clone();
        let hold = made.hold.as_mut().expect("a reservation");
        let (posted, released) = (hold.posted, hold.rest);
        hold.rest = 0;
        hold.end = Some(End::Expired);
        self.release(&transfer, released, true);
        let expired = TransferExpired {
            pending_id: id,
            debit_account_id: transfer.debit_account_id,
            credit_account_id: transfer.credit_account_id,
            ledger: transfer.ledger,
            posted: Amount::new(posted),
            released: Amount::new(released),
            debit_after: self.accounts[&transfer.debit_account_id].totals,
            credit_after: self.accounts[&transfer.credit_account_id].totals,
        };
        self.record(moment, Fact::TransferExpired(expired));
    }
}
