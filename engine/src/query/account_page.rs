//! Accounts as they are listed.

use ledger_core::Account;

use super::{Moment, Position};

/// One page of a list of accounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountPage {
    /// What every row is as of; the same on all pages of a list.
    pub as_of: Moment,
    /// The accounts, in the order asked for. May be fewer than asked, even none, before the end.
    pub accounts: Vec<ListedAccount>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Position>,
}

/// An account, as it stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedAccount {
    /// Totals, limits, flags, and the events that last changed and named it: all as of the moment
    /// of the answer.
    pub account: Account,
    /// Its name at that moment; empty if it had none.
    pub name: Box<str>,
}
