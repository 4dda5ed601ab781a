//! What a set of books can be asked to do, whoever keeps them: the ledger core with a journal in
//! memory, or the naive model. Tests that speak this language run against both.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part"
)]

use ledger_core::{
    AccountAnswer, AccountId, AccountUpdate, Amount, Event, LedgerId, LedgerStatus, NewAccount,
    NewLedger, Sequence, Sum, Timestamp, Totals, Transfer, TransferAnswer, UpdateAnswer,
};

/// A set of books.
pub trait Books {
    /// See `State::register_ledgers`.
    fn register_ledgers(&mut self, now: Timestamp, ledgers: &[NewLedger]) -> Vec<LedgerStatus>;
    /// See `State::create_accounts`.
    fn create_accounts(&mut self, now: Timestamp, accounts: &[NewAccount]) -> Vec<AccountAnswer>;
    /// See `State::update_accounts`.
    fn update_accounts(&mut self, now: Timestamp, updates: &[AccountUpdate]) -> Vec<UpdateAnswer>;
    /// See `State::create_transfers`.
    fn create_transfers(
        &mut self,
        now: Timestamp,
        transfers: &[Transfer],
        dry_run: bool,
    ) -> Vec<TransferAnswer>;
    /// See `State::expire_due`.
    fn expire_due(&mut self, now: Timestamp, at_most: usize) -> usize;
    /// Everything that was recorded.
    fn history(&self) -> &[Event];
    /// Every account, by id.
    fn accounts(&self) -> Vec<Standing>;
    /// The sums of every ledger that has accounts or a code, by id.
    fn ledgers(&self) -> Vec<LedgerSums>;
    /// Every reservation of which something may still be posted or released, by id.
    fn open_holds(&self) -> Vec<OpenHold>;
}

/// An account as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    pub id: AccountId,
    pub ledger: LedgerId,
    pub totals: Totals,
    pub closed: bool,
    pub overdraft_limit: Amount,
    pub balance_max: Amount,
    pub timestamp: Timestamp,
    /// The event that created it.
    pub created: Sequence,
    /// The event that gave the current name; zero if it has none.
    pub named: Sequence,
}

/// The sums over a ledger's accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LedgerSums {
    pub id: LedgerId,
    pub debits_pending: Sum,
    pub debits_posted: Sum,
    pub credits_pending: Sum,
    pub credits_posted: Sum,
    pub accounts: u64,
    pub transfers: u64,
}

/// A reservation that is not resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenHold {
    pub id: u128,
    pub amount: Amount,
    pub posted: Amount,
    pub rest: Amount,
    pub expires_at: Option<Timestamp>,
}
