//! Totals of accounts at a moment, and their histories.

use ledger_core::{Account, AccountId, Sequence, Totals, TransferId};

use super::chunk::{ACCOUNTS_PER_TURN, ChunkQuestion};
use super::past::Past;
use super::put_back::{Aspect, Span, contradiction, totals_after};
use super::stream::{KeyStream, Walk};
use super::work::Work;
use super::{
    AccountTotals, At, BalanceEntry, BalanceFilter, BalancePage, Balances, FilterError, Moment,
    Paging, Position, Retraced,
};
use crate::runs::Section;
use crate::{Engine, QueryError, ReadError};

/// Accounts by id, all as of one sequence.
pub(super) struct Named {
    pub(super) as_of: Moment,
    /// In the order asked.
    pub(super) found: Vec<Account>,
    pub(super) missing: Vec<AccountId>,
}

/// What putting an account back takes that was neither closed nor updated.
const UNITS_PER_ACCOUNT: u64 = 4;

/// Looks accounts up as they stand, in turns of the writer, all as of the first one.
pub(super) fn named(
    engine: &Engine,
    ids: &[AccountId],
    aspect: Aspect,
) -> Result<Named, QueryError> {
    check_ids(ids)?;
    let units_max = engine.parts().config.page_units_max;
    let mut work = Work::new(units_max.saturating_add(UNITS_PER_ACCOUNT * ids.len() as u64));
    let mut as_of = None;
    let mut found = Vec::with_capacity(ids.len());
    let mut missing = Vec::new();
    // Nobody is asked for: what is asked of the writer is the moment.
    let turns = ids.chunks(ACCOUNTS_PER_TURN);
    let turns = turns.chain(ids.is_empty().then_some(ids));
    for ids in turns {
        let chunk = engine.ask(ChunkQuestion::Named(ids.into()))?;
        let as_of = *as_of.get_or_insert(Moment {
            sequence: chunk.sequence,
            time: chunk.time,
        });
        let past = if chunk.sequence > as_of.sequence {
            Some(engine.past()?)
        } else {
            None
        };
        let mut rows = chunk
            .rows
            .into_iter()
            .map(|(_, account)| account)
            .peekable();
        for &id in ids {
            let account = rows.next_if(|account| account.id == id);
            let Some(mut account) = account.filter(|account| account.created <= as_of.sequence)
            else {
                missing.push(id);
                continue;
            };
            if let Some(past) = &past {
                let (known, as_of) = (chunk.sequence, as_of.sequence);
                let span = Span { known, as_of };
                let begin = Retraced::default();
                let left = past.put_back(&mut account, span, aspect, begin, &mut work)?;
                // There is no page on which to go on.
                if left.is_some() {
                    return Err(QueryError::Limit {
                        name: "page_units_max",
                        limit: units_max,
                    });
                }
            }
            found.push(account);
        }
    }
    Ok(Named {
        as_of: as_of.expect("the writer was asked"),
        found,
        missing,
    })
}

/// The totals of accounts at a moment.
pub(super) fn at(engine: &Engine, ids: &[AccountId], at: At) -> Result<Balances, QueryError> {
    check_ids(ids)?;
    if at == At::Now {
        let named = named(engine, ids, Aspect::Totals)?;
        return Ok(Balances {
            as_of: named.as_of,
            found: named
                .found
                .iter()
                .map(|account| AccountTotals {
                    id: account.id,
                    totals: account.totals,
                })
                .collect(),
            missing: named.missing,
        });
    }
    let (past, as_of) = engine.past_at(at)?;
    let mut balances = Balances {
        as_of,
        found: Vec::with_capacity(ids.len()),
        missing: Vec::new(),
    };
    for &id in ids {
        let totals = match past.totals_at(id, as_of.sequence)? {
            Some((_, totals)) => Some(totals),
            None if past.is_there(id, as_of.sequence)? => Some(Totals::ZERO),
            None => None,
        };
        match totals {
            Some(totals) => balances.found.push(AccountTotals { id, totals }),
            None => balances.missing.push(id),
        }
    }
    Ok(balances)
}

fn check_ids(ids: &[AccountId]) -> Result<(), FilterError> {
    if ids.len() > Paging::ROWS_MAX {
        return Err(FilterError::TooManyValues {
            field: "ids",
            values: ids.len(),
            values_max: Paging::ROWS_MAX,
        });
    }
    Ok(())
}

/// A page of the history of an account.
pub(super) fn history(
    past: &Past,
    filter: &BalanceFilter,
    paging: &Paging,
    begin: Position,
) -> Result<BalancePage, QueryError> {
    let as_of = past.moment_of(begin.as_of)?;
    let (first, last) = past.sequences(&filter.times, as_of.sequence)?;
    let first = first.max(filter.sequences.min.unwrap_or(first));
    let last = last.min(filter.sequences.max.unwrap_or(last));
    let mut page = BalancePage {
        as_of,
        entries: Vec::new(),
        next: None,
    };
    let Some(mut walk) = Walk::new(paging, begin, first, last) else {
        return Ok(page);
    };
    let mut work = past.work;
    let account = filter.account;
    let mut events = KeyStream::new(Section::Account, account.get(), None);
    while let Some(sequence) = events.head(&walk, &past.view, &mut work)? {
        if page.entries.len() >= paging.rows() || (work.is_done() && walk.has_moved()) {
            page.next = Some(walk.position(sequence, begin));
            break;
        }
        work.read_event();
        page.entries.push(entry(past, sequence, account)?);
        if !walk.pass(sequence) {
            break;
        }
    }
    Ok(page)
}

fn entry(past: &Past, sequence: Sequence, account: AccountId) -> Result<BalanceEntry, QueryError> {
    let event = past.event(sequence)?;
    Ok(BalanceEntry {
        sequence,
        time: event.time,
        transfer_id: subject(&event)?,
        totals: totals_after(&event, account)?,
    })
}

/// The transfer that an event is about.
fn subject(event: &ledger_core::Event) -> Result<TransferId, ReadError> {
    match &event.fact {
        ledger_core::Fact::TransferCreated(created) => Ok(created.transfer.id),
        ledger_core::Fact::TransferExpired(expired) => Ok(expired.pending_id),
        _ => Err(contradiction(event)),
    }
}
