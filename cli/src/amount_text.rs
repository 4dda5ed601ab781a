//! Amounts as people read and write them: `12.50` for 1250 units of a ledger with two decimals.
//!
//! Everything here is digits and a point: no number passes through floating point, and what is
//! printed can be read back to the same units.

use std::fmt::Display;

use bigdecimal::num_bigint::{BigInt, Sign};
use ledger_core::{Amount, Sum};

/// Why a text is not an amount of a ledger.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum AmountTextError {
    /// Something other than digits and one point.
    #[error("`{text}` is not an amount: write digits with a point, such as 12.50")]
    NotANumber {
        /// What was written.
        text: String,
    },
    /// A finer amount than the ledger can hold.
    #[error("`{text}` has {decimals} decimals, but the ledger has {scale}")]
    TooManyDecimals {
        /// What was written.
        text: String,
        /// The decimals that carry a digit.
        decimals: usize,
        /// What the ledger has.
        scale: u32,
    },
    /// More units than 128 bits hold.
    #[error("`{text}` is too large: an amount has at most 2^128 - 1 of the ledger's smallest unit")]
    TooLarge {
        /// What was written.
        text: String,
    },
}

/// Reads an amount with up to `scale` decimals; zeros beyond them are allowed.
pub(crate) fn parse_amount(text: &str, scale: u32) -> Result<Amount, AmountTextError> {
    let not_a_number = || AmountTextError::NotANumber {
        text: text.to_owned(),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits_only(whole) || !digits_only(fraction) {
        return Err(not_a_number());
    }
    let fraction = fraction.trim_end_matches('0');
    let scale_digits = scale as usize;
    if fraction.len() > scale_digits {
        return Err(AmountTextError::TooManyDecimals {
            text: text.to_owned(),
            decimals: fraction.len(),
            scale,
        });
    }
    let missing_zeros = std::iter::repeat_n(b'0', scale_digits - fraction.len());
    let digits = whole.bytes().chain(fraction.bytes()).chain(missing_zeros);
    digits
        .into_iter()
        .try_fold(0u128, |units, digit| {
            units.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
        })
        .map(Amount::new)
        .ok_or_else(|| AmountTextError::TooLarge {
            text: text.to_owned(),
        })
}

/// An amount with all of the ledger's decimals.
pub(crate) fn amount_text(amount: Amount, scale: u32) -> String {
    with_point(amount, scale)
}

/// A ledger's total with all of the ledger's decimals.
pub(crate) fn sum_text(sum: Sum, scale: u32) -> String {
    with_point(sum, scale)
}

/// What debits exceed credits by, negative where it is the other way round.
pub(crate) fn balance_text(debits: Amount, credits: Amount, scale: u32) -> String {
    if debits >= credits {
        amount_text(debits.saturating_sub(credits), scale)
    } else {
        let owed = amount_text(credits.saturating_sub(debits), scale);
        format!("-{owed}")
    }
}

/// Units of any size and sign with all of the ledger's decimals.
pub(crate) fn signed_text(units: &BigInt, scale: u32) -> String {
    let sign = if units.sign() == Sign::Minus { "-" } else { "" };
    format!("{sign}{}", with_point(units.magnitude(), scale))
}

fn with_point(units: impl Display, scale: u32) -> String {
    let scale = scale as usize;
    let digits = format!(
        "{units:0>width$}",
        units = units.to_string(),
        width = scale + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests;
