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
    /// The ledger of an account is not there.
    LedgerUnknown(LedgerId),
    /// The sums of a ledger are not those of its accounts.
    LedgerSumsWrong(LedgerId),
    /// The debits of a ledger are not its credits.
    LedgerUnbalanced(LedgerId),
    /// The account's place in the order of creation is taken, or is not its own.
    AccountMisplaced(AccountId),
    /// So many accounts are not there.
    AccountsMissing(usize),
    /// The pending totals of an account are not what is left of its reservations.
    PendingWrong(AccountId),
    /// The reservation is there already.
    HoldRepeated(TransferId),
    /// A record names an event after the newest one.
    BeyondEnd {
        /// The newest event.
        newest: Sequence,
        /// The one that is named.
        found: Sequence,
    },
    /// The counters are not those of the accounts and ledgers.
    StandingWrong,
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
            Self::LedgerUnknown(id) => write!(f, "ledger {id} of an account is not there"),
            Self::LedgerSumsWrong(id) => {
                write!(f, "the sums of ledger {id} are not those of its accounts")
            }
            Self::LedgerUnbalanced(id) => {
                write!(f, "the debits of ledger {id} are not its credits")
            }
            Self::AccountMisplaced(id) => {
                write!(f, "account {id} has a wrong place in the order of creation")
            }
            Self::AccountsMissing(count) => write!(f, "{count} accounts are missing"),
            Self::PendingWrong(id) => {
                write!(
                    f,
                    "the pending totals of account {id} are not what is left of its reservations"
                )
            }
            Self::HoldRepeated(id) => write!(f, "pending transfer {id} is there a second time"),
            Self::BeyondEnd { newest, found } => {
                write!(f, "event {found} is named, and {newest} is the newest one")
            }
            Self::StandingWrong => {
                write!(f, "the counters are not those of the accounts and ledgers")
            }
            Self::EpochWrong(epoch) => {
                write!(f, "epoch {epoch:032x} does not branch off where it begins")
            }
        }
    }
}

impl core::error::Error for Contradiction {}
