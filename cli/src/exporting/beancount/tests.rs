use std::path::Path;

use ledger_core::GroupId;

use super::{Beancount, payee_and_narration, quoted};
use crate::books::beancount::read;
use crate::exporting::example::{EUR, POINTS, account, book, gathered, moved};
use crate::exporting::names::Names;

#[test]
fn books_are_a_beancount_file() {
    let book = book(vec![
        account(1, EUR, "Assets:Cash"),
        account(2, EUR, "expenses:bread & milk"),
        account(3, POINTS, "Assets:Cash"),
        account(4, POINTS, ""),
        account(5, POINTS, "never used"),
    ]);
    let names = Names::new(&book);
    let mut grouped = [
        moved(1, 2, 1, 250, "shop | daily"),
        moved(2, 2, 1, 50, "shop | daily"),
    ];
    for record in &mut grouped {
        record.transfer.group_id = GroupId::new(9);
        record.transfer.code = 3;
    }
    let mut points = moved(3, 3, 4, 12, "6\" \\ pipe");
    points.transfer.ledger = POINTS;
    let [first, second] = grouped;
    let mut bytes = Vec::new();
    let mut file = Beancount::begin(&mut bytes, &book, &names).expect("memory takes it");
    for transaction in gathered(&[first, second, points]) {
        file.transaction(&transaction).expect("memory takes it");
    }
    file.finish().expect("memory takes it");
    let expected = r#"option "title" "Exported by pacioli"

2026-11-22 * "shop" "daily"
  time: "2026-11-22T20:00:00.000000001Z"
  sequence: 1
  group: "9"
  code: "3"
  Expenses:Bread---milk  3.00 EUR
    transfers: "1 2"
  Assets:Cash  -3.00 EUR
    transfers: "1 2"

2026-11-22 * "6\" \\ pipe"
  time: "2026-11-22T20:00:00.000000003Z"
  sequence: 3
  transfer: "3"
  code: "1"
  Assets:Cash  12 LOYALTY-POINTS
  Equity:4  -12 LOYALTY-POINTS

2026-11-22 commodity EUR

2026-11-22 commodity LOYALTY-POINTS
  pacioli-code: "loyalty points"

2026-11-22 open Assets:Cash EUR, LOYALTY-POINTS
  id: "EUR 1, LOYALTY-POINTS 3"
  code: "1"

2026-11-22 open Equity:4 LOYALTY-POINTS
  pacioli-account: "4"
  id: "4"
  code: "1"

2026-11-22 open Expenses:Bread---milk EUR
  pacioli-account: "expenses:bread & milk"
  id: "2"
  code: "1"
"#;
    let text = String::from_utf8(bytes).expect("text");
    assert_eq!(text, expected);

    let read = read(Path::new("books.beancount"), &text).expect("our importer reads it");
    let postings = read.transactions.iter().flat_map(|one| &one.postings);
    let told: Vec<String> = postings
        .map(|one| format!("{} {} {}", one.account, one.quantity, one.commodity))
        .collect();
    assert_eq!(
        told,
        [
            "expenses:bread & milk 3.00 EUR",
            "Assets:Cash -3.00 EUR",
            "Assets:Cash 12 loyalty points",
            "4 -12 loyalty points"
        ]
    );
    let descriptions = read.transactions.iter().map(|one| one.description.as_str());
    let descriptions: Vec<&str> = descriptions.collect();
    assert_eq!(descriptions, ["shop | daily", "6\" \\ pipe"]);
}

#[test]
fn a_payee_is_told_apart_only_where_joining_gives_the_same_again() {
    assert_eq!(
        payee_and_narration("Hoogle | Payroll"),
        (Some("Hoogle"), "Payroll")
    );
    assert_eq!(payee_and_narration("a | b | c"), (Some("a"), "b | c"));
    for whole in ["EDISON POWER |", " | b", "a | ", "a|b", ""] {
        assert_eq!(payee_and_narration(whole), (None, whole));
    }
}

#[test]
fn strings_are_quoted() {
    assert_eq!(quoted("a\"b\\c\nd\u{7}"), "\"a\\\"b\\\\c\\nd \"");
}
