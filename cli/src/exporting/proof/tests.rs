use ledger_core::{Amount, Sum, Totals};

use super::{Proof, Unproven};
use crate::exporting::account_book::BookAccount;
use crate::exporting::example::{EUR, account, book, gathered, moved};

fn checked(debits: u128) -> Result<(), Unproven> {
    let mut has = account(1, EUR, "Cash");
    has.totals = Totals {
        debits_posted: Amount::new(debits),
        ..Totals::ZERO
    };
    let gave = BookAccount {
        totals: Totals {
            credits_posted: Amount::new(300),
            ..Totals::ZERO
        },
        ..account(2, EUR, "Sales")
    };
    let book = book(vec![has, gave]);
    let mut proof = Proof::new(&book);
    for transaction in gathered(&[moved(1, 1, 2, 100, ""), moved(2, 1, 2, 200, "")]) {
        proof.add(&transaction, &book);
    }
    proof.check(&book)
}

#[test]
fn postings_come_to_what_accounts_have() {
    assert_eq!(checked(300), Ok(()));
}

#[test]
fn what_is_missing_is_told() {
    let error = checked(301).expect_err("a unit is missing");
    assert_eq!(error.account, 1);
    assert_eq!(error.exported, Sum::from_parts(0, 300));
    assert!(error.to_string().contains("debits of 301 units"), "{error}");
}
