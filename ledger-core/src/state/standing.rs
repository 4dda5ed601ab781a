//! How far the state has come.

use super::State;
use crate::{Sequence, Timestamp};

/// The counters that every event moves.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Standing {
    /// The position of the newest event.
    pub sequence: Sequence,
    /// Journal time: that of the newest event, or a later one that was observed.
    pub time: Timestamp,
    /// The newest moment of an account: imported ones must be newer.
    pub newest_account: Timestamp,
    /// The newest moment of a transfer: imported ones must be newer.
    pub newest_transfer: Timestamp,
    /// The number of transfers ever created.
    pub transfers: u64,
}

impl State {
    /// How far the state has come.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.clock
    }
}
