//! `balance` and `pad`: what the books say an account has, and the transaction that makes it so.

use std::collections::{BTreeMap, BTreeSet};

use crate::books::beancount::tolerance::ToleranceOptions;
use crate::books::problem::{FailedAssertion, Fault, Place, Problem};
use crate::books::quantity::Quantity;
use crate::books::transaction::{Date, Posting, Transaction};

/// What an account, with all that is below it, has at the beginning of a day.
#[derive(Debug)]
pub(crate) struct Assertion {
    /// Where it is written.
    pub(crate) place: Place,
    /// The day.
    pub(crate) date: Date,
    /// The account.
    pub(crate) account: String,
    /// How much.
    pub(crate) quantity: Quantity,
    /// Of what.
    pub(crate) commodity: String,
    /// How far off it may be, if that is stated.
    pub(crate) tolerance: Option<Quantity>,
}

impl Assertion {
    /// What the account has too little of, where that is more than the tolerance.
    fn missing(&self, actual: &Quantity, options: &ToleranceOptions) -> Option<Quantity> {
        let missing = -actual.clone() + &self.quantity;
        let tolerance = match &self.tolerance {
            Some(tolerance) => tolerance.clone(),
            None => options.of_assertion(&self.quantity),
        };
        (missing.magnitude() > tolerance).then_some(missing)
    }
}

/// Fills an account from another up to its next assertion.
#[derive(Debug)]
pub(crate) struct Pad {
    /// Where it is written.
    pub(crate) place: Place,
    /// The day on which the account is filled.
    pub(crate) date: Date,
    /// The account that is filled.
    pub(crate) account: String,
    /// The account that it is filled from.
    pub(crate) source: String,
}

/// Something that happens to an account. A day begins with its assertions.
enum Step<'a> {
    Assertion(&'a Assertion),
    Pad(&'a Pad),
    Posting(&'a Posting),
}

/// The transactions that the pads stand for.
pub(crate) fn pad(
    transactions: &[Transaction],
    pads: &[Pad],
    assertions: &[Assertion],
    options: &ToleranceOptions,
) -> Vec<Transaction> {
    let accounts: BTreeSet<&str> = pads.iter().map(|pad| pad.account.as_str()).collect();
    let mut padding = Vec::new();
    for account in accounts {
        pad_account(
            account,
            transactions,
            pads,
            assertions,
            options,
            &mut padding,
        );
    }
    padding
}

fn pad_account(
    account: &str,
    transactions: &[Transaction],
    pads: &[Pad],
    assertions: &[Assertion],
    options: &ToleranceOptions,
    padding: &mut Vec<Transaction>,
) {
    let mut balances: BTreeMap<&str, Quantity> = BTreeMap::new();
    let mut active: Option<&Pad> = None;
    let mut padded: BTreeSet<&str> = BTreeSet::new();
    for step in history(account, transactions, pads, assertions) {
        match step {
            Step::Posting(posting) => add(&mut balances, &posting.commodity, &posting.quantity),
            Step::Pad(pad) => {
                active = Some(pad);
                padded.clear();
            }
            Step::Assertion(assertion) => {
                let commodity = assertion.commodity.as_str();
                let actual = balances.get(commodity).cloned();
                let actual = actual.unwrap_or_else(Quantity::zero);
                let unpadded = active.filter(|_| !padded.contains(commodity));
                if let Some((pad, missing)) = unpadded.zip(assertion.missing(&actual, options)) {
                    padding.push(fill(pad, assertion, &missing));
                    add(&mut balances, commodity, &missing);
                }
                padded.insert(commodity);
            }
        }
    }
}

fn add<'a>(balances: &mut BTreeMap<&'a str, Quantity>, commodity: &'a str, quantity: &Quantity) {
    *balances.entry(commodity).or_insert_with(Quantity::zero) += quantity;
}

/// Everything that happens to an account and below it, in the order of the days.
fn history<'a>(
    account: &'a str,
    transactions: &'a [Transaction],
    pads: &'a [Pad],
    assertions: &'a [Assertion],
) -> impl Iterator<Item = Step<'a>> {
    let mut steps: Vec<(Date, u8, &Place, Step<'a>)> = Vec::new();
    let asserted = assertions.iter().filter(|said| said.account == account);
    steps.extend(asserted.map(|said| (said.date, 0, &said.place, Step::Assertion(said))));
    let filled = pads.iter().filter(|pad| pad.account == account);
    steps.extend(filled.map(|pad| (pad.date, 1, &pad.place, Step::Pad(pad))));
    for transaction in transactions {
        let postings = transaction.postings.iter();
        let own = postings.filter(|posting| is_at_or_below(&posting.account, account));
        steps.extend(own.map(|posting| {
            let place = &transaction.place;
            (transaction.date, 1, place, Step::Posting(posting))
        }));
    }
    steps.sort_by_key(|(date, order, place, _)| (*date, *order, *place));
    steps.into_iter().map(|(_, _, _, step)| step)
}

fn is_at_or_below(account: &str, top: &str) -> bool {
    account
        .strip_prefix(top)
        .is_some_and(|below| below.is_empty() || below.starts_with(':'))
}

fn fill(pad: &Pad, assertion: &Assertion, missing: &Quantity) -> Transaction {
    let posting = |account: &str, quantity: Quantity| Posting {
        place: pad.place.clone(),
        account: account.to_owned(),
        quantity,
        commodity: assertion.commodity.clone(),
    };
    Transaction {
        place: pad.place.clone(),
        date: pad.date,
        description: format!(
            "Padding for the balance of {} {}",
            assertion.quantity, assertion.commodity
        ),
        postings: vec![
            posting(&pad.account, missing.clone()),
            posting(&pad.source, -missing.clone()),
        ],
    }
}

/// Checks every assertion; `transactions` are in the order of their days.
pub(crate) fn check(
    transactions: &[Transaction],
    assertions: &[Assertion],
    options: &ToleranceOptions,
) -> Vec<Problem> {
    let mut by_day: Vec<&Assertion> = assertions.iter().collect();
    by_day.sort_by_key(|assertion| assertion.date);
    let mut balances: BTreeMap<&str, BTreeMap<&str, Quantity>> = BTreeMap::new();
    let mut coming = transactions.iter().peekable();
    let mut problems = Vec::new();
    for assertion in by_day {
        while let Some(earlier) = coming.next_if(|next| next.date < assertion.date) {
            for posting in &earlier.postings {
                let account = balances.entry(&posting.account).or_default();
                add(account, &posting.commodity, &posting.quantity);
            }
        }
        let mut actual = Quantity::zero();
        let at_or_below = balances
            .range(assertion.account.as_str()..)
            .take_while(|(account, _)| account.starts_with(&assertion.account))
            .filter(|(account, _)| is_at_or_below(account, &assertion.account));
        for quantity in at_or_below.filter_map(|(_, own)| own.get(assertion.commodity.as_str())) {
            actual += quantity;
        }
        if assertion.missing(&actual, options).is_some() {
            problems.push(Problem {
                place: assertion.place.clone(),
                fault: Fault::AssertionFailed(Box::new(FailedAssertion {
                    account: assertion.account.clone(),
                    asserted: assertion.quantity.clone(),
                    actual,
                    commodity: assertion.commodity.clone(),
                })),
            });
        }
    }
    problems
}
