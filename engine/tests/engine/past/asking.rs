//! Asking for whole lists, page by page, while others write and the engine restarts.

use ledger_core::Sequence;
use ledger_engine::{
    AccountFilter, AccountPage, BalanceEntry, BalanceFilter, Direction, ListedAccount,
    ListedTransfer, Moment, Paging, Position, QueryError, TransferFilter,
};

use super::histories::History;
use super::naive::{Naive, NaiveAccount};

/// A whole list.
pub(crate) struct Listed<T> {
    pub(crate) as_of: Moment,
    pub(crate) rows: Vec<T>,
    pub(crate) pages: usize,
    /// Between how many of them runs were merged.
    pub(crate) merges: usize,
}

/// What a list was like that was compared with the model.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Compared {
    /// It was not empty, and had several pages.
    pub(crate) is_long: bool,
    /// Between how many of its pages runs were merged.
    pub(crate) merges: usize,
}

impl<T> Listed<T> {
    fn compared(&self) -> Compared {
        Compared {
            is_long: !self.rows.is_empty() && self.pages > 1,
            merges: self.merges,
        }
    }
}

impl History {
    /// Asks for all pages of a list. What happens between two pages is up to chance.
    fn whole<T>(
        &mut self,
        direction: Direction,
        mut ask: impl FnMut(&Self, &Paging) -> Result<(Moment, Vec<T>, Option<Position>), QueryError>,
    ) -> Result<Listed<T>, QueryError> {
        let mut listed: Option<Listed<T>> = None;
        let mut from = None;
        let small = self.random.one_in(2);
        // A list of many short pages is not disturbed for ever.
        let (mut writes, mut restarts, mut rolls) = (20, 2, 1);
        self.has_merged();
        loop {
            let limit = self.random.within(1, if small { 7 } else { 300 });
            let paging = Paging {
                direction,
                limit: usize::try_from(limit).expect("a small number"),
                from,
            };
            let (as_of, rows, next) = ask(self, &paging)?;
            assert!(rows.len() <= paging.limit);
            let listed = listed.get_or_insert(Listed {
                as_of,
                rows: Vec::new(),
                pages: 0,
                merges: 0,
            });
            assert_eq!(as_of, listed.as_of, "all pages are as of one moment");
            listed.rows.extend(rows);
            listed.pages += 1;
            if next.is_none() {
                break;
            }
            from = next;
            if writes > 0 && self.random.one_in(4) {
                writes -= 1;
                let requests = self.random.below(4);
                self.write(requests);
            }
            if rolls > 0 && self.random.one_in(10) {
                rolls -= 1;
                self.roll();
            }
            if self.has_merged() {
                listed.merges += 1;
            }
            if restarts > 0 && self.random.one_in(60) {
                restarts -= 1;
                self.restart();
            }
        }
        Ok(listed.expect("there was a page"))
    }

    pub(crate) fn naive(&mut self, as_of: Sequence) -> Naive {
        Naive::at(self.events(as_of), as_of)
    }

    fn direction(&mut self) -> Direction {
        *self
            .random
            .pick(&[Direction::Ascending, Direction::Descending])
    }

    /// Compares a list of transfers with the model, and tells what it was like.
    pub(crate) fn check_transfers(&mut self, filter: &TransferFilter) -> Compared {
        let direction = self.direction();
        self.settle();
        let now = self.now();
        let asked = self.whole(direction, |history, paging| {
            let page = history.teller.engine.list_transfers(filter, paging)?;
            Ok((page.as_of, page.transfers, page.next))
        });
        let listed = match asked {
            Ok(listed) => listed,
            Err(QueryError::Filter(error)) => {
                let as_of = self.teller.engine.status().durable;
                let found = self.naive(as_of).transfers(filter, now);
                assert_eq!(
                    found,
                    [],
                    "refused though it makes sense: {error}, {filter:?}"
                );
                return Compared::default();
            }
            Err(error) => panic!("{error} of {filter:?}"),
        };
        let naive = self.naive(listed.as_of.sequence);
        let mut expected = naive.transfers(filter, now);
        if direction == Direction::Descending {
            expected.reverse();
        }
        assert_eq!(listed.as_of.time, naive.time);
        assert_same(
            &listed.rows,
            &expected,
            |row: &ListedTransfer| row.sequence,
            filter,
        );
        listed.compared()
    }

