//! Lists of accounts.

use ledger_core::{Account, AccountFlags, Sequence};

use super::chunk::{ACCOUNTS_PER_TURN, CHANGING, Chunk, ChunkQuestion, Screen};
use super::past::Past;
use super::put_back::{Aspect, Span};
use super::work::Work;
use super::{AccountFilter, AccountPage, Direction, ListedAccount, Paging, Position, Retraced};
use crate::{Engine, QueryError, ReadError};

/// The most turns of the writer that one page takes.
pub(crate) const TURNS_PER_PAGE: usize = 16;

/// Accounts in the order of their creation, as they stood at one moment, taken from the writer
/// turn by turn.
pub(crate) struct Turns<'a> {
    engine: &'a Engine,
    screen: Screen,
    direction: Direction,
    /// What is put back.
    aspect: Aspect,
    /// The moment; of the first turn, unless it is given.
    as_of: Option<Sequence>,
    /// Where the next turn begins; `None` at the end.
    rank: Option<usize>,
    /// How far the first account of the next turn was put back already.
    retraced: Retraced,
    past: Option<Past>,
    turns: usize,
    /// What putting back may still take.
    work: Work,
    /// Whether it was not enough, which ends the page.
    is_over: bool,
}

/// What a turn gave.
pub(crate) struct Turn {
    pub(crate) accounts: Vec<(usize, Account)>,
    /// The rest of the writer's answer.
    pub(crate) chunk: Chunk,
}

impl<'a> Turns<'a> {
    /// From a position on; `None` is the first.
    pub(crate) fn new(
        engine: &'a Engine,
        screen: Screen,
        direction: Direction,
        aspect: Aspect,
        from: Option<Position>,
    ) -> Self {
        let first = match direction {
            Direction::Ascending => 0,
            Direction::Descending => usize::MAX,
        };
        let rank = from.map(|from| usize::try_from(from.next).unwrap_or(usize::MAX));
        Self {
            engine,
            screen,
            direction,
            aspect,
            as_of: from.map(|from| from.as_of),
            rank: Some(rank.unwrap_or(first)),
            retraced: from.map_or_else(Retraced::default, |from| from.retraced),
            past: None,
            turns: 0,
            work: Work::new(engine.parts().config.page_units_max),
            is_over: false,
        }
    }

    /// The same, as of an earlier moment than that of the first turn.
    pub(crate) fn at_moment(mut self, as_of: Sequence) -> Self {
        self.as_of = Some(as_of);
        self
    }

    /// The next accounts, at most `rows_max`; `None` at the end, or after as many turns, or as
    /// much work, as a page may take.
    pub(crate) fn next(
        &mut self,
        rows_max: usize,
        ledgers: bool,
    ) -> Result<Option<Turn>, QueryError> {
        let is_over = self.is_over || self.turns >= TURNS_PER_PAGE;
        let Some(rank) = self.rank.filter(|_| !is_over) else {
            return Ok(None);
        };
        self.turns += 1;
        if let Some(as_of) = self.as_of {
            self.screen.created_through = self.screen.created_through.min(as_of);
        }
        let mut chunk = self.engine.ask(ChunkQuestion::Next {
            screen: Box::new(self.screen.clone()),
            rank,
            direction: self.direction,
            rows_max,
            ledgers,
        })?;
        let as_of = *self.as_of.get_or_insert(chunk.sequence);
        if as_of > chunk.sequence {
            let durable = chunk.sequence;
            let sequence = as_of;
            return Err(ReadError::BeyondEnd { sequence, durable }.into());
        }
        self.rank = chunk.next;
        let mut accounts = std::mem::take(&mut chunk.rows);
        let retraced = std::mem::take(&mut self.retraced);
        if chunk.sequence > as_of {
            let known = chunk.sequence;
            self.put_back(&mut accounts, Span { known, as_of }, retraced)?;
        }
        Ok(Some(Turn { accounts, chunk }))
    }

    /// Puts accounts back, of which the first was `retraced` so far. Those that the work does not
    /// suffice for are left out, and the page ends before them.
    fn put_back(
        &mut self,
        accounts: &mut Vec<(usize, Account)>,
        span: Span,
        mut retraced: Retraced,
    ) -> Result<(), QueryError> {
        self.past_through(span.known)?;
        let past = self.past.as_ref().expect("it was just taken");
        for (index, (rank, account)) in accounts.iter_mut().enumerate() {
            let left = if self.work.is_done() {
                Some(retraced)
            } else {
                past.put_back(account, span, self.aspect, retraced, &mut self.work)?
            };
            retraced = Retraced::default();
            if let Some(left) = left {
                self.retraced = left;
                self.rank = Some(begin_with(*rank, self.direction));
                self.is_over = true;
                accounts.truncate(index);
                break;
            }
        }
        Ok(())
    }

