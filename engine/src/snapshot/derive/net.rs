//! Sums of amounts that came and went.

use ledger_core::{Amount, Sum, Totals};

/// A sum of amounts, some of them taken away: it may be below zero on the way, and is wide enough
/// for more amounts than a journal can hold.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Net {
    high: i64,
    low: u128,
}

impl Net {
    pub(super) const fn from_parts(high: i64, low: u128) -> Self {
        Self { high, low }
    }

    pub(super) const fn parts(self) -> (i64, u128) {
        (self.high, self.low)
    }

    pub(super) fn add(&mut self, amount: Amount) {
        self.join(Self {
            high: 0,
            low: amount.get(),
        });
    }

    pub(super) fn sub(&mut self, amount: Amount) {
        let (low, borrow) = self.low.overflowing_sub(amount.get());
        self.low = low;
        self.high -= i64::from(borrow);
    }

    pub(super) fn join(&mut self, other: Self) {
        let (low, carry) = self.low.overflowing_add(other.low);
        self.low = low;
        self.high += other.high + i64::from(carry);
    }

    fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// As an amount, if it is one.
    fn amount(self) -> Option<Amount> {
        (self.high == 0).then_some(Amount::new(self.low))
    }

    /// As a sum, if it is none below zero.
    pub(super) fn sum(self) -> Option<Sum> {
        let high = u64::try_from(self.high).ok()?;
        Some(Sum::from_parts(high, self.low))
    }
}

impl From<Sum> for Net {
    fn from(sum: Sum) -> Self {
        let high = i64::try_from(sum.high()).expect("a sum stays below 2^191");
        Self {
            high,
            low: sum.low(),
        }
    }
}

/// What an event moves between two accounts: the same on the debit sides of one and on the credit
/// sides of the other.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Moved {
    pub(super) pending: Net,
    pub(super) posted: Net,
}

impl Moved {
    pub(super) fn join(&mut self, other: &Self) {
        self.pending.join(other.pending);
        self.posted.join(other.posted);
    }
}

/// What moved on the four sides of an account or of a ledger.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Movement {
    pub(super) debits_pending: Net,
    pub(super) debits_posted: Net,
    pub(super) credits_pending: Net,
    pub(super) credits_posted: Net,
}

impl Movement {
    pub(super) fn join(&mut self, other: &Self) {
        self.debits_pending.join(other.debits_pending);
        self.debits_posted.join(other.debits_posted);
        self.credits_pending.join(other.credits_pending);
        self.credits_posted.join(other.credits_posted);
    }

    /// Joins what moved on the two debit sides.
    pub(super) fn debit(&mut self, moved: &Moved) {
        if !moved.pending.is_zero() {
            self.debits_pending.join(moved.pending);
        }
        self.debits_posted.join(moved.posted);
    }

    /// Joins what moved on the two credit sides.
    pub(super) fn credit(&mut self, moved: &Moved) {
        if !moved.pending.is_zero() {
            self.credits_pending.join(moved.pending);
        }
        self.credits_posted.join(moved.posted);
    }

    /// Some bits of it.
    pub(super) const fn low_bits(&self) -> u64 {
        (self.debits_posted.low as u64) ^ (self.credits_posted.low as u64)
    }

    pub(super) fn sides(&self) -> [Net; 4] {
        [
            self.debits_pending,
            self.debits_posted,
            self.credits_pending,
            self.credits_posted,
        ]
    }

    pub(super) const fn from_sides(sides: [Net; 4]) -> Self {
        let [
            debits_pending,
            debits_posted,
            credits_pending,
            credits_posted,
        ] = sides;
        Self {
            debits_pending,
            debits_posted,
            credits_pending,
            credits_posted,
        }
    }

    /// The totals that these become by it, where that can be.
    pub(super) fn after(&self, totals: &Totals) -> Option<Totals> {
        let add = |mut net: Net, amount| {
            net.add(amount);
            net.amount()
        };
        Some(Totals {
            debits_pending: add(self.debits_pending, totals.debits_pending)?,
            debits_posted: add(self.debits_posted, totals.debits_posted)?,
            credits_pending: add(self.credits_pending, totals.credits_pending)?,
            credits_posted: add(self.credits_posted, totals.credits_posted)?,
        })
    }

    /// Counts the totals of an account in.
    pub(super) fn add(&mut self, totals: &Totals) {
        self.debits_pending.add(totals.debits_pending);
        self.debits_posted.add(totals.debits_posted);
        self.credits_pending.add(totals.credits_pending);
        self.credits_posted.add(totals.credits_posted);
    }
}
