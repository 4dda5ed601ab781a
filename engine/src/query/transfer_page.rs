//! Transfers as they are listed.

use ledger_core::{Amount, Sequence, Timestamp, Transfer};

use super::{Moment, Position};

/// One page of a list of transfers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransferPage {
    /// What every row is as of; the same on all pages of a list.
    pub as_of: Moment,
    /// The transfers, in the order asked for. May be fewer than asked, even none, before the end.
    pub transfers: Vec<ListedTransfer>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Position>,
}

/// A transfer, with what had become of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedTransfer {
    /// The event that created it, or the fence.
    pub sequence: Sequence,
    /// The journal time of that event.
    pub time: Timestamp,
    /// As it was recorded; of a fence, as it was asked for, its timestamp filled in.
    pub transfer: Transfer,
    /// What had become of it.
    pub state: TransferState,
    /// What was posted of a reservation; zero for anything else.
    pub posted: Amount,
    /// What was released of a reservation that has ended; zero for anything else.
    pub released: Amount,
    /// What was given back of it by reversals.
    pub reversed: Amount,
    /// The newest event that ended this reservation or reversed this transfer; zero if none did.
    pub act: Sequence,
}

/// What became of a transfer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum TransferState {
    /// A reservation that is open; parts of it may have been posted.
    Pending,
    /// Its value has moved; of a reservation, as much as was posted.
    Posted,
    /// A reservation that was released; or the void that released it.
    Voided,
    /// A reservation that was released because its time had come.
    Expired,
    /// Value of it was given back, wholly or in part.
    Reversed,
    /// It moved nothing and keeps its target from ever existing.
    Fenced,
}
