//! Why a recorded event cannot follow from the state before it.

use core::fmt;

use crate::{AccountId, LedgerId, Sequence, Timestamp, TransferId};

/// A recorded event that contradicts the events before it: the journal was damaged in a way that
/// its checksums do not show, or was written by a faulty program. Nothing is to be served from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Contradiction {
    /// Sequences must have no gaps.
    SequenceGap {
        /// The one that should come next.
        expected: Sequence,
        /// The one that came.
        found: Sequence,
    },
    /// Journal time must grow.
    TimeNotIncreasing {
        /// The time of the event before.
        before: Timestamp,
        /// The time that came.
        found: Timestamp,
    },
    /// The account does not exist.
    AccountUnknown(AccountId),
    /// The account exists already.
    AccountRepeated(AccountId),
    /// The accounts of a transfer must be of its ledger.
    LedgerDifferent(TransferId, LedgerId),
    /// The ledger's code or id was given before.
    LedgerRepeated(LedgerId),
    /// The transfer id was used before.
    TransferRepeated(TransferId),
    /// The update id was used before.
    UpdateRepeated(u128),
    /// What is posted or released was never reserved, or no longer is.
    HoldUnknown(TransferId),
    /// What was posted, released and is left of a reservation does not add up to it.
    HoldSplitWrong(TransferId),
    /// The totals after the event are not those before it and the event's amounts.
    TotalsWrong(AccountId),
    /// A reservation's time was past all time.
    TimeoutTooLong(TransferId),
    /// The history that begins does not branch off where it begins.
    EpochWrong(u128),
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SequenceGap { expected, found } => {
                write!(
                    f,
                    "sequences must have no gaps: {expected} should come, {found} came"
                )
            }
            Self::TimeNotIncreasing { before, found } => {
                write!(f, "journal time must grow: {found} came after {before}")
            }
            Self::AccountUnknown(id) => write!(f, "account {id} does not exist"),
            Self::AccountRepeated(id) => write!(f, "account {id} is created a second time"),
            Self::LedgerDifferent(id, ledger) => {
                write!(
                    f,
                    "transfer {id} is not in the ledger {ledger} of its accounts"
                )
            }
            Self::LedgerRepeated(id) => {
                write!(f, "ledger {id} or its code is registered a second time")
            }
            Self::TransferRepeated(id) => write!(f, "transfer id {id} is used a second time"),
            Self::UpdateRepeated(id) => write!(f, "update id {id} is used a second time"),
            Self::HoldUnknown(id) => write!(f, "pending transfer {id} is not open"),
            Self::HoldSplitWrong(id) => {
                write!(
                    f,
                    "what was posted, released and is left of pending transfer {id} does not add up"
                )
            }
            Self::TotalsWrong(id) => {
                write!(
                    f,
                    "the totals of account {id} do not follow from those before"
                )
            }
            Self::TimeoutTooLong(id) => {
                write!(f, "pending transfer {id} expires past the end of time")
            }
            Self::EpochWrong(epoch) => {
                write!(f, "epoch {epoch:032x} does not branch off where it begins")
            }
        }
    }
}

impl core::error::Error for Contradiction {}
