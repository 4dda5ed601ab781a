//! What is said of arguments that are not right: which one it is, what to do, and the exit code.

use crate::books::Books;
use crate::process::{complained, run};

const NO_MOMENT: &str = "write a moment such as 2026-11-22T14:30:00Z";

/// Runs a command that is refused with one error, which tells all of `told`.
fn refused(books: &Books, arguments: &[&str], code: i32, told: &[&str]) {
    let said = complained(books.server.run(arguments), code);
    for part in told {
        assert!(said.contains(part), "{arguments:?} without {part}: {said}");
    }
    let errors = said.lines().filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), 1, "{said}");
}

#[test]
fn ledgers_and_accounts_that_are_not_there() {
    let books = Books::new();
    let wrong = |arguments: &[&str], code, told: &[&str]| refused(&books, arguments, code, told);
    for list in [
        &["transfer", "list"][..],
        &["account", "list"],
        &["trial-balance"],
    ] {
        let unknown = [list, &["--ledger", "XYZ"]].concat();
        wrong(&unknown, 4, &["`XYZ`", "pacioli ledger register XYZ"]);
    }
    let nobody = "no such account: ref:nobody";
    for side in ["--account", "--debit", "--credit"] {
        let list = ["transfer", "list", side, "ref:nobody"];
        wrong(&list, 4, &[nobody, "pacioli account list"]);
    }
    wrong(&["balance", "history", "ref:nobody"], 4, &[nobody]);
    let several = ["balance", "ref:Ada", "ref:nobody", "99"];
    wrong(&several, 4, &["no such account: ref:nobody, 99;"]);
}

#[test]
fn moments_and_sequences_that_are_none_or_not_yet() {
    let books = Books::new();
    let wrong = |arguments: &[&str], code, told: &[&str]| refused(&books, arguments, code, told);
    let since = ["transfer", "list", "--since", "yesteryear"];
    wrong(&since, 2, &["--since", "'yesteryear'", NO_MOMENT]);
    let at = ["balance", "ref:Ada", "--at", "2026-13-01"];
    let no_point = "write the sequence of an event";
    wrong(&at, 2, &["--at", "'2026-13-01'", no_point]);
    let range = ["--since", "2026-11", "--until", "2026-10"];
    let list = [&["transfer", "list"][..], &range].concat();
    let history = [&["balance", "history", "ref:Ada"][..], &range].concat();
    let created = [&["account", "list"][..], &range].concat();
    for command in [list, history, created] {
        let told = ["--since and --until", "nothing lies in the range"];
        wrong(&command, 2, &told);
    }
    let beyond = ["--at is beyond the end", "event 13 and time 20"];
    wrong(&["trial-balance", "--at", "999"], 4, &beyond);
    wrong(&["balance", "ref:Ada", "--at", "2099-01-01"], 4, &beyond);
    let early = ["balance", "ref:Ada", "--at", "3"];
    wrong(&early, 4, &["--at", "created later: ref:Ada"]);
}

#[test]
fn other_values_that_cannot_be_read() {
    let books = Books::new();
    let wrong = |arguments: &[&str], code, told: &[&str]| refused(&books, arguments, code, told);
    let amount = ["transfer", "list", "--amount-min", "5"];
    wrong(&amount, 2, &["--amount-min needs --ledger"]);
    let fine = [
        "transfer",
        "list",
        "--ledger",
        "EUR",
        "--amount-max",
        "0.001",
    ];
    wrong(&fine, 2, &["--amount-max", "3 decimals"]);
    let state = ["transfer", "list", "--state", "lost"];
    wrong(&state, 2, &["--state", "possible values: pending, posted"]);
    let flag = ["account", "list", "--flag", "shut"];
    wrong(&flag, 2, &["--flag", "'shut'", "closed"]);
    let name = ["snapshot", "create", "--name", "a/b"];
    wrong(&name, 2, &["--name", "1 to 64 letters"]);
    let format = ["export", "--output", "books.txt"];
    wrong(&format, 2, &["books.txt", "--format postings-csv"]);
    let width = ["balance", "history", "ref:Ada", "--width", "5"];
    wrong(&width, 2, &["--width", "20..=1000"]);
}

