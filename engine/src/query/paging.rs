//! Lists come in pages.

use ledger_core::{Sequence, Timestamp};

use super::Retraced;

/// The order of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Direction {
    /// In the order of the journal: the oldest first.
    #[default]
    Ascending,
    /// Against the order of the journal: the newest first.
    Descending,
}

/// Which page of a list is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paging {
    /// The order of the list; the same for all its pages.
    pub direction: Direction,
    /// The most rows of the page: from 1 to [`Paging::ROWS_MAX`]; what lies outside is taken as
    /// the nearest of these.
    pub limit: usize,
    /// Where the page begins: what the page before told. `None` for the first page.
    pub from: Option<Position>,
}

/// Where a page begins. It means something together with the same filter and direction only, in
/// the same epoch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Position {
    /// The sequence that all pages of the list are as of.
    pub as_of: Sequence,
    /// The moment of the first page, by the clock: ages are judged by it on all pages.
    pub time: Timestamp,
    /// Where to go on; what it counts is the list's own affair.
    pub next: u64,
    /// How far the account at `next` was looked at already; of lists of accounts only.
    pub retraced: Retraced,
}

impl Paging {
    /// The most rows of a page.
    pub const ROWS_MAX: usize = 8192;
    /// The rows of a page if nothing else is asked for.
    pub const ROWS_DEFAULT: usize = 100;

    /// The rows that the page may have.
    pub(crate) fn rows(&self) -> usize {
        self.limit.clamp(1, Self::ROWS_MAX)
    }
}

impl Default for Paging {
    /// The first [`Paging::ROWS_DEFAULT`] rows, the oldest first.
    fn default() -> Self {
        Self {
            direction: Direction::Ascending,
            limit: Self::ROWS_DEFAULT,
            from: None,
        }
    }
}
