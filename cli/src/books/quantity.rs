//! Quantities as books write them: exact decimals, of as many digits as there are.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};

/// An exact decimal that remembers how many decimals it was written with.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Quantity(BigDecimal);

/// The digits that a quotient keeps, as in the arithmetic of Beancount's books.
const QUOTIENT_DIGITS: u64 = 28;

impl Quantity {
    /// Nothing.
    pub(crate) fn zero() -> Self {
        Self(BigDecimal::zero())
    }

    /// Half a unit of the last of `decimals` decimals: what rounding to them can make up.
    pub(crate) fn half_unit(decimals: u32) -> Self {
        Self(BigDecimal::new(BigInt::from(5), i64::from(decimals) + 1))
    }

    /// Reads a sign, digits and a point; nothing else is a quantity.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let units: BigInt = format!("{whole}{fraction}").parse().ok()?;
        let units = if text.starts_with('-') { -units } else { units };
        Some(Self(BigDecimal::new(
            units,
            i64::try_from(fraction.len()).ok()?,
        )))
    }

    /// Whether this is nothing.
    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether this is less than nothing.
    pub(crate) fn is_negative(&self) -> bool {
        self.0.sign() == Sign::Minus
    }

    /// The same without its sign.
    pub(crate) fn magnitude(&self) -> Self {
        Self(self.0.abs())
    }

    /// The decimals it was written with, those that are zero included.
    pub(crate) fn decimals_written(&self) -> u32 {
        decimals(&self.0)
    }

    /// The decimals without which it would be another quantity.
    pub(crate) fn decimals_needed(&self) -> u32 {
        decimals(&self.0.normalized())
    }

    /// The quantity with exactly `decimals` decimals; a tie goes to the even digit.
    pub(crate) fn rounded(&self, decimals: u32) -> Self {
        let rounded = self
            .0
            .with_scale_round(i64::from(decimals), RoundingMode::HalfEven);
        Self(rounded)
    }

    /// The same without zeros at its end that nobody wrote.
    pub(crate) fn trimmed(&self) -> Self {
        Self(self.0.with_scale(i64::from(self.decimals_needed())))
    }

    /// Whole units of a ledger with `scale` decimals, if it needs no more and 128 bits hold them.
    pub(crate) fn units(&self, scale: u32) -> Option<i128> {
        if self.decimals_needed() > scale {
            return None;
        }
        let (units, _) = self
            .0
            .with_scale(i64::from(scale))
            .into_bigint_and_exponent();
        units.to_i128()
    }

    /// One way to write it, whatever zeros the books wrote: part of what ids are derived from.
    pub(crate) fn canonical_text(&self) -> String {
        self.0.normalized().to_plain_string()
    }

    /// The quotient, or `None` where nothing is divided by.
    pub(crate) fn checked_div(&self, divisor: &Self) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        let quotient = &self.0 / &divisor.0;
        if quotient.digits() > QUOTIENT_DIGITS {
            Some(Self(quotient.with_prec(QUOTIENT_DIGITS)))
        } else {
            Some(Self(quotient))
        }
    }
}

fn decimals(value: &BigDecimal) -> u32 {
    u32::try_from(value.fractional_digit_count().max(0)).unwrap_or(u32::MAX)
}

impl Add<&Quantity> for Quantity {
    type Output = Self;
    fn add(self, other: &Quantity) -> Self {
        Self(self.0 + &other.0)
    }
}

impl AddAssign<&Quantity> for Quantity {
    fn add_assign(&mut self, other: &Quantity) {
        self.0 += &other.0;
    }
}

impl Neg for Quantity {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<&Quantity> for &Quantity {
    type Output = Quantity;
    fn mul(self, other: &Quantity) -> Quantity {
        Quantity(&self.0 * &other.0)
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_plain_string())
    }
}

/// What an arithmetic expression in a file comes to. It has no value where it divides by zero or
/// was not a number at all: the parser's operators cannot fail, so the place that reads the value
/// does.
#[derive(Clone, PartialEq, PartialOrd, Default, Debug)]
pub(crate) struct Expression(Option<Quantity>);

impl Expression {
    /// The value, if there is one.
    pub(crate) fn value(&self) -> Option<&Quantity> {
        self.0.as_ref()
    }

    fn combine(
        self,
        other: Self,
        operation: impl FnOnce(Quantity, Quantity) -> Option<Quantity>,
    ) -> Self {
        Self(
            self.0
                .zip(other.0)
                .and_then(|(left, right)| operation(left, right)),
        )
    }
}

/// Something that the parser took for a number and that is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NotANumber;

impl std::str::FromStr for Expression {
    type Err = NotANumber;
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        Quantity::parse(text)
            .map(|value| Self(Some(value)))
            .ok_or(NotANumber)
    }
}

impl Add for Expression {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.combine(other, |left, right| Some(left + &right))
    }
}

impl Sub for Expression {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.combine(other, |left, right| Some(left + &-right))
    }
}

impl Mul for Expression {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.combine(other, |left, right| Some(&left * &right))
    }
}

impl Div for Expression {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.combine(other, |left, right| left.checked_div(&right))
    }
}

impl Neg for Expression {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.map(|value| -value))
    }
}

#[cfg(test)]
mod tests;
