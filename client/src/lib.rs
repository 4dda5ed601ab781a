//! The Rust client of the ledger.
//!
//! ```no_run
//! use ledger_client::{Client, ClientOptions, time_ordered_id};
//! use ledger_core::{AccountId, Amount, LedgerId, Transfer, TransferId};
//!
//! # async fn pay(cash: AccountId, sales: AccountId) -> Result<(), ledger_client::ClientError> {
//! let client = Client::connect(ClientOptions::new("http://127.0.0.1:7400")).await?;
//! let sale = Transfer {
//!     id: TransferId::new(time_ordered_id()),
//!     debit_account_id: cash,
//!     credit_account_id: sales,
//!     amount: Amount::new(1999),
//!     ledger: LedgerId::new(1),
//!     code: 1,
//!     ..Transfer::default()
//! };
//! let answer = client.create_transfer(sale).await?;
//! println!("{}, as of sequence {}", answer.value.status, answer.receipt.sequence);
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] spreads calls over several connections and makes them again, with the same ids,
//!   for as long as that may help. A status is data; a [`ClientError`] says whether to try again
//!   and whether something may have happened.
//! - [`Coalesce`] lets concurrent calls of one transfer each travel together.
//! - [`Client::list_transfers`], [`Client::list_accounts`] and [`Client::list_balances`] look at the
//!   past as a [`List`], whose pages are all as of one sequence; [`Client::balances_at`] and
//!   [`Client::trial_balance_at`] look at any moment of it.
//! - [`time_ordered_id`] and [`id_from_reference`] make ids.
//! - [`Receipt`] says what an answer rests on; a later answer that contradicts it is told as a
//!   [`Contradiction`].
//!
//! The examples beside this crate show a payment in two phases, a refund, a chain, coalescing and
//! ids from references.
//!
//! Absent: any type of the transport or of the generated messages in a signature; any rule of the
//! ledger.

mod account_list;
mod accounts;
mod backup;
mod balance_history;
mod calls;
mod client;
mod coalesce;
mod connection;
mod error;
mod exchange;
mod failure;
mod id;
mod ledgers;
mod options;
mod page;
mod pool;
mod receipt;
mod reference;
mod retry;
mod server;
mod server_status;
mod snapshots;
mod streaming;
mod transfer_list;
mod transfers;
mod trial_balance;
mod verification;

pub use accounts::{AccountEntry, AccountsFound, BalancesFound};
pub use balance_history::BalanceHistory;
pub use client::Client;
pub use error::{ClientError, DeadlinePassed, Refusal, Unanswered, Violation};
pub use id::{IdGenerator, time_ordered_id};
pub use ledger_proto::{
    AccountFilter, At, BackupBegin, BackupFile, BackupPart, BalanceRecord, Direction, LedgerProof,
    Range, Reason, Receipt, Severity, Snapshot, TransferFilter, TransferRecord, TransferState,
    UsedUpTransfer, VerifyFinding, VerifyPart, VerifyProgress, VerifySummary,
};
pub use options::{ClientOptions, Coalesce, CreateOptions};
pub use page::{List, ListOptions, Page, PageToken, Question};
pub use receipt::{Answer, Contradiction};
pub use reference::id_from_reference;
pub use server_status::{Degradation, Epoch, Health, Rebuilding, Role, ServerStatus};
pub use transfers::TransfersFound;
pub use trial_balance::{TrialBalance, TrialBalanceEntry, TrialBalancePage};
