//! 128 and 192 bits on the wire.

use ledger_core::{Amount, Sum};

use crate::v1;

/// What an absent field stands for is 0, so a 0 is absent.
pub(crate) fn present(number: u128) -> Option<v1::Uint128> {
    (number != 0).then(|| number.into())
}

/// The number of a field, 0 where it is absent.
pub(crate) fn number(field: Option<v1::Uint128>) -> u128 {
    field.map_or(0, u128::from)
}

/// The amount of a field, nothing where it is absent.
pub(crate) fn amount(field: Option<v1::Uint128>) -> Amount {
    Amount::new(number(field))
}

impl From<u128> for v1::Uint128 {
    fn from(number: u128) -> Self {
        let bytes = number.to_be_bytes();
        let (high, low) = bytes.split_at(8);
        let half = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |value, &byte| (value << 8) | u64::from(byte))
        };
        Self {
            high: half(high),
            low: half(low),
        }
    }
}

impl From<v1::Uint128> for u128 {
    fn from(wire: v1::Uint128) -> Self {
        (Self::from(wire.high) << 64) | Self::from(wire.low)
    }
}

impl From<Sum> for v1::Uint192 {
    fn from(sum: Sum) -> Self {
        let v1::Uint128 { high: middle, low } = sum.low().into();
        Self {
            high: sum.high(),
            middle,
            low,
        }
    }
}

impl From<v1::Uint192> for Sum {
    fn from(wire: v1::Uint192) -> Self {
        let low = v1::Uint128 {
            high: wire.middle,
            low: wire.low,
        };
        Self::from_parts(wire.high, low.into())
    }
}
