//! Why a run did not give a result.

use ledger_client::ClientError;
use ledger_core::{AccountStatus, Sum, Timestamp, TransferId, TransferStatus};

/// Why a run did not give a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// An option is too small for the workload.
    #[error("--{option} is {value}, and it takes at least {least} here")]
    TooFew {
        /// The option.
        option: &'static str,
        /// What it is.
        value: u64,
        /// What it has to be at least.
        least: u64,
    },
    /// An option is too large.
    #[error("--{option} is {value}, and it can be {most} at most here")]
    TooMany {
        /// The option.
        option: &'static str,
        /// What it is.
        value: u64,
        /// What it can be at most.
        most: u64,
    },
    /// The threads that make the calls could not be started.
    #[error("the load generator cannot start its threads")]
    Threads(#[source] std::io::Error),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] ClientError),
    /// An account was refused.
    #[error("an account of the run was refused: {status}; choose another --seed")]
    Account {
        /// Why.
        status: AccountStatus,
    },
    /// A transfer was refused.
    #[error(
        "transfer {id} was refused: {status}; on a database with older runs, choose another --seed"
    )]
    Transfer {
        /// Which.
        id: TransferId,
        /// Why.
        status: TransferStatus,
    },
    /// The books do not add up to what was acknowledged: the server broke its first promise.
    #[error("the books do not add up: {side} is {told}, and by what was acknowledged {expected}")]
    Books {
        /// Of which total.
        side: &'static str,
        /// What the server says.
        told: Sum,
        /// What it must be.
        expected: Sum,
    },
    /// The server of the run's own cannot be started, looked after or ended.
    #[error("the server's process or its files are out of reach")]
    Server(#[source] std::io::Error),
    /// The server of the run's own did not end cleanly.
    #[error("the server did not end cleanly: {0}")]
    ServerEnded(std::process::ExitStatus),
    /// A workload that cannot be repeated transfer by transfer.
    #[error("--workload linked is of chains, which are not sent again one by one; choose another")]
    ChainsAreNotRepeated,
    /// An old transfer was not answered as at first: the server broke its second promise.
    #[error(
        "transfer {id}, created at {expected}, was sent again and answered {status} with the \
         moment {found}"
    )]
    Forgotten {
        /// Which.
        id: TransferId,
        /// The answer; it must be `exists`.
        status: TransferStatus,
        /// The moment in the answer.
        found: Timestamp,
        /// The moment in the first answer.
        expected: Timestamp,
    },
    /// An answer contradicts an earlier one.
    #[error("{0}")]
    Contradiction(Box<ledger_client::Contradiction>),
}
