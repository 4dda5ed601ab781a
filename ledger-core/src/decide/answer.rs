//! What the ledger says to each event of a request.

use alloc::vec::Vec;

use crate::{AccountId, AccountStatus, Amount, Timestamp, Totals, TransferStatus, UpdateStatus};

/// The answer to one new account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountAnswer {
    /// The outcome.
    pub status: AccountStatus,
    /// The account's timestamp if it was created or exists; otherwise zero.
    pub timestamp: Timestamp,
}

/// The answer to one change of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UpdateAnswer {
    /// The outcome.
    pub status: UpdateStatus,
    /// When the change was made, if it was made now or before; otherwise zero.
    pub timestamp: Timestamp,
}

/// How a request of transfers is to be decided.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TransferOptions {
    /// Decide by the same rules, later events seeing earlier ones, and leave nothing behind.
    pub dry_run: bool,
    /// Tell the totals of both accounts after each transfer.
    pub return_balances: bool,
}

/// The answers to one request of transfers.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TransferAnswers {
    /// One a transfer, in order.
    pub answers: Vec<TransferAnswer>,
    /// One a transfer, in order, if asked for; otherwise empty.
    pub balances: Vec<Option<BalancesAfter>>,
    /// Whether an answer would be another one at an earlier time. It must not be given before a
    /// journal time at or after the one it was judged at is durable.
    pub depends_on_time: bool,
}

/// The answer to one transfer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferAnswer {
    /// The outcome.
    pub status: TransferStatus,
    /// The transfer's timestamp if it was created or exists; the moment its id was used up, if it
    /// was, now or before; otherwise zero.
    pub timestamp: Timestamp,
    /// What actually moved, now or when it was created; otherwise zero.
    pub amount: Amount,
    /// With [`TransferStatus::IdAlreadyFailed`]: the refusal that used the id up.
    pub original_status: Option<TransferStatus>,
}

impl TransferAnswer {
    pub(crate) const fn refused(status: TransferStatus) -> Self {
        Self {
            status,
            timestamp: Timestamp::ZERO,
            amount: Amount::ZERO,
            original_status: None,
        }
    }
}

/// The totals of a transfer's accounts after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BalancesAfter {
    /// The debited account.
    pub debit_account_id: AccountId,
    /// Its totals.
    pub debit: Totals,
    /// The credited account.
    pub credit_account_id: AccountId,
    /// Its totals.
    pub credit: Totals,
}
