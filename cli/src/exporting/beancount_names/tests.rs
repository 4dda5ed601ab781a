use ledger_core::{AccountFlags, LedgerId};

use super::{AccountNames, CommodityNames, commodity_from, is_account, is_commodity};
use crate::exporting::account_book::{AccountBook, BookAccount};
use crate::exporting::example::{EUR, account, book};
use crate::exporting::names::Names;

fn named(accounts: Vec<BookAccount>) -> Vec<String> {
    let book = book(accounts);
    let names = Names::new(&book);
    let beancount = AccountNames::new(&book, &names);
    let at = |at: usize| beancount.of(names.at(at)).to_owned();
    (0..book.accounts().len()).map(at).collect()
}

#[test]
fn what_beancount_takes_stays_as_it_is() {
    for name in [
        "Assets:Cash",
        "Equity:1:2:3",
        "Expenses:Taxes:Y2013",
        "Income:Ärger-Über",
    ] {
        assert!(is_account(name), "{name}");
        assert_eq!(named(vec![account(1, EUR, name)]), [name]);
    }
}

#[test]
fn other_names_are_changed_as_little_as_possible() {
    let changed = |name: &str| named(vec![account(7, EUR, name)]).swap_remove(0);
    assert_eq!(changed("1:2:a"), "Equity:1:2:A");
    assert_eq!(changed("assets:petty cash"), "Assets:Petty-cash");
    assert_eq!(changed("Revenues:Sales"), "Income:Sales");
    assert_eq!(changed("Assets"), "Assets:Assets");
    assert_eq!(changed("Shop"), "Equity:Shop");
    assert_eq!(changed("a::b"), "Equity:A:B");
    assert_eq!(changed("::"), "Equity:7");
    assert_eq!(changed("現金"), "Equity:X--");
    assert_eq!(changed("ßüß"), "Equity:Xßüß");
    assert_eq!(changed(""), "Equity:7");
}

#[test]
fn the_root_follows_from_what_is_forbidden_where_the_name_does_not_tell_it() {
    let with = |flags| {
        named(vec![BookAccount {
            flags,
            ..account(7, EUR, "Wallets:Ada")
        }])
    };
    assert_eq!(
        with(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS),
        ["Liabilities:Wallets:Ada"]
    );
    assert_eq!(
        with(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS),
        ["Assets:Wallets:Ada"]
    );
}

#[test]
fn no_two_names_become_the_same() {
    let accounts = ["Equity:a", "Equity:A", "a", "A", "equity:A", "Equity:A:3"];
    let accounts = accounts.iter().zip(1..);
    let names = named(accounts.map(|(name, id)| account(id, EUR, name)).collect());
    assert_eq!(
        names,
        [
            "Equity:A:1",
            "Equity:A",
            "Equity:A:3:3",
            "Equity:A:4",
            "Equity:A:5",
            "Equity:A:3"
        ]
    );
}

#[test]
fn one_name_in_several_ledgers_is_one_account() {
    let accounts = vec![
        account(1, EUR, "till"),
        account(2, LedgerId::new(9), "till"),
    ];
    assert_eq!(named(accounts), ["Equity:Till", "Equity:Till"]);
}

#[test]
fn codes_become_commodities() {
    for code in ["EUR", "A", "ACME.X", "O'NEIL", "X2_Y-3"] {
        assert!(is_commodity(code), "{code}");
    }
    assert_eq!(commodity_from("loyalty points"), "LOYALTY-POINTS");
    assert_eq!(commodity_from("77"), "LEDGER-77");
    assert_eq!(commodity_from("€"), "LEDGER");
    assert_eq!(commodity_from("abc."), "ABC");
    let long = commodity_from("a code of thirty-two characters!");
    assert!(is_commodity(&long), "{long}");
}

#[test]
fn no_two_codes_become_the_same() {
    let codes = [
        "usd",
        "USD",
        "Usd",
        "USD-2",
        "a code of thirty-two bytes, one",
        "a code of thirty-two bytes, two",
    ];
    let ledger = |(code, id): (&&str, u32)| ledger_core::Ledger {
        id: LedgerId::new(id),
        code: (*code).into(),
        ..crate::exporting::example::ledger(EUR, "", 0)
    };
    let ledgers: Vec<ledger_core::Ledger> = codes.iter().zip(1..).map(ledger).collect();
    let accounts = (1..=6)
        .map(|id| account(id.into(), LedgerId::new(id), ""))
        .collect();
    let book = AccountBook::new(accounts, &ledgers);
    let commodities = CommodityNames::new(&book);
    let found: Vec<&str> = codes.iter().map(|code| commodities.of(code)).collect();
    assert_eq!(
        found,
        [
            "USD-3",
            "USD",
            "USD-4",
            "USD-2",
            "A-CODE-OF-THIRTY-TWO-BYT",
            "A-CODE-OF-THIRTY-TWO-B-2"
        ]
    );
    assert!(found.iter().all(|commodity| is_commodity(commodity)));
}
