//! Reservations that reach their time.

use ledger_core::{Amount, Fact, Timestamp, TransferExpired, TransferId};

use super::World;
use super::world::{End, Made, Meaning};

impl World {
    pub fn expire_due(&mut self, now: Timestamp, at_most: usize) -> usize {
        let mut released = 0;
        while released < at_most {
            let moment = self.moment(now);
            let Some(id) = self.due(moment, |_| true) else {
                break;
            };
            self.expire(id, moment);
            released += 1;
        }
        released
    }

    /// The reservation that is due first: by the time of its expiry, then of its creation.
    pub fn due(
        &self,
        moment: Timestamp,
        wanted: impl Fn(TransferId) -> bool,
    ) -> Option<TransferId> {
        let due = self.ids.iter().filter_map(|(id, meaning)| match meaning {
            Meaning::Created(Made {
                hold: Some(hold), ..
            }) if hold.end.is_none() => {
                let at = hold.expires_at.filter(|&at| at <= moment)?;
                wanted(*id).then_some((at, hold.sequence, *id))
            }
            _ => None,
        });
        due.min().map(|(_, _, id)| id)
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
