use ledger_core::{AccountId, Amount, GroupId, LedgerId, Sequence, Timestamp, TransferId};

use super::*;

fn range(min: u64, max: u64) -> Between<Timestamp> {
    Between {
        min: Some(Timestamp::new(min)),
        max: Some(Timestamp::new(max)),
    }
}

fn accounts(ids: &[u128]) -> Vec<AccountId> {
    ids.iter().map(|&id| AccountId::new(id)).collect()
}

#[test]
fn a_transfer_filter_without_sense_is_refused_by_the_fields_name() {
    let none = TransferFilter::default;
    let refused = [
        (
            "accounts",
            TransferFilter {
                accounts: accounts(&[1, 0]),
                ..none()
            },
        ),
        (
            "debit_accounts",
            TransferFilter {
                debit_accounts: accounts(&[u128::MAX]),
                ..none()
            },
        ),
        (
            "credit_accounts",
            TransferFilter {
                credit_accounts: accounts(&[7; 129]),
                ..none()
            },
        ),
        (
            "ledgers",
            TransferFilter {
                ledgers: vec![LedgerId::ZERO],
                ..none()
            },
        ),
        (
            "codes",
            TransferFilter {
                codes: vec![0],
                ..none()
            },
        ),
        (
            "user_data_128",
            TransferFilter {
                user_data_128: vec![0],
                ..none()
            },
        ),
        (
            "user_data_64",
            TransferFilter {
                user_data_64: vec![1, 0],
                ..none()
            },
        ),
        (
            "user_data_32",
            TransferFilter {
                user_data_32: vec![0],
                ..none()
            },
        ),
        (
            "references",
            TransferFilter {
                references: vec!["x".repeat(65).into()],
                ..none()
            },
        ),
        (
            "references",
            TransferFilter {
                references: vec!["".into()],
                ..none()
            },
        ),
        (
            "groups",
            TransferFilter {
                groups: vec![GroupId::ZERO],
                ..none()
            },
        ),
        (
            "pending_ids",
            TransferFilter {
                pending_ids: vec![TransferId::MAX],
                ..none()
            },
        ),
        (
            "reverses_ids",
            TransferFilter {
                reverses_ids: vec![TransferId::ZERO],
                ..none()
            },
        ),
        (
            "age_s",
            TransferFilter {
                age_s: Between {
                    min: Some(2),
                    max: Some(1),
                },
                ..none()
            },
        ),
        (
            "times",
            TransferFilter {
                times: range(2, 1),
                ..none()
            },
        ),
        (
            "amounts",
            TransferFilter {
                amounts: Between {
                    min: Some(Amount::MAX),
                    max: Some(Amount::ZERO),
                },
                ..none()
            },
        ),
    ];
    for (field, filter) in refused {
        let error = filter.check().expect_err(field);
        assert_eq!(error.field(), field, "{error}");
        assert!(error.to_string().contains(field));
    }
    let whole = TransferFilter {
        accounts: accounts(&[1; 128]),
        times: range(5, 5),
        ..none()
    };
    assert_eq!(whole.check(), Ok(()));
}

#[test]
fn fields_that_exclude_each_other_are_both_named() {
    let none = TransferFilter::default;
    let ids = |id| vec![TransferId::new(id)];
    let refused = [
        (
            ("debit_accounts", "credit_accounts"),
            TransferFilter {
                debit_accounts: accounts(&[1]),
                credit_accounts: accounts(&[1, 1]),
                ..none()
            },
        ),
        (
            ("accounts", "debit_accounts"),
            TransferFilter {
                accounts: accounts(&[3]),
                debit_accounts: accounts(&[1]),
                credit_accounts: accounts(&[2]),
                ..none()
            },
        ),
        (
            ("accounts", "states"),
            TransferFilter {
                accounts: accounts(&[3]),
                states: vec![TransferState::Fenced],
                ..none()
            },
        ),
        (
            ("pending_ids", "reverses_ids"),
            TransferFilter {
                pending_ids: ids(1),
                reverses_ids: ids(2),
                ..none()
            },
        ),
        (
            ("pending_ids", "states"),
            TransferFilter {
                pending_ids: ids(1),
                states: vec![TransferState::Pending, TransferState::Expired],
                ..none()
            },
        ),
    ];
    for ((field, with), filter) in refused {
        assert_eq!(filter.check(), Err(FilterError::Exclusive { field, with }));
    }
    let fences = TransferFilter {
        pending_ids: ids(1),
        states: vec![TransferState::Fenced],
        ..none()
    };
    assert_eq!(fences.check(), Ok(()));
}

#[test]
fn account_and_balance_filters_without_sense_are_refused() {
    let none = AccountFilter::default;
    let refused = [
        (
            "name_prefix",
            AccountFilter {
                name_prefix: "n".repeat(256).into(),
                ..none()
            },
        ),
        (
            "flags",
            AccountFilter {
                flags: AccountFlags::from_bits(1 << 20),
                ..none()
            },
        ),
        (
            "flags",
            AccountFilter {
                flags: AccountFlags::from_bits(0b110),
                ..none()
            },
        ),
        (
            "flags",
            AccountFilter {
                flags: AccountFlags::CLOSED,
                without_flags: AccountFlags::CLOSED,
                ..none()
            },
        ),
        (
            "without_flags",
            AccountFilter {
                without_flags: AccountFlags::from_bits(1 << 6),
                ..none()
            },
        ),
        (
            "created",
            AccountFilter {
                created: range(9, 8),
                ..none()
            },
        ),
        (
            "codes",
            AccountFilter {
                codes: vec![1; 129],
                ..none()
            },
        ),
    ];
    for (field, filter) in refused {
        assert_eq!(filter.check().expect_err(field).field(), field);
    }
    let of = |account| BalanceFilter {
        account: AccountId::new(account),
        sequences: Between::default(),
        times: Between::default(),
    };
    assert_eq!(of(0).check().expect_err("zero").field(), "account");
    let backwards = BalanceFilter {
        sequences: Between {
            min: Some(Sequence::new(2)),
            max: Some(Sequence::new(1)),
        },
        ..of(1)
    };
    assert_eq!(backwards.check().expect_err("empty").field(), "sequences");
    assert_eq!(of(1).check(), Ok(()));
}
