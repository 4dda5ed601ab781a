//! What all lists have in common: their order, their pages and their ranges.

use ledger_engine::{Between, Paging};
use ledger_proto::{Direction, Range, Refusal};

use super::list_ledgers::page_size;
use crate::Limits;

/// The paging that a request asks for, its beginning aside. A page is as long as was asked for, and
/// no longer than `rows_max`: so many rows fit into one answer whatever they hold, so that no
/// answer has to be cut in a place that the engine could not go on from.
pub(super) fn paging(asked: u32, direction: i32, rows_max: usize) -> Result<Paging, Refusal> {
    let rows = page_size(asked, Limits::PAGE_SIZE_DEFAULT)?;
    let direction = match Direction::read(direction)? {
        Direction::OldestFirst => ledger_engine::Direction::Ascending,
        Direction::NewestFirst => ledger_engine::Direction::Descending,
    };
    Ok(Paging {
        direction,
        limit: rows.min(rows_max).max(1),
        from: None,
    })
}

/// A range as the engine takes it.
pub(super) fn between<T>(range: Range<T>) -> Between<T> {
    Between {
        min: range.min,
        max: range.max,
    }
}
