//! Lists of accounts.

use ledger_core::{Account, AccountFlags, Sequence};

use super::chunk::{ACCOUNTS_PER_TURN, CHANGING, Chunk, ChunkQuestion, Screen};
use super::past::Past;
use super::{AccountFilter, AccountPage, Direction, ListedAccount, Paging, Position};
use crate::{Engine, QueryError, ReadError};

/// The most turns of the writer that one page takes.
pub(crate) const TURNS_PER_PAGE: usize = 16;

/// Accounts in the order of their creation, as they stood at one moment, taken from the writer
/// turn by turn.
pub(crate) struct Turns<'a> {
    engine: &'a Engine,
    screen: Screen,
    direction: Direction,
    /// The moment; of the first turn, unless it is given.
    as_of: Option<Sequence>,
    /// Where the next turn begins; `None` at the end.
    rank: Option<usize>,
    past: Option<Past>,
    turns: usize,
}

/// What a turn gave.
pub(crate) struct Turn {
    pub(crate) accounts: Vec<(usize, Account)>,
    /// The rest of the writer's answer.
    pub(crate) chunk: Chunk,
}

impl<'a> Turns<'a> {
    /// From `rank` on; `None` is the first.
    pub(crate) fn new(
        engine: &'a Engine,
        screen: Screen,
        direction: Direction,
        as_of: Option<Sequence>,
        rank: Option<u64>,
    ) -> Self {
        let first = match direction {
            Direction::Ascending => 0,
            Direction::Descending => usize::MAX,
        };
        let rank = rank.map(|rank| usize::try_from(rank).unwrap_or(usize::MAX));
        Self {
            engine,
            screen,
            direction,
            as_of,
            rank: Some(rank.unwrap_or(first)),
            past: None,
            turns: 0,
        }
    }

    /// The next accounts, at most `rows_max`; `None` at the end, or after as many turns as a page
    /// may take.
    pub(crate) fn next(
        &mut self,
        rows_max: usize,
        ledgers: bool,
    ) -> Result<Option<Turn>, QueryError> {
        let Some(rank) = self.rank.filter(|_| self.turns < TURNS_PER_PAGE) else {
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
        if chunk.sequence > as_of {
            let past = self.past_through(chunk.sequence)?;
            for (_, account) in &mut accounts {
                past.put_back(account, chunk.sequence, as_of)?;
            }
        }
        Ok(Some(Turn { accounts, chunk }))
    }

    /// The moment that all accounts are as of, once there was a turn.
    pub(crate) fn as_of(&self) -> Sequence {
        self.as_of.expect("the writer was asked at least once")
    }

    /// Where the next turn begins; `None` at the end.
    pub(crate) fn rank(&self) -> Option<u64> {
        self.rank.map(|rank| rank as u64)
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

/// A page of the accounts that match.
pub(super) fn page(
    engine: &Engine,
    filter: &AccountFilter,
    paging: &Paging,
) -> Result<AccountPage, QueryError> {
    let mut screen = Screen::new(filter);
    if !filter.created.is_unlimited() {
        let past = engine.past()?;
        let durable = past.durable.sequence;
        let (first, last) = past.sequences(&filter.created, durable)?;
        screen.created_from = first;
        // What is created from here on may lie in the range as well, if that has no end yet.
        if filter
            .created
            .max
            .is_some_and(|max| max <= past.durable.time)
        {
            screen.created_through = last;
        }
    }
    let begin = paging.from;
    let as_of = begin.map(|begin| begin.as_of);
    let rank = begin.map(|begin| begin.next);
    let mut turns = Turns::new(engine, screen, paging.direction, as_of, rank);
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
        next = matching.next().map(|(rank, _)| match paging.direction {
            Direction::Ascending => rank as u64,
            Direction::Descending => rank as u64 + 1,
        });
    }
    let as_of = turns.as_of();
    let as_of = turns.past_through(as_of)?.moment_of(as_of)?;
    Ok(AccountPage {
        as_of,
        accounts,
        next: next.or(turns.rank()).map(|next| Position {
            as_of: as_of.sequence,
            time: begin.map_or(as_of.time, |begin| begin.time),
            next,
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
