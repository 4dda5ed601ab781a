//! The Rust client of the ledger.

mod accounts;
mod calls;
mod client;
mod coalesce;
mod connection;
mod error;
mod failure;
mod id;
mod ledgers;
mod options;
mod pool;
mod receipt;
mod reference;
mod retry;
mod server_status;
mod transfers;
mod trial_balance;
mod verbatim;

pub use accounts::{AccountEntry, AccountsFound, BalancesFound};
pub use client::Client;
pub use error::{ClientError, DeadlinePassed, Refusal, Unanswered, Violation};
pub use id::{IdGenerator, time_ordered_id};
pub use ledger_proto::{
    LedgerProof, Reason, Receipt, TransferRecord, TransferState, UsedUpTransfer,
};
pub use options::{ClientOptions, Coalesce, CreateOptions};
pub use receipt::{Answer, Contradiction};
pub use reference::id_from_reference;
pub use server_status::{Degradation, Health, Role, ServerStatus};
pub use transfers::TransfersFound;
pub use trial_balance::{PageToken, TrialBalance, TrialBalanceEntry, TrialBalancePage};
