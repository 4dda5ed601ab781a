//! Stands in for the part of `ledger_core` that is not there yet. Removed when it is.
#![allow(missing_docs, unreachable_pub)]
use ledger_core::*;
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransferAnswer {
    pub status: TransferStatus,
    pub timestamp: Timestamp,
    pub amount: Amount,
    pub original_status: Option<TransferStatus>,
}
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BalancesAfter {
    pub debit_account_id: AccountId,
    pub debit: Totals,
    pub credit_account_id: AccountId,
    pub credit: Totals,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub ledger: LedgerId,
    pub code: u16,
    pub flags: AccountFlags,
    pub user_data_128: u128,
    pub user_data_64: u64,
    pub user_data_32: u32,
    pub overdraft_limit: Amount,
    pub balance_max: Amount,
    pub totals: Totals,
    pub timestamp: Timestamp,
    pub created: Sequence,
    pub changed: Sequence,
    pub named: Sequence,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    pub id: LedgerId,
    pub code: Box<str>,
    pub scale: u32,
    pub debits_pending: Sum,
    pub debits_posted: Sum,
    pub credits_pending: Sum,
    pub credits_posted: Sum,
    pub accounts: u64,
    pub transfers: u64,
}
