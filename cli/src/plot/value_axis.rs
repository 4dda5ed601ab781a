//! The axis of balances: round steps, and labels with the decimals of the ledger.

use bigdecimal::num_bigint::BigInt;

use super::columns::Column;
use crate::amount_text::signed_text;

/// From where to where balances go, and where they are labelled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ValueAxis {
    low: BigInt,
    high: BigInt,
    ticks: Vec<BigInt>,
    scale: u32,
}

impl ValueAxis {
    /// An axis that holds all of `columns`, with at most `ticks_max` labels, but up to 3: on both
    /// sides of nothing there is always a step.
    pub(super) fn new(columns: &[Column], scale: u32, ticks_max: usize) -> Self {
        let zero = BigInt::default();
        let lows = columns.iter().map(|column| &column.low);
        let highs = columns.iter().map(|column| &column.high);
        let mut low = lows.min().unwrap_or(&zero).clone();
        let mut high = highs.max().unwrap_or(&zero).clone();
        if low == high {
            // A line that is flat is drawn against nothing, or nothing against one unit.
            low = low.min(zero.clone());
            high = high.max(zero.clone());
            if low == high {
                high += 1;
            }
        }
        let steps_max = BigInt::from(ticks_max.max(3) - 1);
        let mut power = BigInt::from(1);
        loop {
            for factor in [1, 2, 5] {
                let step = &power * factor;
                let first = floor(&low, &step);
                let last = -floor(&-&high, &step);
                if &last - &first <= steps_max {
                    let mut ticks = Vec::new();
                    let mut at = first;
                    while at <= last {
                        ticks.push(&at * &step);
                        at += 1;
                    }
                    return Self {
                        low: ticks.first().expect("an axis has two ends").clone(),
                        high: ticks.last().expect("an axis has two ends").clone(),
                        ticks,
                        scale,
                    };
                }
            }
            power *= 10;
        }
    }

    /// How far up a balance is on an axis from 0 to `top`, which is where the highest is.
    pub(super) fn position(&self, balance: &BigInt, top: usize) -> usize {
        let range = &self.high - &self.low;
        let above: BigInt = balance - &self.low;
        let scaled: BigInt = (above * top * 2 + &range) / (range * 2);
        usize::try_from(scaled).expect("a balance lies on the axis")
    }

    /// The balances that are labelled, the lowest first, with their labels.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&BigInt, String)> {
        let scale = self.scale;
        self.ticks
            .iter()
            .map(move |tick| (tick, signed_text(tick, scale)))
    }
}

/// How many whole steps lie below, counted downwards beyond nothing.
fn floor(balance: &BigInt, step: &BigInt) -> BigInt {
    let whole = balance / step;
    match &whole * step > *balance {
        true => whole - 1,
        false => whole,
    }
}

#[cfg(test)]
mod tests;
