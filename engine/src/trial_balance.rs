//! The trial balance: the totals of every account and the proof that they balance, all as of one
//! sequence, taken without stalling the writer.
//!
//! The writer answers in chunks of accounts in the order of their creation, each as of the moment
//! it is asked. A reader then puts every account back to one sequence: every event carries the
//! totals after it, so an account stood where its newest event before then left it. No state is
//! kept between pages.

mod proof;

pub(crate) use proof::KnownSums;
pub use proof::LedgerProof;

use ledger_core::{AccountId, LedgerId, Sequence, Timestamp, Totals};

use crate::query::{Aspect, Screen, Turns};
use crate::{At, Direction, Engine, Paging, Position, QueryError};

/// One page of a trial balance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrialBalancePage {
    /// The sequence that every figure is as of.
    pub sequence: Sequence,
    /// A journal time at or after that of `sequence`; on the first page of a trial balance of
    /// now, the newest that the answer knows of.
    pub time: Timestamp,
    /// Accounts in the order of their creation. May be fewer than asked, even none, before the
    /// end.
    pub accounts: Vec<TrialBalanceRow>,
    /// The proof of each ledger asked for that there was, by id. Only on the first page.
    pub proofs: Vec<LedgerProof>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Position>,
}

/// One account in a trial balance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrialBalanceRow {
    /// The account.
    pub id: AccountId,
    /// Its ledger.
    pub ledger: LedgerId,
    /// Its code.
    pub code: u16,
    /// The event that gave it its name; zero if it had none.
    pub named: Sequence,
    /// Its totals.
    pub totals: Totals,
}

/// Asks for accounts until the page is full.
pub(crate) fn page(
    engine: &Engine,
    ledgers: &[LedgerId],
    at: At,
    from: Option<Position>,
    limit: usize,
) -> Result<TrialBalancePage, QueryError> {
    let limit = limit.clamp(1, Paging::ROWS_MAX);
    let as_of = match at {
        At::Now => from.map(|position| position.as_of),
        at => Some(engine.past_at(at)?.1.sequence),
    };
    if from.is_some_and(|position| Some(position.as_of) != as_of) {
        return Err(QueryError::Position);
    }
    let screen = Screen {
        ledgers: ledgers.into(),
        created_through: Sequence::new(u64::MAX),
        ..Screen::default()
    };
    let mut turns = Turns::new(engine, screen, Direction::Ascending, Aspect::Name, from);
    if let Some(as_of) = as_of {
        turns = turns.at_moment(as_of);
    }
    let mut page = TrialBalancePage {
        sequence: Sequence::ZERO,
        time: Timestamp::ZERO,
        accounts: Vec::new(),
        proofs: Vec::new(),
        next: None,
    };
    let mut is_first = true;
    while page.accounts.len() < limit {
        let proves = is_first && from.is_none();
        let Some(turn) = turns.next(limit - page.accounts.len(), proves)? else {
            break;
        };
        let as_of = turns.as_of();
        if is_first {
            page.sequence = as_of;
            page.time = turn.chunk.time;
        }
        if proves {
            page.proofs = proof::at(engine, &mut turns, as_of, &turn.chunk, ledgers)?;
        }
        is_first = false;
        page.accounts
            .extend(turn.accounts.iter().map(|(_, account)| TrialBalanceRow {
                id: account.id,
                ledger: account.ledger,
                code: account.code,
                named: account.named,
                totals: account.totals,
            }));
    }
    page.next = turns.next_begin().map(|(next, retraced)| Position {
        as_of: page.sequence,
        time: page.time,
        next,
        retraced,
    });
    Ok(page)
}
