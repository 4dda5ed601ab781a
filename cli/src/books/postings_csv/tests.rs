use super::*;

const HEADER: &str = "\"txnidx\",\"date\",\"date2\",\"status\",\"code\",\"description\",\
    \"comment\",\"account\",\"amount\",\"commodity\",\"credit\",\"debit\",\"posting-status\",\
    \"posting-comment\"\n";

fn row(index: &str, date: &str, account: &str, amount: &str, commodity: &str) -> String {
    format!("{index},{date},,*,,a purchase,,{account},{amount},{commodity},,,,\n")
}

fn read_rows(rows: &[String]) -> Result<Vec<Transaction>, Problems> {
    let text = format!("{HEADER}{}", rows.concat());
    read(Path::new("books.csv"), text.as_bytes())
}

fn faults(rows: &[String]) -> Vec<(u64, Fault)> {
    let problems = read_rows(rows).expect_err("the rows are wrong");
    problems
        .0
        .into_iter()
        .map(|problem| (problem.place.line, problem.fault))
        .collect()
}

#[test]
fn rows_with_one_number_are_one_transaction() {
    let transactions = read_rows(&[
        row("7", "2026-01-02", "Assets:Cash", "-3.00", "EUR"),
        row("7", "2026-01-02", "Expenses:Bread", "3.00", "EUR"),
        row("3", "2026-01-03", "Assets:Cash", "-1.00", "EUR"),
        row("3", "2026-01-03", "Expenses:Milk", "1", "EUR"),
    ])
    .expect("sound rows");
    assert_eq!(transactions.len(), 2);
    assert_eq!(transactions[0].place.to_string(), "books.csv:2");
    assert_eq!(transactions[0].date.yyyymmdd(), 20_260_102);
    assert_eq!(transactions[0].description, "a purchase");
    assert_eq!(transactions[1].postings[1].place.line, 5);
    assert_eq!(transactions[1].postings[1].account, "Expenses:Milk");
}

#[test]
fn an_exchange_need_not_balance_but_a_slip_is_reported() {
    let exchange = [
        row("1", "2026-01-02", "Assets:Shares", "2", "ACME"),
        row("1", "2026-01-02", "Assets:Cash", "-7.10", "EUR"),
    ];
    assert!(read_rows(&exchange).is_ok());

    let slip = [
        row("1", "2026-01-02", "Assets:Cash", "-7.10", "EUR"),
        row("1", "2026-01-02", "Expenses:Bread", "7.01", "EUR"),
    ];
    let difference = Quantity::parse("-0.09").expect("a quantity");
    let commodity = "EUR".to_owned();
    assert_eq!(
        faults(&slip),
        [(
            2,
            Fault::Unbalanced {
                difference,
                commodity
            }
        )]
    );

    let gift = [
        row("1", "2026-01-02", "Assets:Shares", "2", "ACME"),
        row("1", "2026-01-02", "Assets:Cash", "7.10", "EUR"),
    ];
    assert_eq!(faults(&gift).len(), 1);
}

#[test]
fn rounding_is_no_slip_and_virtual_postings_need_not_balance() {
    assert!(
        read_rows(&[
            row("1", "2026-01-02", "Assets:Cash", "-7.10", "EUR"),
            row("1", "2026-01-02", "Expenses:Bread", "7.096", "EUR"),
        ])
        .is_ok()
    );
    let transactions = read_rows(&[
        row("1", "2026-01-02", "(Budget:Bread)", "-7.10", "EUR"),
        row("1", "2026-01-02", "[Budget:Other]", "0", "EUR"),
    ])
    .expect("virtual postings");
    assert_eq!(transactions[0].postings[0].account, "Budget:Bread");
    assert_eq!(transactions[0].postings[1].account, "Budget:Other");
}

#[test]
fn every_broken_row_is_reported_with_its_line() {
    let reported = faults(&[
        row("1", "2026-02-30", "Assets:Cash", "-1", "EUR"),
        row("1", "2026-02-28", "Assets:Cash", "1,50", "EUR").replace("1,50", "\"1,50\""),
        row("1", "2026-02-28", "", "-1", "EUR"),
        row("1", "2026-02-28", "Assets:Cash", "-1", ""),
        row("", "2026-02-28", "Assets:Cash", "-1", "EUR"),
        "1,2026-02-28\n".to_owned(),
        row("1", "2026-02-27", "Assets:Cash", "-1", "EUR"),
        row("2", "2026-02-27", "Assets:Cash", "0", "EUR"),
        row("1", "2026-02-28", "Assets:Cash", "0", "EUR"),
    ]);
    let lines: Vec<u64> = reported.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 10]);
    assert_eq!(
        reported[1].1,
        Fault::NotAnAmount {
            text: "1,50".to_owned()
        }
    );
    assert_eq!(reported[2].1, Fault::FieldEmpty { field: "account" });
    assert!(matches!(
        reported[7].1,
        Fault::TransactionSplit { first_line: 3, .. }
    ));
}

#[test]
fn another_kind_of_file_is_told_what_is_missing() {
    let problems = read(Path::new("x.csv"), b"name,age\nAnn,7\n").expect_err("no postings");
    assert_eq!(
        problems.0[0].fault,
        Fault::ColumnMissing { column: "txnidx" }
    );
    let problems = read(Path::new("x.csv"), b"").expect_err("no header");
    assert_eq!(
        problems.0[0].fault,
        Fault::ColumnMissing { column: "txnidx" }
    );
    let text = format!("{HEADER}1,2026-01-01,,,,\u{0},,a,1,E,,,,\n").replace('\u{0}', "X");
    let mut bytes = text.into_bytes();
    let last = bytes.iter().rposition(|&byte| byte == b'X').expect("there");
    bytes[last] = 0xff;
    let problems = read(Path::new("x.csv"), &bytes).expect_err("not UTF-8");
    let reason = CsvFault::NotUtf8;
    assert_eq!(problems.0[0].fault, Fault::NotCsv { reason });
    assert_eq!(problems.0[0].place.line, 2);
}
