//! Transfers that were looked up, with what became of them.

use ledger_core::{Amount, Sequence, Timestamp, Transfer, TransferId, TransferStatus};

use crate::{
    FieldPath, Malformed, status,
    uint128::{amount, number, present},
    v1,
};

/// What became of a transfer: its last act.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum TransferState {
    /// A reservation that is open; parts of it may have been posted.
    Pending,
    /// Its value has moved; of a reservation, as much as was posted.
    Posted,
    /// A reservation that was released; or the void that released it.
    Voided,
    /// A reservation that was released because its time had come.
    Expired,
    /// Value of it was given back, wholly or in part.
    Reversed,
    /// It moved nothing and keeps its target from ever existing.
    Fenced,
}

impl TransferState {
    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Posted,
        Self::Voided,
        Self::Expired,
        Self::Reversed,
        Self::Fenced,
    ];

    /// The name, such as `pending`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Posted => "posted",
            Self::Voided => "voided",
            Self::Expired => "expired",
            Self::Reversed => "reversed",
            Self::Fenced => "fenced",
        }
    }

    pub(crate) const fn wire(self) -> v1::TransferState {
        match self {
            Self::Pending => v1::TransferState::Pending,
            Self::Posted => v1::TransferState::Posted,
            Self::Voided => v1::TransferState::Voided,
            Self::Expired => v1::TransferState::Expired,
            Self::Reversed => v1::TransferState::Reversed,
            Self::Fenced => v1::TransferState::Fenced,
        }
    }

    /// The state with the number of an enum's field.
    pub(crate) fn of(number: i32, at: FieldPath) -> Result<Self, Malformed> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.wire() as i32 == number)
            .ok_or(Malformed::UnknownNumber {
                at,
                number: number.into(),
            })
    }
}

/// A transfer with what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransferRecord {
    /// As it was recorded, with every field filled in.
    pub transfer: Transfer,
    /// What became of it.
    pub state: TransferState,
    /// Of a reservation: what was posted so far.
    pub posted: Amount,
    /// Of a reservation: what was released without being posted.
    pub released: Amount,
    /// What was given back by reversals so far.
    pub reversed: Amount,
    /// Its position in the journal.
    pub sequence: Sequence,
    /// The position of the newest event that resolved, posted or reversed it; zero if there is
    /// none.
    pub act_sequence: Sequence,
    /// The journal time of its event: its timestamp, unless it was imported with one of its own.
    pub time: Timestamp,
}

impl From<&TransferRecord> for v1::TransferRecord {
    fn from(record: &TransferRecord) -> Self {
        Self {
            transfer: Some((&record.transfer).into()),
            state: record.state.wire().into(),
            posted: present(record.posted.get()),
            released: present(record.released.get()),
            reversed: present(record.reversed.get()),
            sequence: record.sequence.get(),
            act_sequence: record.act_sequence.get(),
            time: record.time.get(),
        }
    }
}

impl v1::TransferRecord {
    /// The transfer that was found; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A malformed or absent transfer, a state that this version does not know.
    pub fn read(self, at: FieldPath) -> Result<TransferRecord, Malformed> {
        let state = TransferState::of(self.state, at.with("state"))?;
        Ok(TransferRecord {
            transfer: self
                .transfer
                .ok_or(Malformed::Absent {
                    at: at.with("transfer"),
                })?
                .read(at)?,
            state,
            posted: amount(self.posted),
            released: amount(self.released),
            reversed: amount(self.reversed),
            sequence: Sequence::new(self.sequence),
            act_sequence: Sequence::new(self.act_sequence),
            time: Timestamp::new(self.time),
        })
    }
}

/// An id that a refusal used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsedUpTransfer {
    /// The id.
    pub id: TransferId,
    /// Why it was refused.
    pub status: TransferStatus,
    /// When.
    pub timestamp: Timestamp,
}

impl From<&UsedUpTransfer> for v1::UsedUpTransfer {
    fn from(used_up: &UsedUpTransfer) -> Self {
        Self {
            id: present(used_up.id.get()),
            status: used_up.status.number().into(),
            timestamp: used_up.timestamp.get(),
        }
    }
}

impl v1::UsedUpTransfer {
    /// The id that was used up; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A status that this version does not know.
    pub fn read(self, at: FieldPath) -> Result<UsedUpTransfer, Malformed> {
        Ok(UsedUpTransfer {
            id: TransferId::new(number(self.id)),
            status: status::transfer(self.status, at.with("status"))?,
            timestamp: Timestamp::new(self.timestamp),
        })
    }
}

#[cfg(test)]
mod tests;
