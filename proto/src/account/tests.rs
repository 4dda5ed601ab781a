use prost::Message as _;

use super::*;

fn new_account() -> NewAccount {
    NewAccount {
        id: AccountId::new(1 << 100 | 7),
        ledger: LedgerId::new(840),
        code: 65535,
        flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        user_data_128: u128::MAX,
        user_data_64: 3,
        user_data_32: 4,
        overdraft_limit: Amount::new(5),
        balance_max: Amount::MAX,
        name: "Assets:Cash".into(),
        timestamp: Timestamp::new(6),
        totals: Totals {
            debits_pending: Amount::new(1),
            debits_posted: Amount::new(2),
            credits_pending: Amount::new(3),
            credits_posted: Amount::new(4),
        },
    }
}

#[test]
fn accounts_come_back_as_they_went() {
    for account in [NewAccount::default(), new_account()] {
        let bytes = v1::Account::from(&account).encode_to_vec();
        let wire = v1::Account::decode(&bytes[..]).expect("well-formed");
        assert_eq!(wire.read(FieldPath::item("accounts", 0)), Ok(account));
    }
}

#[test]
fn what_an_update_clears_is_told_from_what_it_leaves() {
    let unchanged = AccountUpdate {
        id: AccountId::new(1),
        ..AccountUpdate::default()
    };
    let cleared = AccountUpdate {
        overdraft_limit: Some(Amount::ZERO),
        balance_max: Some(Amount::ZERO),
        name: Some("".into()),
        ..unchanged.clone()
    };
    let changed = AccountUpdate {
        overdraft_limit: Some(Amount::MAX),
        balance_max: Some(Amount::new(1)),
        name: Some("Petty cash".into()),
        ..unchanged.clone()
    };
    for update in [unchanged, cleared, changed] {
        let bytes = v1::AccountUpdate::from(&update).encode_to_vec();
        let wire = v1::AccountUpdate::decode(&bytes[..]).expect("well-formed");
        assert_eq!(wire.read(FieldPath::item("updates", 0)), Ok(update));
    }
}

#[test]
fn a_name_that_the_ledger_refuses_passes_and_one_that_cannot_be_meant_does_not() {
    let at = FieldPath::item("accounts", 5);
    let named = |bytes| v1::Account {
        name: "n".repeat(bytes),
        ..v1::Account::default()
    };
    assert!(named(4096).read(at).is_ok());
    let error = named(4097).read(at).expect_err("far too long");
    assert_eq!(error.at().to_string(), "accounts[5].name");
    let error = v1::Account {
        code: 65536,
        ..v1::Account::default()
    }
    .read(at);
    assert_eq!(
        error.expect_err("too large").at().to_string(),
        "accounts[5].code"
    );
    let update = v1::AccountUpdate {
        name: Some("n".repeat(4097)),
        ..Default::default()
    };
    assert_eq!(
        update.read(at).expect_err("far too long").at().to_string(),
        "accounts[5].name"
    );
}
