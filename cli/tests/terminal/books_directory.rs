//! Real books with the balances that another tool computed, where there are some.
//!
//! `PACIOLI_BOOKS_DIR` names a directory with `NAME.postings.csv` or `NAME.beancount`, and beside
//! each a `NAME.balances.csv` with `account,commodity,balance`. Each set is imported into a fresh
//! server, twice; one server is killed in the middle of its import.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cut_off::cut_off_import;
use crate::process::{Server, printed};

/// Balances by account and commodity, without zeros at the end and accounts that have nothing.
/// What goes through `Equity:Conversions` is ours alone.
fn balances(csv_text: &str) -> BTreeMap<(String, String), String> {
    let mut reader = csv::Reader::from_reader(csv_text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    let told = rows.map(|row| ((row[0].to_owned(), row[1].to_owned()), plain(&row[2])));
    told.filter(|((account, _), balance)| {
        !account.starts_with("Equity:Conversions:") && balance != "0"
    })
    .collect()
}

fn plain(number: &str) -> String {
    let shorter = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    };
    match shorter {
        "-0" | "" => "0".to_owned(),
        _ => shorter.to_owned(),
    }
}

fn import(server: &Server, file: &Path) -> String {
    printed(server.run(&["import", file.to_str().expect("text")]))
}

fn compare(server: &Server, expected: &Path) {
    let expected_text = std::fs::read_to_string(expected).expect("the balances are there");
    let expected_balances = balances(&expected_text);
    assert!(!expected_balances.is_empty());
    let told = balances(&printed(server.run(&["trial-balance", "--format", "csv"])));
    assert_eq!(told, expected_balances, "{} differs", expected.display());
}

/// All that another tool computed.
fn balances_files(books: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(books).expect("PACIOLI_BOOKS_DIR is a directory");
    let files = entries.map(|entry| entry.expect("readable").path());
    files
        .filter(|file| file.to_string_lossy().ends_with(".balances.csv"))
        .collect()
}

#[test]
fn balances_equal_those_of_an_independent_tool() {
    let Some(books) = std::env::var_os("PACIOLI_BOOKS_DIR").map(PathBuf::from) else {
        eprintln!("skipped: PACIOLI_BOOKS_DIR names no directory with books");
        return;
    };
    let entries = std::fs::read_dir(&books).expect("PACIOLI_BOOKS_DIR is a directory");
    let mut sets: Vec<(PathBuf, PathBuf)> = entries
        .map(|entry| entry.expect("readable").path())
        .filter_map(|file| {
            let name = file.file_name()?.to_str()?;
            let set = name
                .strip_suffix(".postings.csv")
                .or_else(|| name.strip_suffix(".beancount"))?;
            let expected = books.join(format!("{set}.balances.csv"));
            Some((file, expected))
        })
        .collect();
    sets.sort();
    assert!(!sets.is_empty(), "{} has no books", books.display());
    assert_eq!(
        sets.iter()
            .map(|(_, expected)| expected)
            .collect::<BTreeSet<_>>(),
        balances_files(&books).iter().collect(),
        "each file of balances belongs to one set of books"
    );

    for (at, (file, expected)) in sets.iter().enumerate() {
        // The first import is cut off in the middle, and completed by running it again.
        let dir = match at {
            0 => cut_off_import(file.to_str().expect("text")).0,
            _ => tempfile::tempdir().expect("a directory"),
        };
        let server = Server::start(dir.path());
        let told = import(&server, file);
        let cut_off = !told.contains(" 0 there before");
        assert_eq!(cut_off, at == 0, "{told}");
        compare(&server, expected);
        let again = import(&server, file);
        assert!(again.contains(" 0 posted now"), "{again}");
        compare(&server, expected);
        println!("{}: equal, imported twice", file.display());
    }
}
