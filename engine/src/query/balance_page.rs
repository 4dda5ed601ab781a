//! Totals of accounts: at one moment, and one after the other.

use ledger_core::{AccountId, Sequence, Timestamp, Totals, TransferId};

use super::{Between, Moment, Position};

/// Which part of an account's history to tell. Both ranges must match.
///
/// # Cost
/// One look into the index a page and one event a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BalanceFilter {
    /// The account.
    pub account: AccountId,
    /// Sequences of the events.
    pub sequences: Between<Sequence>,
    /// Journal times of the events.
    pub times: Between<Timestamp>,
}

/// One page of the history of an account's totals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BalancePage {
    /// What the history is as of; the same on all pages.
    pub as_of: Moment,
    /// One for each event that changed the account's totals, in the order asked for; none if
    /// there is no such account. May be fewer than asked, even none, before the end.
    pub entries: Vec<BalanceEntry>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Position>,
}

/// The totals of an account after one of its events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BalanceEntry {
    /// The event.
    pub sequence: Sequence,
    /// Its journal time.
    pub time: Timestamp,
    /// The transfer, or the reservation that expired.
    pub transfer_id: TransferId,
    /// The account's totals after it.
    pub totals: Totals,
}

/// The totals of several accounts, all at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Balances {
    /// What they are as of.
    pub as_of: Moment,
    /// Of those accounts that there were, in the order asked.
    pub found: Vec<AccountTotals>,
    /// Ids that stood for nothing, in the order asked.
    pub missing: Vec<AccountId>,
}

/// The totals of an account at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountTotals {
    /// The account.
    pub id: AccountId,
    /// Its totals.
    pub totals: Totals,
}