    /// The moment that all accounts are as of, once there was a turn.
    pub(crate) fn as_of(&self) -> Sequence {
        self.as_of.expect("the writer was asked at least once")
    }

    /// Where the next turn begins, and how far its first account was put back already; `None` at
    /// the end.
    pub(crate) fn next_begin(&self) -> Option<(u64, Retraced)> {
        self.rank.map(|rank| (rank as u64, self.retraced))
    }

    /// A view that reaches to `known`, which is durable.
    pub(crate) fn past_through(&mut self, known: Sequence) -> Result<&Past, QueryError> {
        let is_old = |past: &Past| past.durable.sequence < known;
        if self.past.as_ref().is_none_or(is_old) {
            self.past = Some(self.engine.past()?);
        }
        Ok(self.past.as_ref().expect("it was just taken"))
    }
}

/// Where a turn begins whose first account is this one.
fn begin_with(rank: usize, direction: Direction) -> usize {
    match direction {
        Direction::Ascending => rank,
        Direction::Descending => rank + 1,
    }
}

/// A page of the accounts that match.
pub(super) fn page(
    engine: &Engine,
    filter: &AccountFilter,
    paging: &Paging,
) -> Result<AccountPage, QueryError> {
    let begin = paging.from;
    let mut screen = Screen::new(filter);
    let mut as_of = begin.map(|begin| begin.as_of);
    if !filter.created.is_unlimited() {
        let past = engine.past()?;
        // The moment is fixed first: what of a range of times is still to come when the page is
        // asked for is on none of the pages.
        let as_of = *as_of.get_or_insert(past.durable.sequence);
        (screen.created_from, screen.created_through) = past.sequences(&filter.created, as_of)?;
    }
    let mut turns = Turns::new(engine, screen, paging.direction, Aspect::Whole, begin);
    if let Some(as_of) = as_of {
        turns = turns.at_moment(as_of);
    }
    let mut accounts = Vec::new();
    let mut next = None;
    let changes = filter.flags.with(filter.without_flags).contains(CHANGING);
    let is_picked_later = changes || !filter.name_prefix.is_empty();
    while accounts.len() < paging.rows() {
        let left = paging.rows() - accounts.len();
        let rows_max = if is_picked_later {
            ACCOUNTS_PER_TURN
        } else {
            left
        };
        let Some(turn) = turns.next(rows_max, false)? else {
            break;
        };
        let mut matching = matching(engine, filter, turn.accounts)?.into_iter();
        accounts.extend(matching.by_ref().take(left).map(|(_, listed)| listed));
        next = matching.next().map(|(rank, _)| {
            let rank = begin_with(rank, paging.direction);
            (rank as u64, Retraced::default())
        });
    }
    let as_of = turns.as_of();
    let as_of = turns.past_through(as_of)?.moment_of(as_of)?;
    Ok(AccountPage {
        as_of,
        accounts,
        next: next
            .or(turns.next_begin())
            .map(|(next, retraced)| Position {
                as_of: as_of.sequence,
                time: begin.map_or(as_of.time, |begin| begin.time),
                next,
                retraced,
            }),
    })
}

/// Those of the accounts that match in what may change, with their names.
fn matching(
    engine: &Engine,
    filter: &AccountFilter,
    mut accounts: Vec<(usize, Account)>,
) -> Result<Vec<(usize, ListedAccount)>, QueryError> {
    let none: AccountFlags = filter.without_flags;
    accounts.retain(|(_, account)| {
        account.flags.contains(filter.flags) && account.flags.bits() & none.bits() == 0
    });
    let named: Vec<_> = accounts
        .iter()
        .map(|(_, account)| (account.id, account.named))
        .collect();
    let names = engine.names(&named)?;
    let listed = accounts.into_iter().zip(names);
    Ok(listed
        .filter(|(_, name)| name.starts_with(&*filter.name_prefix))
        .map(|((rank, account), name)| (rank, ListedAccount { account, name }))
        .collect())
}
