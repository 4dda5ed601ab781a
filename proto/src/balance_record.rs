//! The history of an account's totals on the wire.

use ledger_core::{Sequence, Timestamp, Totals, TransferId};

use crate::{
    uint128::{amount, number, present},
    v1,
};

/// The four running totals of an account right after one of its events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BalanceRecord {
    /// The position of the event in the journal.
    pub sequence: Sequence,
    /// Its journal time.
    pub time: Timestamp,
    /// The transfer that was created; of a reservation that expired, the reservation.
    pub transfer_id: TransferId,
    /// The totals.
    pub totals: Totals,
}

impl From<&BalanceRecord> for v1::BalanceRecord {
    fn from(record: &BalanceRecord) -> Self {
        let totals = &record.totals;
        Self {
            sequence: record.sequence.get(),
            time: record.time.get(),
            transfer_id: present(record.transfer_id.get()),
            debits_pending: present(totals.debits_pending.get()),
            debits_posted: present(totals.debits_posted.get()),
            credits_pending: present(totals.credits_pending.get()),
            credits_posted: present(totals.credits_posted.get()),
        }
    }
}

impl From<v1::BalanceRecord> for BalanceRecord {
    fn from(wire: v1::BalanceRecord) -> Self {
        Self {
            sequence: Sequence::new(wire.sequence),
            time: Timestamp::new(wire.time),
            transfer_id: TransferId::new(number(wire.transfer_id)),
            totals: Totals {
                debits_pending: amount(wire.debits_pending),
                debits_posted: amount(wire.debits_posted),
                credits_pending: amount(wire.credits_pending),
                credits_posted: amount(wire.credits_posted),
            },
        }
    }
}

#[cfg(test)]
mod tests;
