//! Golden scripts: is the rule right? Each script is a table of events and their statuses, run
//! against the ledger core and against the naive model.
//!
//! `PACIOLI_BLESS=1` writes what the core answers into the last column; look at the difference
//! before you believe it.

#![allow(
    unreachable_pub,
    reason = "the modules are shared between test programs"
)]

mod books;
mod core_books;
mod journal_in_memory;
mod model;
mod script;

use std::fs;
use std::path::PathBuf;

use books::Books;
use core_books::CoreBooks;
use ledger_core::{AccountStatus, LedgerStatus, TransferStatus, UpdateStatus};
use script::{Outcome, Script, run};

fn scripts() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder of golden scripts is there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "script")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are golden scripts");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a script can be read");
            (path, text)
        })
        .collect()
}

fn run_on_core(script: &Script) -> Outcome {
    let mut books = CoreBooks::new(7);
    let outcome = run(script, &mut books, CoreBooks::assert_invariants);
    let replayed = books.replayed(8);
    assert_eq!(
        books.state.digest(),
        replayed.digest(),
        "the recorded events give the same state"
    );
    assert_eq!(
        books.state.recent_digest(),
        replayed.recent_digest(),
        "the recorded events give the same ids"
    );
    assert_eq!(
        books.state.digest(),
        books.restored(9).digest(),
        "the records of a state give the same state"
    );
    outcome
}

/// The script with the last column as it was answered, lined up.
fn blessed(script: &Script, outcome: &Outcome) -> String {
    let asked = |line: &str| {
        line.split("->")
            .next()
            .expect("never empty")
            .trim_end()
            .to_owned()
    };
    let mut lines = script.lines.clone();
    let paragraph_of = |line: usize| {
        let before = script.lines[..line]
            .iter()
            .rposition(|line| line.trim().is_empty());
        let after = script.lines[line..]
            .iter()
            .position(|line| line.trim().is_empty());
        (
            before.unwrap_or(0),
            after.map_or(script.lines.len(), |after| line + after),
        )
    };
    for (line, _, answered) in &outcome.rows {
        let (first, last) = paragraph_of(*line);
        let rows = outcome
            .rows
            .iter()
            .filter(|(line, ..)| (first..last).contains(line));
        let width = rows
            .map(|(line, ..)| asked(&script.lines[*line]).len())
            .max()
            .unwrap_or(0);
        lines[*line] = format!("{:width$} -> {answered}", asked(&script.lines[*line]));
    }
    lines.join("\n") + "\n"
}

#[test]
fn every_script_gives_the_expected_last_column() {
    let bless = std::env::var_os("PACIOLI_BLESS").is_some();
    let mut differences = String::new();
    for (path, text) in scripts() {
        let script = Script::parse(&text);
        let outcome = run_on_core(&script);
        if bless {
            fs::write(&path, blessed(&script, &outcome)).expect("a script can be written");
            continue;
        }
        for (line, expected, answered) in &outcome.rows {
            if expected != answered {
                let place = format!("{}:{}", path.display(), line + 1);
                let row = script.lines[*line].trim();
                differences += &format!("{place}\n  {row}\n  was answered {answered}\n");
            }
        }
    }
    assert!(
        differences.is_empty(),
        "a rule answers otherwise than expected:\n{differences}"
    );
}

#[test]
fn the_model_gives_the_same_last_column_and_history() {
    let mut differences = String::new();
    for (path, text) in scripts() {
        let script = Script::parse(&text);
        let mut model = model::World::default();
        let outcome = run(&script, &mut model, |_| {});
        for (line, expected, answered) in &outcome.rows {
            if expected != answered {
                let place = format!("{}:{}", path.display(), line + 1);
                let row = script.lines[*line].trim();
                differences += &format!("{place}\n  {row}\n  the model answers {answered}\n");
            }
        }
        let mut core = CoreBooks::new(7);
        run(&script, &mut core, |_| {});
        for (recorded, by_model) in core.history().iter().zip(Books::history(&model)) {
            assert_eq!(recorded, by_model, "the history of {}", path.display());
        }
        let lengths = (core.history().len(), Books::history(&model).len());
        assert_eq!(lengths.0, lengths.1, "the history of {}", path.display());
    }
    assert!(
        differences.is_empty(),
        "the model answers otherwise:\n{differences}"
    );
}

/// What later parts of the ledger answer: the resolution of groups, and controls.
const NOT_YET: [TransferStatus; 3] = [
    TransferStatus::GroupAlreadyPosted,
    TransferStatus::GroupAlreadyVoided,
    TransferStatus::RejectedByControl,
];

#[test]
fn every_status_is_answered_in_some_script() {
    let outcomes: Vec<Outcome> = scripts()
        .iter()
        .map(|(_, text)| run_on_core(&Script::parse(text)))
        .collect();

    let missing = |name: &str, seen: bool| if seen { None } else { Some(name.to_owned()) };
    let mut missing_statuses: Vec<String> = Vec::new();
    for status in TransferStatus::ALL {
        let seen = outcomes
            .iter()
            .any(|outcome| outcome.transfer_statuses.contains(status));
        if NOT_YET.contains(status) {
            assert!(
                !seen,
                "{status} is answered now, so it is no longer an exception"
            );
        } else {
            missing_statuses.extend(missing(status.name(), seen));
        }
    }
    for status in AccountStatus::ALL {
        let seen = outcomes
            .iter()
            .any(|outcome| outcome.account_statuses.contains(status));
        missing_statuses.extend(missing(&format!("account {status}"), seen));
    }
    for status in UpdateStatus::ALL {
        let seen = outcomes
            .iter()
            .any(|outcome| outcome.update_statuses.contains(status));
        missing_statuses.extend(missing(&format!("update {status}"), seen));
    }
    for status in LedgerStatus::ALL {
        let seen = outcomes
            .iter()
            .any(|outcome| outcome.ledger_statuses.contains(status));
        missing_statuses.extend(missing(&format!("ledger {status}"), seen));
    }
    assert!(
        missing_statuses.is_empty(),
        "no script is answered {missing_statuses:?}"
    );
}
