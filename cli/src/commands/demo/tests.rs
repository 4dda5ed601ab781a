use super::*;
use crate::books::plan::{KnownLedger, plan};

#[test]
fn the_books_that_are_shipped_are_sound_and_fit_the_shops_ledgers() {
    let books = beancount::read(Path::new(BOOKS_NAME), BOOKS).expect("sound books");
    assert!(books.plugins.is_empty());
    let known = evening::ledgers().map(|ledger| KnownLedger {
        id: ledger.id,
        code: ledger.code,
        scale: ledger.scale,
    });
    let plan = plan(&books.transactions, &known).expect("a plan");
    assert!(plan.ledgers.is_empty(), "a commodity has no ledger");
    assert!((50..100).contains(&plan.chains.len()));
    let planned: Vec<_> = plan.accounts.iter().map(|account| account.id).collect();
    for limited in evening::limited_accounts() {
        assert!(
            planned.contains(&limited.id),
            "{} is not in the books",
            limited.name
        );
    }
}
