//! What somebody sees who sits at a terminal, a narrow one too.

use std::process::Command;

use crate::books::Books;
use crate::process::PACIOLI;
use crate::screen::{Seen, seen};

const WIDTHS: [u16; 3] = [40, 80, 120];

fn at(books: &Books, columns: u16, arguments: &[&str]) -> Seen {
    let seen = seen(books.server.command(arguments), columns);
    assert_eq!(seen.code, Some(0), "{arguments:?}: {}", seen.raw);
    seen
}

/// A command that needs no server, with paths.
fn without_server(columns: u16, arguments: &[&str]) -> Seen {
    let mut command = Command::new(PACIOLI);
    command.args(arguments).env_remove("PACIOLI_SERVER");
    let seen = seen(command, columns);
    assert_eq!(seen.code, Some(0), "{arguments:?}: {}", seen.raw);
    seen
}

#[test]
fn lists_fit_the_terminal_and_keep_their_amounts() {
    let books = Books::new();
    books.ok(&["snapshot", "create", "--name", "month-end"]);
    let lists: [(&[&str], &[&str]); 8] = [
        (
            &["transfer", "list"],
            &["1000.00", "0.12345678", "reversed"],
        ),
        (&["account", "list"], &["-950.00", "0.12345678", "11.50"]),
        (&["ledger", "list"], &["1100.00", "0.12345678"]),
        (
            &["balance", "ref:Ada", "ref:Cold", "--at", "10"],
            &["-1000.00", "-0.12345678"],
        ),
        (
            &["balance", "history", "ref:Ada", "--format", "table"],
            &["-1000.00", "-925.00", "-950.00"],
        ),
        (
            &["trial-balance", "--at", "10"],
            &["-1000.00", "0.12345678"],
        ),
        (&["trial-balance"], &["-950.00", "debits = credits"]),
        (&["snapshot", "list"], &["month-end"]),
    ];
    for (arguments, amounts) in lists {
        for columns in WIDTHS {
            let seen = at(&books, columns, arguments);
            let rules = seen.written().into_iter();
            for rule in rules.filter(|line| line.starts_with('─')) {
                let width = rule.chars().count();
                assert!(width <= columns.into(), "{arguments:?}: {}", seen.raw);
            }
            for amount in amounts {
                let told = seen.written().iter().any(|line| line.contains(amount));
                assert!(told, "{arguments:?} without {amount}: {}", seen.raw);
            }
            assert!(!seen.raw.contains('\x1b'), "colours: {}", seen.raw);
        }
    }
}

#[test]
fn a_narrow_terminal_gets_a_narrower_table_or_records() {
    let books = Books::new();
    let list = ["account", "list", "--ledger", "EUR"];
    let wide = at(&books, 120, &list);
    assert_eq!(wide.lines.len(), 5, "{}", wide.raw);
    let header = "name  id                                    ledger  code  balance  debits pending  \
                  credits pending";
    assert_eq!(wide.lines[0], header);
    let narrow = at(&books, 80, &list);
    assert_eq!(
        narrow.lines,
        [
            "name  ledger  balance  debits pending  credits pending",
            "──────────────────────────────────────────────────────",
            "Bank  EUR     1000.00",
            "Ada   EUR     -950.00           11.50",
            "Shop  EUR      -50.00                            11.50",
            "left out to fit: code, id; a wider terminal or --format csv has them",
        ]
    );
    let narrowest = at(&books, 40, &["transfer", "list", "--reference", "coin"]);
    assert_eq!(
        narrowest.written()[2..],
        [
            "debit      Mine",
            "credit     Cold",
            "amount     0.12345678",
            "ledger     BTC",
            "code       1",
            "state      posted",
            "reference  coin",
        ]
    );
}

