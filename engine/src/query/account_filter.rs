//! What to list of the accounts.

use ledger_core::{AccountFlags, LedgerId, Timestamp};

use super::Between;

/// Which accounts to list. Every field that is set must match (and); a field that holds several
/// values matches with any of them (or); an empty field matches everything.
///
/// # Cost
/// Accounts are looked at in the order of their creation, 4096 a turn of the writer and at most
/// sixteen turns a page. With `name_prefix` the names of those that match everything else are
/// read, from the directory or else from the journal. On further pages what changed since the
/// first one is put back, for each such account with a look into the index and an event, and more
/// for one that was updated or closed. A page ends when that took as much as a page may take.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AccountFilter {
    /// Ledgers.
    pub ledgers: Vec<LedgerId>,
    /// Codes.
    pub codes: Vec<u16>,
    /// The client's; not zero.
    pub user_data_128: Vec<u128>,
    /// The client's; not zero.
    pub user_data_64: Vec<u64>,
    /// The client's; not zero.
    pub user_data_32: Vec<u32>,
    /// How the name begins, byte for byte; empty for any name and for none.
    pub name_prefix: Box<str>,
    /// Flags that are all set, as of the moment of the answer.
    pub flags: AccountFlags,
    /// Flags none of which is set, as of the moment of the answer.
    pub without_flags: AccountFlags,
    /// Journal times of the creation, which for everything but imported accounts are their
    /// timestamps.
    pub created: Between<Timestamp>,
}

impl AccountFilter {
    /// The most values that a field may hold.
    pub const VALUES_MAX: usize = 128;
}
