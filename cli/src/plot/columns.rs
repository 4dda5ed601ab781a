//! The events of a balance, put into the columns of a drawing as they come.

use bigdecimal::num_bigint::BigInt;
use ledger_core::{Timestamp, Totals};

/// The balances of one column's time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Column {
    /// The lowest.
    pub(super) low: BigInt,
    /// The highest.
    pub(super) high: BigInt,
    /// The one at its end.
    pub(super) last: BigInt,
}

/// A balance over time, thinned out to columns of equal time.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    from: Timestamp,
    to: Timestamp,
    /// The balance at the beginning.
    before: BigInt,
    columns: Vec<Option<Column>>,
}

impl Columns {
    /// `count` columns from one moment to another; `before` is the balance at the first.
    ///
    /// # Panics
    /// If there are no columns.
    pub(crate) fn new(from: Timestamp, to: Timestamp, before: BigInt, count: usize) -> Self {
        assert!(count > 0, "a drawing has a column");
        Self {
            from,
            to: to.max(from),
            before,
            columns: vec![None; count],
        }
    }

    /// Adds the balance after the next event; events come in their order.
    pub(crate) fn add(&mut self, time: Timestamp, balance: BigInt) {
        let at = self.column_of(time);
        let column = &mut self.columns[at];
        match column {
            Some(column) => {
                if balance < column.low {
                    column.low = balance.clone();
                }
                if balance > column.high {
                    column.high = balance.clone();
                }
                column.last = balance;
            }
            None => {
                *column = Some(Column {
                    low: balance.clone(),
                    high: balance.clone(),
                    last: balance,
                });
            }
        }
    }

    /// The first moment.
    pub(super) fn from(&self) -> Timestamp {
        self.from
    }

    /// The last moment.
    pub(super) fn to(&self) -> Timestamp {
        self.to
    }

    /// How many columns there are.
    pub(super) fn count(&self) -> usize {
        self.columns.len()
    }

    /// The column of a moment.
    pub(super) fn column_of(&self, time: Timestamp) -> usize {
        let whole = u128::from(self.to.get() - self.from.get()) + 1;
        let since = time.clamp(self.from, self.to).get() - self.from.get();
        let count = self.columns.len() as u128;
        // Less than `whole` times the count, so at most the last column.
        (u128::from(since) * count / whole) as usize
    }

    /// The columns, each with the balance that it began with.
    pub(super) fn filled(&self) -> Vec<Column> {
        let mut balance = self.before.clone();
        let columns = self.columns.iter().map(|column| {
            let filled = match column {
                None => Column {
                    low: balance.clone(),
                    high: balance.clone(),
                    last: balance.clone(),
                },
                Some(column) => Column {
                    low: (&column.low).min(&balance).clone(),
                    high: (&column.high).max(&balance).clone(),
                    last: column.last.clone(),
                },
            };
            balance.clone_from(&filled.last);
            filled
        });
        columns.collect()
    }
}

/// What debits exceed credits by.
pub(crate) fn balance_of(totals: &Totals) -> BigInt {
    BigInt::from(totals.debits_posted.get()) - BigInt::from(totals.credits_posted.get())
}

#[cfg(test)]
mod tests;
