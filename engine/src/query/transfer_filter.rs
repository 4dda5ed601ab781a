//! What to list of the transfers.

use ledger_core::{AccountId, Amount, GroupId, LedgerId, Timestamp, TransferId};

use super::{Between, TransferState};

/// Which transfers to list. Every field that is set must match (and); a field that holds several
/// values matches with any of them (or); an empty field matches everything.
///
/// What is listed are transfers that took effect, of every kind, and fences. An id that was
/// refused is none of them.
///
/// # Cost
/// The list is walked along the index of the one field that is rarest where the page begins, of
/// `pending_ids`, `reverses_ids`, `groups`, `references`, `user_data_128`, `user_data_64` and the
/// accounts; each step reads one event. Where none of these is set, the events themselves are
/// walked, without the sealed segments that hold no such ledger, code, time or small user data.
/// A page ends early after a fixed number of events, whatever it has found until then.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TransferFilter {
    /// Accounts on either side. A fence touches no account, so it matches no account.
    pub accounts: Vec<AccountId>,
    /// Accounts that are debited.
    pub debit_accounts: Vec<AccountId>,
    /// Accounts that are credited.
    pub credit_accounts: Vec<AccountId>,
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
    /// References, whole; not empty.
    pub references: Vec<Box<str>>,
    /// Groups that the transfer is a leg of.
    pub groups: Vec<GroupId>,
    /// Reservations that the transfer posts, voids or fences.
    pub pending_ids: Vec<TransferId>,
    /// Transfers that the transfer reverses or fences.
    pub reverses_ids: Vec<TransferId>,
    /// What became of the transfer, as of the moment of the answer.
    pub states: Vec<TransferState>,
    /// How old the transfer is, in whole seconds from its journal time to the moment of the first
    /// page. Together with [`TransferState::Pending`] it finds what hangs.
    pub age_s: Between<u64>,
    /// Journal times, which for everything but imported transfers are their timestamps.
    pub times: Between<Timestamp>,
    /// The amount that was actually moved or reserved at first; for a fence, the amount asked for.
    pub amounts: Between<Amount>,
}

impl TransferFilter {
    /// The most values that a field may hold.
    pub const VALUES_MAX: usize = 128;
}
