//! What is left of a transaction when its parts are added up, commodity by commodity.

use std::collections::BTreeMap;

use crate::books::quantity::Quantity;

/// Sums by commodity.
#[derive(Default, Debug)]
pub(crate) struct Imbalance(BTreeMap<String, Quantity>);

impl Imbalance {
    /// Adds an amount of a commodity.
    pub(crate) fn add(&mut self, commodity: &str, quantity: &Quantity) {
        match self.0.get_mut(commodity) {
            Some(sum) => *sum += quantity,
            None => {
                self.0.insert(commodity.to_owned(), quantity.clone());
            }
        }
    }

    /// The commodities of which more than `tolerance` is left, in alphabetical order.
    pub(crate) fn beyond(
        &self,
        tolerance: impl Fn(&str) -> Quantity,
    ) -> impl Iterator<Item = (&str, &Quantity)> {
        self.0
            .iter()
            .filter(move |(commodity, sum)| sum.magnitude() > tolerance(commodity))
            .map(|(commodity, sum)| (commodity.as_str(), sum))
    }
}

/// What rounding can make up, by commodity: half a unit of the coarsest amount that was written
/// with decimals. Whole numbers are exact. (Beancount, "Precision & Tolerances".)
#[derive(Default, Debug)]
pub(crate) struct CoarsestDecimals(BTreeMap<String, u32>);

impl CoarsestDecimals {
    /// Takes note of an amount as it was written.
    pub(crate) fn note(&mut self, commodity: &str, quantity: &Quantity) {
        let decimals = quantity.decimals_written();
        if decimals == 0 {
            return;
        }
        let coarsest = self.0.entry(commodity.to_owned()).or_insert(decimals);
        *coarsest = decimals.min(*coarsest);
    }

    /// The decimals of the coarsest amount, if one had any.
    pub(crate) fn decimals(&self, commodity: &str) -> Option<u32> {
        self.0.get(commodity).copied()
    }

    /// What rounding can make up.
    pub(crate) fn tolerance(&self, commodity: &str) -> Quantity {
        self.decimals(commodity)
            .map_or_else(Quantity::zero, Quantity::half_unit)
    }
}
