use crate::exporting::example::{EUR, POINTS, account, book};
use crate::exporting::names::Names;

#[test]
fn a_name_means_one_account_of_a_ledger() {
    let accounts = [
        (1, EUR, "Cash"),
        (2, EUR, "Cash"),
        (3, POINTS, "Cash"),
        (4, EUR, "Cash:1"),
        (5, EUR, ""),
        (6, EUR, "5"),
        (7, EUR, "Bank"),
        (u128::MAX / 3, EUR, ""),
    ];
    let accounts = accounts.map(|(id, ledger, name)| account(id, ledger, name));
    let book = book(accounts.into());
    let names = Names::new(&book);
    let all: Vec<&str> = (0..book.accounts().len()).map(|at| names.at(at)).collect();
    assert_eq!(
        all,
        [
            "Cash:1:1",
            "Cash:2",
            "Cash",
            "Cash:1",
            "5:5",
            "5",
            "Bank",
            "55555555-5555-5555-5555-555555555555"
        ]
    );
}
