use super::Books;
use crate::BenchError;
use crate::load::Acknowledged;
use ledger_core::{Amount, Totals};

fn totals(debits_posted: u128, credits_posted: u128) -> Totals {
    Totals {
        debits_posted: Amount::new(debits_posted),
        credits_posted: Amount::new(credits_posted),
        ..Totals::ZERO
    }
}

#[test]
fn books_that_grew_by_what_was_acknowledged_add_up() {
    let mut before = Books::default();
    before.add(&totals(5, 0));
    before.add(&totals(0, 5));
    let mut told = before;
    told.add(&totals(7, 3));
    told.add(&totals(0, 4));
    let expected = before.after(Acknowledged {
        posted: 7,
        pending: 0,
    });
    assert!(told.equals(&expected).is_ok());
}

#[test]
fn a_cent_lost_doubled_or_one_sided_is_found() {
    let expected = Books::default().after(Acknowledged {
        posted: 7,
        pending: 2,
    });
    for (debits, credits) in [(6, 6), (8, 8), (7, 6), (6, 7)] {
        let mut told = Books::default().after(Acknowledged {
            posted: 0,
            pending: 2,
        });
        told.add(&totals(debits, credits));
        assert!(matches!(
            told.equals(&expected),
            Err(BenchError::Books { .. })
        ));
    }
    let forgot_a_hold = Books::default().after(Acknowledged {
        posted: 7,
        pending: 0,
    });
    assert!(forgot_a_hold.equals(&expected).is_err());
}
