use std::path::PathBuf;

use ledger_core::{AccountId, Sequence, Sum};

use super::*;

fn finding(problem: Problem) -> Finding {
    Finding {
        file: PathBuf::from("segment-0000000001.sealed"),
        offset: 4096,
        sequence: Sequence::new(7),
        ledger: Some(LedgerId::new(978)),
        problem,
    }
}

fn euros() -> LedgerProof {
    LedgerProof {
        ledger: LedgerId::new(978),
        code: "EUR".into(),
        scale: 2,
        accounts: 2,
        debits_pending: Sum::ZERO,
        debits_posted: Sum::ZERO,
        credits_pending: Sum::ZERO,
        credits_posted: Sum::ZERO,
    }
}

#[test]
fn amounts_have_the_decimals_and_the_code_of_their_ledger() {
    let found = Totals {
        debits_posted: Amount::new(12_50),
        ..Totals::default()
    };
    let expected = Totals {
        debits_posted: Amount::new(12_51),
        ..Totals::default()
    };
    let totals = finding(Problem::Rule(Rule::DebitTotals { expected, found }));
    assert_eq!(
        finding_text(&totals, &[euros()]),
        "segment-0000000001.sealed, byte 4096, event 7: the totals of the debit account after it \
         are debits 12.50 and 0.00 pending, credits 0.00 and 0.00 pending EUR; debits 12.51 and \
         0.00 pending, credits 0.00 and 0.00 pending follow"
    );
    let hold = Rule::HoldAmount {
        found: Amount::new(501),
        left: Amount::new(500),
    };
    assert_eq!(
        problem_text(&finding(Problem::Rule(hold)), &[euros()]),
        "it takes 5.01 EUR of the reservation, of which 5.00 is left"
    );
    let reversal = Rule::ReversalAmount {
        found: Amount::new(3),
        amount: Amount::new(2),
    };
    assert_eq!(
        problem_text(&finding(Problem::Rule(reversal)), &[euros()]),
        "the reversals add up to 0.03 EUR, of a transfer of 0.02"
    );
    let unbalanced = finding(Problem::Unbalanced(LedgerId::new(978)));
    assert_eq!(
        problem_text(&unbalanced, &[euros()]),
        "debits and credits of EUR differ"
    );
}

#[test]
fn a_ledger_that_nobody_registered_is_told_by_its_number() {
    let hold = Rule::HoldAmount {
        found: Amount::new(501),
        left: Amount::new(500),
    };
    assert_eq!(
        problem_text(&finding(Problem::Rule(hold)), &[]),
        "it takes 501 (ledger 978) of the reservation, of which 500 is left"
    );
}

#[test]
fn accounts_are_told_as_everywhere() {
    let account = AccountId::new(0xd4e4_1240_d90e_f3f6_18e0_44ec_0367_4ff3);
    assert_eq!(
        problem_text(&finding(Problem::SnapshotAccount(account)), &[]),
        "account d4e41240-d90e-f3f6-18e0-44ec03674ff3 of the snapshot does not follow from the \
         events"
    );
}
