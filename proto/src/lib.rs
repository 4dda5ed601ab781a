//! The gRPC surface of the ledger: the messages of `pacioli.v1`, both halves of its services, and
//! the conversions between the wire and the core.
//!
//! - [`v1`] is generated from `proto/pacioli/v1/*.proto`, the contract.
//! - [`TransferBatch`] and [`TransferBatchAnswer`] stand for the two messages of the hot path,
//!   `CreateTransfersRequest` and `CreateTransfersResponse`: they go straight from the core's types
//!   to bytes and back, without a tree of generated messages in between.
//! - Everything that comes from the other side is judged here: what cannot be understood is
//!   [`Malformed`] and names the field, such as `transfers[3].code`.
//! - [`Refusal`] is every error that the server itself makes, and becomes a status of gRPC;
//!   [`Explanation`] is what a client reads of it.
//!
//! Absent: any rule of the ledger, any socket.

mod account;
mod account_filter;
mod at;
mod backup;
mod balance_record;
mod codec;
mod explanation;
mod field_path;
mod ledger;
mod malformed;
mod message;
#[cfg(test)]
mod oracle;
mod range;
mod reason;
mod receipt;
mod refusal;
mod snapshot;
mod status;
mod transfer;
mod transfer_batch;
mod transfer_batch_answer;
mod transfer_filter;
mod transfer_record;
mod uint128;
pub mod v1;
mod verification;
mod wire;

pub use account_filter::AccountFilter;
pub use at::At;
pub use backup::{BackupBegin, BackupFile, BackupPart};
pub use balance_record::BalanceRecord;
pub use explanation::Explanation;
pub use field_path::FieldPath;
pub use ledger::LedgerProof;
pub use malformed::{Defect, Malformed};
pub use message::EVENTS_PER_REQUEST_MAX;
pub use range::{Direction, Range};
pub use reason::Reason;
pub use receipt::Receipt;
pub use refusal::Refusal;
pub use snapshot::Snapshot;
pub use transfer_batch::TransferBatch;
pub use transfer_batch_answer::{TransferBatchAnswer, TransferResult};
pub use transfer_filter::TransferFilter;
pub use transfer_record::{TransferRecord, TransferState, UsedUpTransfer};
pub use verification::{Severity, VerifyFinding, VerifyPart, VerifyProgress, VerifySummary};
