//! `pacioli import`: twice, cut off in the middle, with errors.

use std::fmt::Write;
use std::path::Path;

use crate::cut_off::cut_off_import;
use crate::process::{Server, complained, printed};

const HEADER: &str = "txnidx,date,date2,status,code,description,comment,account,amount,\
    commodity,credit,debit,posting-status,posting-comment\n";

/// Books of `transactions` transactions, each of three postings, every tenth an exchange.
fn books(transactions: u32) -> String {
    let mut text = HEADER.to_owned();
    for index in 1..=transactions {
        let mut row = |account: &str, amount: &str, commodity: &str| {
            let day = index % 28 + 1;
            writeln!(
                text,
                "{index},2026-01-{day:02},,*,,transaction {},,{account},{amount},{commodity},,,,",
                index / 2
            )
            .expect("memory takes it");
        };
        if index % 10 == 0 {
            row("Assets:Shares", "1.5", "ACME");
            row("Assets:Cash", "-15.25", "EUR");
        } else {
            row("Assets:Cash", "-3.00", "EUR");
            row("Expenses:Bread", "2.50", "EUR");
            row("Expenses:Milk", "0.50", "EUR");
        }
    }
    text
}

/// What the books come to.
fn balances(transactions: u32) -> String {
    let exchanges = transactions / 10;
    let purchases = transactions - exchanges;
    let cents = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
    let shares = exchanges * 15;
    let exchanged = exchanges * 1525;
    format!(
        "account,commodity,balance\n\
         Assets:Cash,EUR,-{}\n\
         Assets:Shares,ACME,{}.{}\n\
         Equity:Conversions:ACME,ACME,-{}.{}\n\
         Equity:Conversions:EUR,EUR,{}\n\
         Expenses:Bread,EUR,{}\n\
         Expenses:Milk,EUR,{}\n",
        cents(purchases * 300 + exchanged),
        shares / 10,
        shares % 10,
        shares / 10,
        shares % 10,
        cents(exchanged),
        cents(purchases * 250),
        cents(purchases * 50),
    )
}

fn write(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("text").to_owned()
}

/// The newest event of the server's journal.
fn sequence(server: &Server) -> u64 {
    let status = printed(server.run(&["status", "--format", "json"]));
    let parsed: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    parsed[0]["sequence"].as_u64().expect("a number")
}

fn trial_balance(server: &Server) -> String {
    printed(server.run(&["trial-balance", "--format", "csv"]))
}

#[test]
fn importing_twice_changes_nothing_and_grown_books_add_what_is_new() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(&dir.path().join("data"));
    let file = write(dir.path(), "books.csv", &books(200));
    printed(server.run(&["import", &file]));
    assert_eq!(trial_balance(&server), balances(200));
    let before = sequence(&server);
    let again = printed(server.run(&["import", &file, "--format", "postings-csv"]));
    assert!(again.contains("0 posted now, 200 there before"), "{again}");
    assert_eq!(sequence(&server), before);

    let grown = write(dir.path(), "grown.csv", &books(230));
    let told = printed(server.run(&["import", &grown]));
    assert!(told.contains("30 posted now, 200 there before"), "{told}");
    assert_eq!(trial_balance(&server), balances(230));
}

#[test]
fn an_import_cut_off_by_the_servers_death_is_completed_by_running_it_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = write(dir.path(), "books.csv", &books(2000));
    let (data_dir, ended) = cut_off_import(&file);
    assert!(
        matches!(ended.code(), Some(5 | 6)),
        "the import ended with {ended}"
    );
    let server = Server::start(data_dir.path());
    let told = printed(server.run(&["import", &file]));
    assert!(
        !told.contains(" 0 posted now") && !told.contains(" 0 there before"),
        "{told}"
    );
    assert_eq!(trial_balance(&server), balances(2000));
    let again = printed(server.run(&["import", &file]));
    assert!(
        again.contains(" 0 posted now, 2000 there before"),
        "{again}"
    );
}

#[test]
fn a_file_with_an_error_is_told_its_lines_and_nothing_of_it_is_posted() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(&dir.path().join("data"));
    let broken = books(20)
        .replacen("2.50", "two", 1)
        .replacen("15.25", "15.26.1", 1);
    let file = write(dir.path(), "broken.csv", &broken);
    let said = complained(server.run(&["import", &file]), 7);
    assert!(said.contains("broken.csv:3: `two`"), "{said}");
    assert!(said.contains("nothing was posted"), "{said}");
    assert_eq!(trial_balance(&server), "account,commodity,balance\n");

    printed(server.run(&["ledger", "register", "EUR", "--scale", "1"]));
    let file = write(dir.path(), "fine.csv", &books(20));
    let said = complained(server.run(&["import", &file]), 7);
    assert!(
        said.contains("fine.csv:30: -15.25 EUR needs 2 decimals"),
        "{said}"
    );
    assert_eq!(trial_balance(&server), "account,commodity,balance\n");

    let said = complained(server.run(&["import", "no-such-file.csv"]), 1);
    assert!(said.contains("no-such-file.csv"), "{said}");
    let unnamed = write(dir.path(), "books.txt", &books(1));
    complained(server.run(&["import", &unnamed]), 2);
}

#[test]
fn beancount_books_are_imported_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(&dir.path().join("data"));
    let text = "2026-01-02 * \"Broker\" \"Buys\"\n  Assets:Shares  3 ACME {10.50 USD}\n  \
        Expenses:Fees  1.00 USD\n  Assets:Cash\n";
    let file = write(dir.path(), "books.beancount", text);
    printed(server.run(&["import", &file]));
    let told = trial_balance(&server);
    assert!(told.contains("Assets:Cash,USD,-32.50\n"), "{told}");
    let broken = write(dir.path(), "broken.bean", &text.replace("3 ACME", "3 acme"));
    let said = complained(server.run(&["import", &broken]), 7);
    assert!(said.contains("broken.bean:2: "), "{said}");
}
