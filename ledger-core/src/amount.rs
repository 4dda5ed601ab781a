//! Amounts: whole numbers of a ledger's smallest unit, and their sums.

use core::fmt;

/// A whole number of the ledger's smallest unit. There is no floating point anywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u128);

impl Amount {
    /// Nothing. A transfer of nothing is allowed.
    pub const ZERO: Self = Self(0);
    /// `AMOUNT_MAX`: the largest amount; in a post or a reversal it asks for all that is left.
    pub const MAX: Self = Self(u128::MAX);

    /// Wraps a number of smallest units.
    #[must_use]
    pub const fn new(units: u128) -> Self {
        Self(units)
    }

    /// The number of smallest units.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is `AMOUNT_MAX`.
    #[must_use]
    pub const fn is_max(self) -> bool {
        self.0 == u128::MAX
    }

    /// The sum, or `None` where it does not fit 128 bits.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` where it would be negative.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// The sum, or `AMOUNT_MAX`. Exact wherever it is compared with something that fits 128 bits.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or nothing.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({})", self.0)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A sum of amounts over the accounts of a ledger, in 192 bits: two accounts near the maximum do
/// not overflow it, nor do as many accounts as memory could ever hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Hash)]
pub struct Sum {
    high: u64,
    low: u128,
}

impl Sum {
    /// An empty sum.
    pub const ZERO: Self = Self { high: 0, low: 0 };

    /// The sum whose parts are `high * 2^128 + low`.
    #[must_use]
    pub const fn from_parts(high: u64, low: u128) -> Self {
        Self { high, low }
    }

    /// The bits above 128.
    #[must_use]
    pub const fn high(self) -> u64 {
        self.high
    }

    /// The low 128 bits.
    #[must_use]
    pub const fn low(self) -> u128 {
        self.low
    }

    /// Adds an amount.
    ///
    /// # Panics
    /// Past 2^192, which would take 2^64 accounts at the maximum.
    pub fn add(&mut self, amount: Amount) {
        let (low, carry) = self.low.overflowing_add(amount.get());
        self.low = low;
        self.high = self
            .high
            .checked_add(u64::from(carry))
            .expect("a ledger's total stays below 2^192");
    }

    /// Takes an amount away that was added before.
    ///
    /// # Panics
    /// If the sum would become negative.
    pub fn sub(&mut self, amount: Amount) {
        let (low, borrow) = self.low.overflowing_sub(amount.get());
        self.low = low;
        self.high = self
            .high
            .checked_sub(u64::from(borrow))
            .expect("only what was added to a ledger's total is taken away");
    }
}

impl fmt::Display for Sum {
    /// Prints the sum in decimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.high == 0 {
            return self.low.fmt(f);
        }
        // Long division of the 192 bits, 32 at a time, by 10^9: at most seven groups of digits.
        const GROUP: u64 = 1_000_000_000;
        let limb = |value: u128, shift: u32| ((value >> shift) & 0xffff_ffff) as u64;
        let mut limbs = [
            self.high >> 32,
            self.high & 0xffff_ffff,
            limb(self.low, 96),
            limb(self.low, 64),
            limb(self.low, 32),
            limb(self.low, 0),
        ];
        let mut groups = [0u64; 7];
        for group in groups.iter_mut().rev() {
            let mut rest = 0;
            for limb in &mut limbs {
                let value = (rest << 32) | *limb;
                *limb = value / GROUP;
                rest = value % GROUP;
            }
            *group = rest;
        }
        let first = groups
            .iter()
            .position(|&g| g != 0)
            .unwrap_or(groups.len() - 1);
        write!(f, "{}", groups[first])?;
        groups[first + 1..]
            .iter()
            .try_for_each(|group| write!(f, "{group:09}"))
    }
}

#[cfg(test)]
mod tests;