#[test]
fn points_are_below_each_other_whatever_the_decimals() {
    let books = Books::new();
    let seen = at(
        &books,
        120,
        &["balance", "ref:Bank", "ref:Ada", "ref:Mine", "ref:Cold"],
    );
    let points = |line: &String| -> Vec<usize> {
        let letters = line.chars().enumerate();
        let points = letters.filter(|(_, letter)| *letter == '.');
        points.map(|(at, _)| at).collect()
    };
    let rows: Vec<Vec<usize>> = seen.lines.iter().skip(2).take(4).map(points).collect();
    assert_eq!(rows[0].len(), 5, "{}", seen.raw);
    assert!(rows.iter().all(|row| *row == rows[0]), "{}", seen.raw);
}

#[test]
fn a_plot_fits_and_its_axes_have_numbers_and_units() {
    let books = Books::new();
    for columns in WIDTHS {
        let seen = at(&books, columns, &["balance", "history", "ref:Ada"]);
        assert!(seen.broken.is_empty(), "{}", seen.raw);
        assert_eq!(seen.lines[0], "Ada, balance in EUR");
        let drawn = |text: &str| seen.lines.iter().any(|line| line.contains(text));
        assert!(drawn("    0.00 ┤") && drawn("-1000.00 ┤"), "{}", seen.raw);
        assert!(drawn(" UTC"), "{}", seen.raw);
        assert!(drawn("last      -950.00  "), "{}", seen.raw);
        let widest = seen.lines.iter().map(|line| line.chars().count()).max();
        assert!(
            widest > Some(usize::from(columns) - 3),
            "the plot does not use the terminal: {}",
            seen.raw
        );
    }
}

#[test]
fn long_work_shows_how_far_it_is_and_leaves_nothing_of_it() {
    let books = Books::new();
    books.ok(&["snapshot", "create"]);
    for columns in WIDTHS {
        let path = |name: &str| books.path(&format!("{name}-{columns}"));
        let (backup, restored) = (path("backup"), path("restored"));
        let csv = format!("{}.csv", path("books"));
        let restore = ["snapshot", "restore", "--from", &backup, "--to", &restored];
        let works: [(&str, &str, Seen); 7] = [
            (
                "deriving the snapshot",
                "file ",
                at(&books, columns, &["snapshot", "create"]),
            ),
            (
                "backing up",
                "backup ",
                at(&books, columns, &["backup", &backup]),
            ),
            (
                "verifying",
                "backup ",
                without_server(columns, &["backup", &backup, "--verify"]),
            ),
            (
                "verifying",
                "file ",
                without_server(columns, &["snapshot", "verify", &backup]),
            ),
            (
                "auditing",
                "done ",
                without_server(columns, &[&restore[..], &["--verify"]].concat()),
            ),
            (
                "verifying",
                "database id ",
                without_server(columns, &["verify", "--data-dir", &restored]),
            ),
            (
                "exporting",
                "",
                at(&books, columns, &["export", "--output", &csv]),
            ),
        ];
        for (heading, first, seen) in works {
            assert!(seen.raw.contains(heading), "{heading}: {}", seen.raw);
            let begins = seen.lines[0].starts_with(first);
            assert!(begins, "{heading}, {columns}: {:?}", seen.lines);
            let is_left = seen.lines.iter().any(|line| line.starts_with(heading));
            assert!(!is_left, "{heading}, {columns}: {:?}", seen.lines);
            let is_broken = seen.broken.iter().any(|line| line.starts_with(heading));
            assert!(!is_broken, "{heading}, {columns}: {:?}", seen.broken);
        }
    }
}

#[test]
fn progress_does_not_stand_among_lines_of_output() {
    let books = Books::new();
    for format in ["jsonl", "beancount", "postings-csv"] {
        let seen = at(&books, 80, &["export", "--format", format]);
        assert!(!seen.raw.contains("exporting"), "{}", seen.raw);
    }
}

#[test]
fn an_empty_list_says_so() {
    let books = Books::new();
    for list in [
        &["account", "list", "--name-prefix", "Nobody"][..],
        &[
            "transfer", "list", "--since", "2020-01", "--until", "2020-02",
        ],
        &["snapshot", "list"],
    ] {
        let seen = at(&books, 80, list);
        assert_eq!(seen.lines, ["there is nothing to list"], "{list:?}");
    }
}