#[test]
fn restoring_what_and_where_it_cannot_be() {
    let books = Books::new();
    let (data, backup, new) = (books.data_dir(), books.backup(), books.path("new"));
    let (nothing, full) = (books.path("nothing"), books.full());
    let wrong = |from: &str, to: &str, more: &[&str], code, told: &[&str]| {
        let restore = ["snapshot", "restore", "--from", from, "--to", to];
        for dry_run in [&["--dry-run"][..], &[]] {
            refused(&books, &[&restore, more, dry_run].concat(), code, told);
        }
        assert!(!std::path::Path::new(&new).exists(), "nothing is begun");
    };
    let to_full = ["--to", &full, "letter", "a new or an empty directory"];
    wrong(&backup, &full, &[], 1, &to_full);
    let from_nothing = ["--from", &nothing, "neither a database nor a backup"];
    wrong(&nothing, &new, &[], 4, &from_nothing);
    let in_use = ["--from", "in use by a running server", "pacioli backup"];
    wrong(&data, &new, &[], 1, &in_use);
    let beyond = ["--until-sequence: there is no event 999", "event 13"];
    wrong(&backup, &new, &["--until-sequence", "999"], 4, &beyond);
    let number = ["--until-sequence", "'x'"];
    wrong(&backup, &new, &["--until-sequence", "x"], 2, &number);
    let time = ["--until-time", "'soon'", NO_MOMENT];
    wrong(&backup, &new, &["--until-time", "soon"], 2, &time);
    let both = ["--until-sequence", "3", "--until-time", "now"];
    let conflict = ["--until-sequence", "--until-time", "cannot be used with"];
    wrong(&backup, &new, &both, 2, &conflict);
}

#[test]
fn directories_and_files_that_are_not_what_is_asked_for() {
    let books = Books::new();
    let (data, backup) = (books.data_dir(), books.backup());
    let (nothing, full) = (books.path("nothing"), books.full());
    let letter = format!("{full}/letter");
    let wrong = |arguments: &[&str], code, told: &[&str]| refused(&books, arguments, code, told);
    let not_empty = [&full, "letter", "a new or an empty directory"];
    wrong(&["backup", &full], 1, &not_empty);
    let no_backup = [&*nothing, "holds no backup"];
    wrong(&["backup", &nothing, "--verify"], 4, &no_backup);
    let no_file = [&*nothing, "No such file"];
    wrong(&["snapshot", "verify", &letter, &nothing], 4, &no_file);
    wrong(&["diff", &nothing, &nothing], 4, &no_file);
    let no_snapshot = [&*full, "holds no snapshot"];
    wrong(&["snapshot", "verify", &full], 4, &no_snapshot);
    wrong(&["diff", &letter, &letter], 8, &[&letter]);
    let in_use = ["in use by a running server"];
    wrong(&["verify", "--data-dir", &data], 1, &in_use);
    let is_backup = ["is a backup", "pacioli backup --verify"];
    wrong(&["verify", "--data-dir", &backup], 1, &is_backup);
}

#[test]
fn a_snapshot_that_is_none_does_not_verify() {
    let books = Books::new();
    let letter = books.path("letter");
    std::fs::write(&letter, "hello".repeat(200)).expect("a file");
    let output = run(&["snapshot", "verify", &letter]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(8), "{told}");
    assert!(told.contains("is no snapshot"), "{told}");
    assert!(!told.contains("may be removed"), "{told}");
}

#[test]
fn without_a_server_every_command_says_how_to_get_one() {
    for command in [
        &["transfer", "list"][..],
        &["account", "list"],
        &["balance", "1"],
        &["balance", "history", "1"],
        &["trial-balance"],
        &["snapshot", "create"],
        &["snapshot", "list"],
        &["backup", "/nonexistent/backup"],
        &["export", "--format", "jsonl"],
    ] {
        let server = ["--server", "http://127.0.0.1:9"];
        let said = complained(run(&[command, &server].concat()), 5);
        assert!(said.contains("pacioli serve"), "{command:?}: {said}");
    }
}
