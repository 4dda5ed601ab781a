//! The durability of the ledger: the journal on disk, recovery, the order of commits, and the way
//! of a read back.
//!
//! Ring 2 of three: this crate knows files, threads and clocks. It knows nothing of the network.

pub mod backup;
pub mod journal;
pub mod restore;
pub mod scrub;
pub mod snapshot;
pub mod verify;
pub mod vfs;

mod clock;
mod commit;
mod config;
mod diff;
mod directory;
mod engine;
mod error;
mod exchange;
#[cfg(test)]
mod fixture;
mod gathering;
mod indexing;
mod lineage;
mod mending;
mod merging;
mod open;
mod published;
mod query;
mod queued;
mod reading;
mod recording;
mod reply;
mod request;
mod resolver;
mod runs;
mod sealing;
mod status;
mod syncer;
mod threads;
mod trial_balance;
mod writer;

pub use clock::{Clock, ClockStep, SimulatedClock, SystemClock};
pub use config::{Config, OnPanic};
pub use diff::{AccountDifference, DiffError, DiffSummary, diff};
pub use engine::Engine;
pub use error::{DirectoryError, Failure, OpenError, QueryError, ReadError, Refused};
pub use lineage::{EpochChanged, Lineage};
pub use query::{
    AccountFilter, AccountPage, AccountTotals, AccountsFound, At, BalanceEntry, BalanceFilter,
    BalancePage, Balances, Between, Direction, FilterError, ListedAccount, ListedTransfer, Moment,
    Paging, Position, Retraced, TransferFilter, TransferPage, TransferState,
};
pub use reply::{Body, Found, OpenHold, Receipt, Reply};
pub use request::{Command, Context, Request};
pub use runs::{RunDamage, RunError, RunPart};
pub use status::{Degraded, EngineStatus, Halt, Health};
pub use trial_balance::{LedgerProof, TrialBalancePage, TrialBalanceRow};
