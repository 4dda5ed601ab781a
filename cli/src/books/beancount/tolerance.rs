//! How far a transaction may be from balancing, and to how many decimals an amount that was left
//! out is rounded, by Beancount's rules ("Precision & Tolerances").

use std::collections::BTreeMap;

use crate::books::beancount::CommodityAmount;
use crate::books::beancount::interpolation::{DraftPosting, Price};
use crate::books::quantity::Quantity;

/// What a file says about tolerance.
#[derive(Debug)]
pub(crate) struct ToleranceOptions {
    defaults: BTreeMap<String, Quantity>,
    multiplier: Quantity,
    from_cost: bool,
}

impl Default for ToleranceOptions {
    fn default() -> Self {
        Self {
            defaults: BTreeMap::new(),
            multiplier: Quantity::half_unit(0),
            from_cost: false,
        }
    }
}

/// An inferred tolerance with more digits than this rounds nothing: it was not meant as a unit.
const UNIT_DIGITS_MAX: usize = 4;

impl ToleranceOptions {
    /// Takes an option; those that say nothing about tolerance change nothing. An error names the
    /// option whose value is not understood.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "inferred_tolerance_default" => {
                let parsed = value.split_once(':').and_then(|(commodity, tolerance)| {
                    Some((commodity.to_owned(), Quantity::parse(tolerance)?))
                });
                let (commodity, tolerance) = parsed.ok_or("inferred_tolerance_default")?;
                self.defaults.insert(commodity, tolerance);
            }
            "inferred_tolerance_multiplier" => {
                self.multiplier = Quantity::parse(value).ok_or("inferred_tolerance_multiplier")?;
            }
            "infer_tolerance_from_cost" => {
                self.from_cost = matches!(value, "TRUE" | "True" | "true" | "1");
            }
            _ => {}
        }
        Ok(())
    }

    /// The tolerance of a balance assertion that states none.
    pub(crate) fn of_assertion(&self, asserted: &Quantity) -> Quantity {
        match asserted.decimals_written() {
            0 => Quantity::zero(),
            decimals => {
                let unit = unit(decimals);
                let tolerance = &unit * &self.multiplier;
                tolerance.clone() + &tolerance
            }
        }
    }

    /// What the amounts of a transaction, as they are written, allow.
    pub(crate) fn of_transaction(&self, postings: &[DraftPosting]) -> Tolerances {
        let mut inferred = self.defaults.clone();
        let mut from_cost: BTreeMap<String, Quantity> = BTreeMap::new();
        for posting in postings {
            let Some((quantity, commodity)) = &posting.amount else {
                continue;
            };
            let decimals = quantity.decimals_written();
            if decimals == 0 {
                continue;
            }
            let tolerance = &unit(decimals) * &self.multiplier;
            if self.from_cost {
                let at_most_half = |(each, in_commodity): &CommodityAmount| {
                    let through_cost = (&tolerance * each).min(Quantity::half_unit(0));
                    (in_commodity.clone(), through_cost)
                };
                let cost = posting.cost.iter().flatten().map(at_most_half);
                let price = posting.price.iter().filter_map(|price| match price {
                    Price::Unit(price) => Some(at_most_half(price)),
                    Price::Total(_) => None,
                });
                for (commodity, through_cost) in cost.chain(price) {
                    *from_cost.entry(commodity).or_insert_with(Quantity::zero) += &through_cost;
                }
            }
            widen(&mut inferred, commodity, tolerance);
        }
        for (commodity, tolerance) in from_cost {
            widen(&mut inferred, &commodity, tolerance);
        }
        let otherwise = inferred.remove("*").unwrap_or_else(Quantity::zero);
        Tolerances {
            inferred,
            otherwise,
        }
    }
}

fn unit(decimals: u32) -> Quantity {
    let half = Quantity::half_unit(decimals);
    half.clone() + &half
}

fn widen(tolerances: &mut BTreeMap<String, Quantity>, commodity: &str, tolerance: Quantity) {
    let widest = tolerances
        .entry(commodity.to_owned())
        .or_insert_with(|| tolerance.clone());
    if *widest < tolerance {
        *widest = tolerance;
    }
}

/// What rounding may make up in one transaction.
#[derive(Debug)]
pub(crate) struct Tolerances {
    inferred: BTreeMap<String, Quantity>,
    otherwise: Quantity,
}

impl Tolerances {
    /// How much of a commodity may be left over.
    pub(crate) fn of(&self, commodity: &str) -> Quantity {
        self.inferred
            .get(commodity)
            .unwrap_or(&self.otherwise)
            .clone()
    }

    /// An amount that was left out, rounded to the unit that the others were written in.
    pub(crate) fn rounded(&self, commodity: &str, quantity: &Quantity) -> Quantity {
        let Some(tolerance) = self.inferred.get(commodity).filter(|some| !some.is_zero()) else {
            return quantity.trimmed();
        };
        let unit = tolerance.clone() + tolerance;
        let digits = unit.canonical_text().trim_start_matches(['0', '.']).len();
        if digits > UNIT_DIGITS_MAX {
            return quantity.trimmed();
        }
        quantity.rounded(unit.decimals_needed())
    }
}
