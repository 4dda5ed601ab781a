//! The status reference says what the code says.

use std::fs;

use architecture_tests::{root, table_rows};
use ledger_core::{AccountStatus, LedgerStatus, TransferStatus, UpdateStatus};

/// The rows of one table of the reference, checked against the statuses in order of precedence.
fn check(heading: &str, statuses: impl Iterator<Item = (u8, &'static str, bool)>) {
    let path = root().join("docs/src/statuses.md");
    let page = fs::read_to_string(&path).expect("the status reference is part of the checkout");
    let rows = table_rows(&page, heading);
    let mut written = rows.iter();
    for (number, name, uses_up_id) in statuses {
        let row = written
            .next()
            .unwrap_or_else(|| panic!("`{heading}` lacks {number} `{name}`"));
        let [its_number, its_name, _applies, its_use, meaning] = row.as_slice() else {
            panic!("`{heading}` has a row without five cells: {row:?}");
        };
        assert_eq!(
            (its_number.as_str(), its_name.as_str()),
            (number.to_string().as_str(), name),
            "`{heading}` differs from the code"
        );
        assert_eq!(
            its_use == "yes",
            uses_up_id,
            "`{heading}` is wrong about whether {name} uses up the id"
        );
        assert!(!meaning.is_empty(), "`{heading}` does not explain {name}");
    }
    assert_eq!(written.next(), None, "`{heading}` has a row too many");
}

#[test]
fn transfers() {
    check(
        "Statuses of a transfer",
        TransferStatus::ALL
            .iter()
            .map(|status| (status.number(), status.name(), status.uses_up_id())),
    );
}

#[test]
fn accounts() {
    check(
        "Statuses of an account",
        AccountStatus::ALL
            .iter()
            .map(|status| (status.number(), status.name(), false)),
    );
}

#[test]
fn updates_of_accounts() {
    check(
        "Statuses of an update",
        UpdateStatus::ALL
            .iter()
            .map(|status| (status.number(), status.name(), false)),
    );
}

#[test]
fn ledgers() {
    check(
        "Statuses of a ledger",
        LedgerStatus::ALL
            .iter()
            .map(|status| (status.number(), status.name(), false)),
    );
}
