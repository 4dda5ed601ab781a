use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::books::quantity::Quantity;
use crate::books::transaction::Date;

fn place(line: u64) -> Place {
    Place {
        file: Arc::from(Path::new("books.csv")),
        line,
    }
}

fn transaction(line: u64, postings: &[(&str, &str, &str)]) -> Transaction {
    let posting = |(at, (account, quantity, commodity)): (u64, &(&str, &str, &str))| Posting {
        place: place(at),
        account: (*account).to_owned(),
        quantity: Quantity::parse(quantity).expect("a quantity"),
        commodity: (*commodity).to_owned(),
    };
    Transaction {
        place: place(line),
        date: Date::parse("2026-11-22").expect("a date"),
        description: "a purchase".to_owned(),
        postings: (line..).zip(postings).map(posting).collect(),
    }
}

fn faults(transactions: &[Transaction], known: &[KnownLedger]) -> Vec<(u64, Fault)> {
    let problems = plan(transactions, known).expect_err("something is wrong");
    let told = |problem: Problem| (problem.place.line, problem.fault);
    problems.0.into_iter().map(told).collect()
}

fn ids(plan: &Plan) -> Vec<u128> {
    let transfers = plan.chains.iter().flat_map(|chain| &chain.transfers);
    transfers.map(|transfer| transfer.id.get()).collect()
}

#[test]
fn a_transaction_becomes_a_chain_that_balances_in_every_commodity() {
    let bought = transaction(
        2,
        &[
            ("Assets:Shares", "4.862", "ACME"),
            ("Assets:Cash", "-480.03", "USD"),
            ("Expenses:Fees", "1.00", "USD"),
        ],
    );
    let plan = plan(&[bought], &[]).expect("a plan");
    let scales: Vec<(&str, u32)> = plan
        .ledgers
        .iter()
        .map(|ledger| (&*ledger.code, ledger.scale))
        .collect();
    assert_eq!(scales, [("ACME", 3), ("USD", 2)]);
    let accounts: Vec<(&str, u16)> = plan
        .accounts
        .iter()
        .map(|account| (&*account.name, account.code))
        .collect();
    assert_eq!(
        accounts,
        [
            ("Assets:Shares", 1),
            ("Assets:Cash", 1),
            ("Expenses:Fees", 5),
            ("Equity:Conversions:ACME", 3),
            ("Equity:Conversions:USD", 3),
        ]
    );
    let transfers = &plan.chains[0].transfers;
    let told: Vec<(u128, u16, bool)> = transfers
        .iter()
        .map(|one| {
            (
                one.amount.get(),
                one.code,
                one.flags.contains(TransferFlags::LINKED),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (4862, CONVERTED, true),
            (100, BOOKED, true),
            (47903, CONVERTED, false)
        ]
    );
    assert!(transfers.iter().all(|one| one.user_data_64 == 20_261_122));
    assert!(
        transfers
            .iter()
            .all(|one| one.group_id == transfers[0].group_id)
    );
    assert_eq!(plan.conversions, 1);
}

#[test]
fn ids_depend_on_content_and_place_among_equals_alone() {
    let bread = |line| transaction(line, &[("Cash", "-1.0", "EUR"), ("Bread", "1", "EUR")]);
    let milk = transaction(9, &[("Cash", "-2", "EUR"), ("Milk", "2", "EUR")]);
    let two = plan(&[bread(2), bread(4)], &[]).expect("a plan");
    let two_ids = ids(&two);
    assert_ne!(two_ids[0], two_ids[1]);
    let grown = plan(&[milk.clone(), bread(20), bread(40)], &[]).expect("a plan");
    assert_eq!(ids(&grown)[1..], two_ids);
    let mut other_day = bread(2);
    other_day.date = Date::parse("2026-11-23").expect("a date");
    assert_ne!(
        ids(&plan(&[other_day], &[]).expect("a plan"))[0],
        two_ids[0]
    );
    let account = two.accounts[0].id;
    assert_eq!(account, account_id("Cash", "EUR"));
}

#[test]
fn a_ledger_that_is_there_keeps_its_number_and_its_decimals() {
    let known = [KnownLedger {
        id: LedgerId::new(978),
        code: "EUR".into(),
        scale: 2,
    }];
    let bread = |amount: &str| {
        let credit = format!("-{amount}");
        transaction(5, &[("Cash", &credit, "EUR"), ("Bread", amount, "EUR")])
    };
    let planned = plan(&[bread("1.500")], &known).expect("needless zeros are no decimals");
    assert!(planned.ledgers.is_empty());
    let transfer = &planned.chains[0].transfers[0];
    assert_eq!(transfer.ledger, LedgerId::new(978));
    assert_eq!(transfer.amount, Amount::new(150));

    let reported = faults(&[bread("1.505")], &known);
    let lines: Vec<u64> = reported.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [5, 6]);
    assert!(matches!(
        reported[1].1,
        Fault::TooManyDecimals {
            needed: 3,
            scale: 2,
            ..
        }
    ));
}

#[test]
fn a_ledger_number_in_use_is_not_taken_over() {
    let first = ledger_id("EUR", |_| false);
    let second = ledger_id("EUR", |id| id == first);
    assert_ne!(first, second);
    let known = [KnownLedger {
        id: first,
        code: "".into(),
        scale: 0,
    }];
    let bread = transaction(2, &[("Cash", "-1", "EUR"), ("Bread", "1", "EUR")]);
    let planned = plan(&[bread], &known).expect("a plan");
    assert_eq!(planned.ledgers[0].id, second);
}

#[test]
fn what_no_ledger_can_hold_is_reported_with_its_line() {
    let long_name = "x".repeat(256);
    let digits_38 = format!("0.{}1", "0".repeat(38));
    let widest = "170141183460469231731687303715884105727";
    let reported = faults(
        &[
            transaction(2, &[(&long_name, "1", "EUR"), ("a", "-1", "EUR")]),
            transaction(4, &[("a", &digits_38, "X"), ("b", "-1", "Y")]),
            transaction(6, &[("a", widest, "Z"), ("b", widest, "Z")]),
            transaction(8, &[("a", "1", &long_name), ("b", "-1", &long_name)]),
        ],
        &[],
    );
    let lines: Vec<u64> = reported.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4, 6, 8]);
    assert!(matches!(reported[0].1, Fault::AccountNameTooLong { .. }));
    assert!(matches!(
        reported[1].1,
        Fault::TooManyDecimals {
            needed: 39,
            scale: 38,
            ..
        }
    ));
    assert!(matches!(reported[2].1, Fault::TooLarge { .. }));
    assert!(matches!(reported[3].1, Fault::CommodityInvalid { .. }));
}

#[test]
fn a_transaction_longer_than_a_request_is_refused() {
    let names: Vec<String> = (0..=CHAIN_TRANSFERS_MAX).map(|n| n.to_string()).collect();
    let total = format!("-{}", names.len());
    let mut postings: Vec<(&str, &str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), "1", "EUR"))
        .collect();
    postings.push(("Cash", &total, "EUR"));
    let reported = faults(&[transaction(2, &postings)], &[]);
    let fault = Fault::TransactionTooLong {
        transfers: CHAIN_TRANSFERS_MAX + 1,
        max: CHAIN_TRANSFERS_MAX,
    };
    assert_eq!(reported, [(2, fault)]);
}

#[test]
fn references_are_cut_between_characters() {
    assert_eq!(&*reference("short"), "short");
    let long = "é".repeat(40);
    assert_eq!(reference(&long).len(), 64);
    let odd = format!("x{long}");
    assert_eq!(reference(&odd).len(), 63);
}
