use super::*;
use crate::books::problem::FailedAssertion;
use crate::books::transaction::Posting;

fn read_text(text: &str) -> Result<BeancountBooks, Problems> {
    read(Path::new("books.beancount"), text)
}

fn postings(text: &str) -> Vec<(String, String, String)> {
    let books = read_text(text).expect("sound books");
    let told = |posting: &Posting| {
        let quantity = posting.quantity.to_string();
        (posting.account.clone(), quantity, posting.commodity.clone())
    };
    let transactions = books.transactions.iter();
    transactions
        .flat_map(|one| one.postings.iter().map(told))
        .collect()
}

fn faults(text: &str) -> Vec<(u64, Fault)> {
    let problems = read_text(text).expect_err("the books are wrong");
    let told = |problem: Problem| (problem.place.line, problem.fault);
    problems.0.into_iter().map(told).collect()
}

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect("a quantity")
}

/// The quantity of the posting at `index`.
fn filled_in(text: &str, index: usize) -> (String, String) {
    let posting = postings(text).swap_remove(index);
    (posting.1, posting.2)
}

#[test]
fn the_amount_left_out_is_what_the_others_weigh() {
    let at_cost = "2026-01-02 * \"Buy\"\n  \
        Assets:Shares  3 ACME {10.333 USD}\n  \
        Expenses:Fees  1.00 USD\n  \
        Assets:Cash\n";
    assert_eq!(filled_in(at_cost, 2), ("-32.00".into(), "USD".into()));

    let at_price = "2026-01-02 * \"Change\"\n  \
        Assets:Euro  -100 EUR @ 1.0855 USD\n  \
        Assets:Cash\n";
    assert_eq!(filled_in(at_price, 1), ("108.55".into(), "USD".into()));

    let at_total = "2026-01-02 * \"Change\"\n  \
        Assets:Euro  -100 EUR @@ 108.55 USD\n  \
        Assets:Cash\n";
    assert_eq!(filled_in(at_total, 1), ("108.55".into(), "USD".into()));

    let cost_before_price = "2026-01-02 * \"Sell\"\n  \
        Assets:Shares  -2 ACME {10.00 USD} @ 12.00 USD\n  \
        Assets:Cash  24.00 USD\n  \
        Income:Gains\n";
    assert_eq!(
        filled_in(cost_before_price, 2),
        ("-4.00".into(), "USD".into())
    );
}

#[test]
fn several_commodities_are_filled_in_by_one_posting() {
    let text = "2026-01-02 * \"Opening\"\n  \
        Assets:Cash  5.00 USD\n  \
        Assets:Points  70 POINT\n  \
        Equity:Opening\n";
    let all = postings(text);
    assert_eq!(
        all[2],
        ("Equity:Opening".into(), "-70".into(), "POINT".into())
    );
    assert_eq!(
        all[3],
        ("Equity:Opening".into(), "-5.00".into(), "USD".into())
    );
}

#[test]
fn what_is_filled_in_is_rounded_half_to_even_as_the_others_are_written() {
    let tie = |units: &str| {
        let text = format!(
            "2026-01-02 * \"Buy\"\n  \
             Assets:Shares  {units} ACME {{0.25 USD}}\n  \
             Expenses:Fees  0.00 USD\n  \
             Assets:Cash\n"
        );
        filled_in(&text, 2).0
    };
    assert_eq!(tie("0.5"), "-0.12");
    assert_eq!(tie("1.5"), "-0.38");
}

#[test]
fn books_that_do_not_balance_are_refused_within_tolerance() {
    let by = |difference: &str| {
        read_text(&format!(
            "2026-01-02 * \"Buy\"\n  Assets:Shares  1 ACME {{10.00 USD}}\n  \
             Assets:Cash  -{difference} USD\n"
        ))
    };
    assert!(by("10.00").is_ok());
    assert!(by("9.99").is_err());
    assert!(by("10.005").is_err());
    let rounded = "2026-01-02 * \"Buy\"\n  Assets:Shares  4.862 ACME {98.73 USD}\n  \
        Assets:Cash  -480.03 USD\n";
    assert!(read_text(rounded).is_ok());
    let wider = format!("option \"inferred_tolerance_multiplier\" \"1.5\"\n{rounded}")
        .replace("480.03", "480.04");
    assert!(read_text(&wider).is_ok());
}

