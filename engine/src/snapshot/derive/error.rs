//! Why no snapshot came of a derivation.

use std::io;
use std::path::PathBuf;

use ledger_core::{AccountId, LedgerId, Sequence, Sum, TransferId};

use crate::journal::Damage;
use crate::snapshot::SnapshotError;
use crate::snapshot::pace::Stopped;
use crate::snapshot::writer::WriteError;

/// Why no snapshot came of a derivation. What was half made is gone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeriveError {
    /// The file system refused.
    #[error("cannot read or write {}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A sealed segment cannot be read.
    #[error(
        "cannot read {}; stop the server and run `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    Unreadable {
        /// The data directory.
        dir: PathBuf,
        /// The segment.
        file: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// What the device holds is not what was written.
    #[error("{} does not read back from the device as it was written", file.display())]
    ReadBack {
        /// The snapshot under its temporary name.
        file: PathBuf,
    },
    /// The snapshot to begin with cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A sealed segment is not what was sealed.
    #[error(
        "{} is damaged at byte {offset}, where event {sequence} should follow; stop the server \
         and run `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    Journal {
        /// The data directory.
        dir: PathBuf,
        /// The segment.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// The event that should follow there.
        sequence: Sequence,
        /// What is wrong.
        source: Damage,
    },
    /// The books do not add up.
    #[error(
        "the books do not add up between event {after} and event {through}; stop the server and \
         run `pacioli verify --data-dir {}`",
        dir.display()
    )]
    Differs {
        /// The data directory.
        dir: PathBuf,
        /// The last event before those that were added up.
        after: Sequence,
        /// The last event that was added up.
        through: Sequence,
        /// What differs.
        source: Difference,
    },
    /// Nobody wants it any more.
    #[error("it was given up because the engine ends")]
    Stopped,
}

/// What differs between the amounts in the journal, added up, and what its events say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// An event is of a kind that this build does not add up.
    #[error("event {0} is of a kind that this build does not know")]
    EventUnknown(Sequence),
    /// An account is created twice.
    #[error("account {0} is created a second time")]
    AccountRepeated(AccountId),
    /// Events name an account that was never created.
    #[error("account {0} does not exist")]
    AccountUnknown(AccountId),
    /// A transfer names an account of another ledger.
    #[error("account {0} is not in the ledger of its transfers")]
    LedgerDifferent(AccountId),
    /// A pending transfer is posted or released that is not open.
    #[error("pending transfer {0} is not open")]
    HoldUnknown(TransferId),
    /// A pending transfer expires past the end of time.
    #[error("pending transfer {0} expires past the end of time")]
    TimeoutTooLong(TransferId),
    /// What was posted, released and is left of a pending transfer does not add up to it.
    #[error("what was posted, released and is left of pending transfer {0} does not add up")]
    HoldSplitWrong(TransferId),
    /// The amounts that an account's events moved do not add up to the totals after the last one.
    #[error("the amounts of account {account} do not add up to its totals after event {last}")]
    TotalsDiffer {
        /// The account.
        account: AccountId,
        /// The last event that changed its totals.
        last: Sequence,
    },
    /// The totals of a ledger's accounts do not add up to what moved in the ledger.
    #[error("the accounts of ledger {0} do not add up to what moved in it")]
    LedgerDiffers(LedgerId),
    /// Debits and credits of a ledger differ.
    #[error("in ledger {ledger} debits of {debits} stand against credits of {credits}")]
    Unbalanced {
        /// The ledger.
        ledger: LedgerId,
        /// All debits, pending or posted ones.
        debits: Sum,
        /// All credits, pending or posted ones.
        credits: Sum,
    },
    /// What is left of the open pending transfers is not what the accounts have pending.
    #[error("the open pending transfers of ledger {0} do not add up to what is pending in it")]
    HoldsDiffer(LedgerId),
}

impl From<WriteError> for DeriveError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io { file, source } => Self::Io { file, source },
            WriteError::ReadBack { file } => Self::ReadBack { file },
            WriteError::Stopped => Self::Stopped,
        }
    }
}

impl From<Stopped> for DeriveError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}
