use std::path::Path;

use ledger_client::TransferRecord;
use ledger_core::GroupId;

use super::PostingsCsv;
use crate::books::postings_csv::read;
use crate::exporting::account_book::BookAccount;
use crate::exporting::example::{EUR, POINTS, UNREGISTERED, account, book, gathered, moved};
use crate::exporting::names::Names;

fn written(accounts: Vec<BookAccount>, records: &[TransferRecord]) -> String {
    let book = book(accounts);
    let names = Names::new(&book);
    let mut bytes = Vec::new();
    let mut rows = PostingsCsv::begin(&mut bytes).expect("memory takes it");
    for transaction in gathered(records) {
        rows.transaction(&transaction, &book, &names)
            .expect("memory takes it");
    }
    rows.finish().expect("memory takes it");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn rows_are_those_of_hledger() {
    let accounts = vec![
        account(1, EUR, "Assets:Cash"),
        account(2, EUR, "Expenses:Bread"),
        account(3, EUR, "Expenses:Milk"),
        account(4, POINTS, "(points)"),
        account(5, POINTS, ""),
        account(6, UNREGISTERED, "A"),
        account(7, UNREGISTERED, "B"),
    ];
    let mut grouped = [
        moved(1, 2, 1, 250, "shop | \"daily\""),
        moved(2, 3, 1, 50, "shop | \"daily\""),
    ];
    for record in &mut grouped {
        record.transfer.group_id = GroupId::new(9);
    }
    let mut points = moved(3, 4, 5, 12, "");
    points.transfer.ledger = POINTS;
    points.transfer.code = 40;
    let mut nothing = moved(4, 6, 7, 0, "");
    nothing.transfer.ledger = UNREGISTERED;
    let [first, second] = grouped;
    let text = written(accounts, &[first, second, points, nothing]);
    let expected = "\
\"txnidx\",\"date\",\"date2\",\"status\",\"code\",\"description\",\"comment\",\"account\",\"amount\",\"commodity\",\"credit\",\"debit\",\"posting-status\",\"posting-comment\"
\"1\",\"2026-11-22\",\"\",\"\",\"\",\"shop | \"\"daily\"\"\",\"group:9, code:1\",\"Expenses:Bread\",\"2.50\",\"EUR\",\"\",\"2.50\",\"\",\"transfer:1\"
\"1\",\"2026-11-22\",\"\",\"\",\"\",\"shop | \"\"daily\"\"\",\"group:9, code:1\",\"Assets:Cash\",\"-3.00\",\"EUR\",\"3.00\",\"\",\"\",\"transfer:1, transfer:2\"
\"1\",\"2026-11-22\",\"\",\"\",\"\",\"shop | \"\"daily\"\"\",\"group:9, code:1\",\"Expenses:Milk\",\"0.50\",\"EUR\",\"\",\"0.50\",\"\",\"transfer:2\"
\"2\",\"2026-11-22\",\"\",\"\",\"\",\"\",\"transfer:3, code:40\",\"[(points)]\",\"12\",\"loyalty points\",\"\",\"12\",\"\",\"\"
\"2\",\"2026-11-22\",\"\",\"\",\"\",\"\",\"transfer:3, code:40\",\"5\",\"-12\",\"loyalty points\",\"12\",\"\",\"\",\"\"
\"3\",\"2026-11-22\",\"\",\"\",\"\",\"\",\"transfer:4, code:1\",\"A\",\"0\",\"77\",\"\",\"0\",\"\",\"\"
\"3\",\"2026-11-22\",\"\",\"\",\"\",\"\",\"transfer:4, code:1\",\"B\",\"0\",\"77\",\"0\",\"\",\"\",\"\"
";
    assert_eq!(text, expected);

    let read = read(Path::new("books.csv"), text.as_bytes()).expect("our importer reads it");
    assert_eq!(read.len(), 3);
    assert_eq!(read[0].description, "shop | \"daily\"");
    assert_eq!(read[1].postings[0].account, "(points)");
}

#[test]
fn names_with_the_marks_of_virtual_postings_come_back_whole() {
    for name in [
        "(a)",
        "[a]",
        "[(a)]",
        "(",
        "[x)",
        " spaced  out ",
        "a;b",
        "a\nb",
    ] {
        let text = written(
            vec![account(1, EUR, name), account(2, EUR, "x")],
            &[moved(1, 1, 2, 5, "")],
        );
        let read = read(Path::new("books.csv"), text.as_bytes()).expect("our importer reads it");
        assert_eq!(read[0].postings[0].account, name);
    }
}