#[test]
fn pads_fill_up_to_the_next_assertion() {
    let text = "2026-01-01 pad Assets:Cash Equity:Opening\n\
        2026-01-02 * \"Bread\"\n  Assets:Cash:Purse  -1.00 EUR\n  Expenses:Bread\n\
        2026-01-03 balance Assets:Cash  9.00 EUR\n\
        2026-01-04 * \"Bread\"\n  Assets:Cash  -2.00 EUR\n  Expenses:Bread\n\
        2026-01-05 balance Assets:Cash  7.00 EUR\n";
    let all = postings(text);
    assert_eq!(all[0], ("Assets:Cash".into(), "10.00".into(), "EUR".into()));
    assert_eq!(
        all[1],
        ("Equity:Opening".into(), "-10.00".into(), "EUR".into())
    );
    assert_eq!(all.len(), 6);
}

#[test]
fn an_assertion_that_fails_is_reported() {
    let text = "2026-01-02 * \"Bread\"\n  Assets:Cash  -1.00 EUR\n  Expenses:Bread\n\
        2026-01-02 balance Assets:Cash  0 EUR\n\
        2026-01-03 balance Assets:Cash  -1.02 EUR\n\
        2026-01-03 balance Assets:Cash  -1.01 EUR\n\
        2026-01-03 balance Assets:Cash  -1.5 ~ 0.5 EUR\n";
    let fault = Fault::AssertionFailed(Box::new(FailedAssertion {
        account: "Assets:Cash".to_owned(),
        asserted: quantity("-1.02"),
        actual: quantity("-1.00"),
        commodity: "EUR".to_owned(),
    }));
    assert_eq!(faults(text), [(5, fault)]);
}

#[test]
fn what_the_parser_would_pass_over_is_reported_with_its_line() {
    let text = "2026-01-02 * \"Bread\"\n  Assets:Cash  -1.00 EUR\n  Assets:Cash  1..0 EUR\n  \
        Expenses:Bread  1.00 EUR\n\
        2026-01-32 * \"Bread\"\n\
        2026-02-30 * \"Bread\"\n  Assets:Cash  0 EUR\n\
        2026-01-02 * \"Bread\"\n  assets:cash  -1.00 EUR\n  Expenses:Bread  1.00 EUR\n\
        2026-01-02 balance Assets:Cash\n\
        2026-01-02 * \"Bread\"\n  Assets:Cash  1/0 EUR\n  Expenses:Bread\n\
        2026-01-02 * \"Bread\"\n  Assets:Cash\n  Expenses:Bread\n\
        2026-01-02 * \"Sell\"\n  Assets:Shares  -1 ACME {}\n  Assets:Cash\n\
        include \"absent.beancount\"\n";
    let lines: Vec<u64> = faults(text).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 5, 6, 9, 11, 13, 17, 20, 21]);
}

#[test]
fn payee_and_narration_become_one_description() {
    let described = |header: &str| {
        let text = format!("2026-01-02 {header}\n  Assets:Cash  1 EUR\n  Income:Gift\n");
        let books = read_text(&text).expect("sound books");
        books.transactions[0].description.clone()
    };
    assert_eq!(
        described("* \"Baker\" \"Two loaves\" #bread"),
        "Baker | Two loaves"
    );
    assert_eq!(described("* \"Baker\" \"\""), "Baker");
    assert_eq!(described("! \"Two loaves\""), "Two loaves");
    assert_eq!(described("txn"), "");
}

#[test]
fn transactions_come_in_the_order_of_their_days() {
    let text = "2026-01-05 * \"second\"\n  Assets:Cash  1 EUR\n  Income:Gift\n\
        2026-01-02 * \"first\"\n  Assets:Cash  1 EUR\n  Income:Gift\n\
        2026-01-05 * \"third\"\n  Assets:Cash  1 EUR\n  Income:Gift\n";
    let books = read_text(text).expect("sound books");
    let order: Vec<&str> = books
        .transactions
        .iter()
        .map(|transaction| transaction.description.as_str())
        .collect();
    assert_eq!(order, ["first", "second", "third"]);
}

#[test]
fn names_that_beancount_would_not_take_come_from_metadata() {
    let text = "\
        2026-01-01 commodity POINTS\n  \
          name: \"Points\"\n  \
          pacioli-code: \"loyalty points\"\n\
        2026-01-01 open Equity:A\n  \
          pacioli-account: \"\\\"a\\\" b\"\n\
        2026-01-01 open Equity:B\n\
        2026-01-02 * \"\\\"x\\\"\" \"two\\nlines\"\n  \
          pacioli-account: \"no open\"\n  \
          Equity:A  1 POINTS\n  \
          Equity:B  -1 POINTS\n";
    let told = postings(text);
    assert_eq!(
        told[0],
        ("\"a\" b".into(), "1".into(), "loyalty points".into())
    );
    assert_eq!(
        told[1],
        ("Equity:B".into(), "-1".into(), "loyalty points".into())
    );
    let books = read_text(text).expect("sound books");
    assert_eq!(books.transactions[0].description, "\"x\" | two\nlines");
}