    /// Compares a list of accounts with the model, and tells what it was like.
    pub(crate) fn check_accounts(&mut self, filter: &AccountFilter) -> Compared {
        let direction = self.direction();
        let asked = self.whole(direction, |history, paging| {
            let AccountPage {
                as_of,
                accounts,
                next,
            } = history.teller.engine.list_accounts(filter, paging)?;
            Ok((as_of, accounts, next))
        });
        let listed = match asked {
            Ok(listed) => listed,
            Err(QueryError::Filter(error)) => {
                let as_of = self.teller.engine.status().durable;
                let found = self.naive(as_of).accounts(filter);
                assert_eq!(
                    found,
                    [],
                    "refused though it makes sense: {error}, {filter:?}"
                );
                return Compared::default();
            }
            Err(error) => panic!("{error} of {filter:?}"),
        };
        let mut expected = self.naive(listed.as_of.sequence).accounts(filter);
        if direction == Direction::Descending {
            expected.reverse();
        }
        let rows: Vec<_> = listed
            .rows
            .iter()
            .zip(&expected)
            .map(|(row, expected)| as_naive(row, expected))
            .collect();
        assert_eq!(
            rows.len(),
            listed.rows.len(),
            "more than there are: {filter:?}"
        );
        assert_same(&rows, &expected, |row: &NaiveAccount| row.created, filter);
        listed.compared()
    }

    /// Compares a history with the model, and tells what it was like.
    pub(crate) fn check_balances(&mut self, filter: &BalanceFilter) -> Compared {
        let direction = self.direction();
        let asked = self.whole(direction, |history, paging| {
            let page = history.teller.engine.list_balances(filter, paging)?;
            Ok((page.as_of, page.entries, page.next))
        });
        let listed = asked.unwrap_or_else(|error| panic!("{error} of {filter:?}"));
        let mut expected = self.naive(listed.as_of.sequence).history(filter);
        if direction == Direction::Descending {
            expected.reverse();
        }
        assert_same(
            &listed.rows,
            &expected,
            |row: &BalanceEntry| row.sequence,
            filter,
        );
        listed.compared()
    }

    /// The moment by which the first page judges ages.
    pub(crate) fn now(&self) -> ledger_core::Timestamp {
        use ledger_engine::Clock;
        self.clock.wall().max(self.teller.engine.status().time)
    }
}

/// Says what differs, and not the whole of two long lists.
fn assert_same<T: PartialEq + std::fmt::Debug>(
    rows: &[T],
    expected: &[T],
    sequence: impl Fn(&T) -> Sequence,
    filter: &impl std::fmt::Debug,
) {
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(row, expected, "{filter:?}");
    }
    let sequences = |rows: &[T]| rows.iter().map(&sequence).collect::<Vec<_>>();
    assert_eq!(sequences(rows), sequences(expected), "{filter:?}");
}

/// A row as the model would tell it; only the moment of the creation is not told.
fn as_naive(row: &ListedAccount, expected: &NaiveAccount) -> NaiveAccount {
    let account = &row.account;
    NaiveAccount {
        id: account.id,
        ledger: account.ledger,
        code: account.code,
        flags: account.flags,
        user_data_128: account.user_data_128,
        user_data_64: account.user_data_64,
        user_data_32: account.user_data_32,
        overdraft_limit: account.overdraft_limit,
        balance_max: account.balance_max,
        name: row.name.clone(),
        named: account.named,
        totals: account.totals,
        created: account.created,
        created_at: expected.created_at,
        changed: account.changed,
    }
}
