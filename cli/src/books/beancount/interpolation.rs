//! Fills in the amount that a transaction leaves out, and checks that transactions balance, by
//! weight: a posting weighs what it cost, or what it was exchanged for, or itself.

use crate::books::beancount::CommodityAmount;
use crate::books::beancount::tolerance::ToleranceOptions;
use crate::books::imbalance::Imbalance;
use crate::books::problem::{Fault, Place, Problem};
use crate::books::quantity::Quantity;
use crate::books::transaction::{Date, Posting, Transaction};

/// A transaction as it was written.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Where it begins.
    pub(crate) place: Place,
    /// Its day.
    pub(crate) date: Date,
    /// What it was for.
    pub(crate) description: String,
    /// Its postings.
    pub(crate) postings: Vec<DraftPosting>,
}

/// A posting as it was written.
#[derive(Debug)]
pub(crate) struct DraftPosting {
    /// Where.
    pub(crate) place: Place,
    /// The account's full name.
    pub(crate) account: String,
    /// By how much, unless that is left out.
    pub(crate) amount: Option<CommodityAmount>,
    /// In braces: what one unit cost, or nothing if that is left to the matching of lots.
    pub(crate) cost: Option<Option<CommodityAmount>>,
    /// After `@` or `@@`.
    pub(crate) price: Option<Price>,
}

/// What a posting was exchanged for.
#[derive(Debug)]
pub(crate) enum Price {
    /// Each unit.
    Unit(CommodityAmount),
    /// All of it.
    Total(CommodityAmount),
}

/// What a posting counts for in the balance of its transaction.
enum Weight {
    Known(Quantity, String),
    /// The cost is left to the matching of lots.
    Open,
    /// The amount is left out.
    Absent,
}

fn weight(posting: &DraftPosting) -> Weight {
    let Some((quantity, commodity)) = &posting.amount else {
        return Weight::Absent;
    };
    match (&posting.cost, &posting.price) {
        (Some(None), _) => Weight::Open,
        (Some(Some((each, in_commodity))), _) | (None, Some(Price::Unit((each, in_commodity)))) => {
            Weight::Known(quantity * each, in_commodity.clone())
        }
        (None, Some(Price::Total((total, in_commodity)))) => {
            let total = total.magnitude();
            let signed = if quantity.is_negative() {
                -total
            } else {
                total
            };
            Weight::Known(signed, in_commodity.clone())
        }
        (None, None) => Weight::Known(quantity.clone(), commodity.clone()),
    }
}

/// Fills in what is left out and checks the balance.
pub(crate) fn fill_in(draft: Draft, options: &ToleranceOptions) -> Result<Transaction, Problem> {
    let mut imbalance = Imbalance::default();
    let mut left_out: Option<&DraftPosting> = None;
    let mut open_cost = false;
    for posting in &draft.postings {
        match weight(posting) {
            Weight::Known(quantity, commodity) => imbalance.add(&commodity, &quantity),
            Weight::Open => open_cost = true,
            Weight::Absent => {
                if left_out.replace(posting).is_some() {
                    return Err(problem(&posting.place, Fault::AmountsLeftOut));
                }
            }
        }
    }
    if let Some(posting) = left_out.filter(|_| open_cost) {
        return Err(problem(&posting.place, Fault::AmountDoesNotFollow));
    }
    let tolerances = options.of_transaction(&draft.postings);
    if left_out.is_none() && !open_cost {
        let beyond = imbalance
            .beyond(|commodity| tolerances.of(commodity))
            .next();
        if let Some((commodity, difference)) = beyond {
            let fault = Fault::Unbalanced {
                difference: difference.clone(),
                commodity: commodity.to_owned(),
            };
            return Err(problem(&draft.place, fault));
        }
    }
    let mut postings = Vec::with_capacity(draft.postings.len());
    for posting in draft.postings {
        match posting.amount {
            Some((quantity, commodity)) => postings.push(Posting {
                place: posting.place,
                account: posting.account,
                quantity,
                commodity,
            }),
            None => {
                let rest = imbalance.beyond(|_| Quantity::zero());
                postings.extend(rest.map(|(commodity, sum)| Posting {
                    place: posting.place.clone(),
                    account: posting.account.clone(),
                    quantity: -tolerances.rounded(commodity, sum),
                    commodity: commodity.to_owned(),
                }));
            }
        }
    }
    Ok(Transaction {
        place: draft.place,
        date: draft.date,
        description: draft.description,
        postings,
    })
}

fn problem(place: &Place, fault: Fault) -> Problem {
    Problem {
        place: place.clone(),
        fault,
    }
}
