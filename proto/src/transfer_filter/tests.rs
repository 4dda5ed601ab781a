use ledger_core::{Amount, Timestamp};

use super::*;

fn full() -> TransferFilter {
    TransferFilter {
        accounts: vec![AccountId::new(1), AccountId::new(u128::MAX)],
        debit_accounts: vec![AccountId::new(21)],
        credit_accounts: vec![AccountId::new(22)],
        ledgers: vec![LedgerId::new(2)],
        codes: vec![3, u16::MAX],
        user_data_128: vec![4],
        user_data_64: vec![5],
        user_data_32: vec![6],
        references: vec!["order".into()],
        groups: vec![GroupId::new(7)],
        pending_ids: vec![TransferId::new(8)],
        reverses_ids: vec![TransferId::new(9)],
        states: TransferState::ALL.to_vec(),
        age_s: Range {
            min: Some(10),
            max: Some(10),
        },
        time: Range {
            min: Some(Timestamp::new(11)),
            max: Some(Timestamp::new(12)),
        },
        amount: Range {
            min: Some(Amount::new(13)),
            max: Some(Amount::new(14)),
        },
    }
}

#[test]
fn a_filter_comes_back_as_it_went() {
    for filter in [full(), TransferFilter::default()] {
        assert_eq!(v1::TransferFilter::from(&filter).read(), Ok(filter));
    }
}

#[test]
fn what_can_hold_nothing_is_named() {
    type Change = fn(&mut v1::TransferFilter);
    let cases: &[(Change, &str)] = &[
        (|it| it.account_ids.push(0.into()), "filter.account_ids[2]"),
        (
            |it| it.debit_account_ids.push(0.into()),
            "filter.debit_account_ids[1]",
        ),
        (
            |it| it.credit_account_ids.push(0.into()),
            "filter.credit_account_ids[1]",
        ),
        (|it| it.user_data_32.push(0), "filter.user_data_32[1]"),
        (|it| it.age_s_max = Some(9), "filter.age_s_max"),
        (|it| it.ledgers.push(0), "filter.ledgers[1]"),
        (|it| it.codes.push(0), "filter.codes[2]"),
        (|it| it.codes.push(65_536), "filter.codes[2]"),
        (
            |it| it.user_data_128.push(0.into()),
            "filter.user_data_128[1]",
        ),
        (|it| it.user_data_64.push(0), "filter.user_data_64[1]"),
        (
            |it| it.references.push(String::new()),
            "filter.references[1]",
        ),
        (
            |it| it.references.push("x".repeat(5000)),
            "filter.references[1]",
        ),
        (|it| it.group_ids.push(0.into()), "filter.group_ids[1]"),
        (|it| it.pending_ids.push(0.into()), "filter.pending_ids[1]"),
        (
            |it| it.reverses_ids.push(0.into()),
            "filter.reverses_ids[1]",
        ),
        (|it| it.states.push(0), "filter.states[6]"),
        (|it| it.states.push(99), "filter.states[6]"),
        (
            |it| it.time = Some(v1::TimeRange { min: 2, max: 1 }),
            "filter.time",
        ),
        (
            |it| {
                it.amount = Some(v1::AmountRange {
                    min: Some(2.into()),
                    max: Some(1.into()),
                });
            },
            "filter.amount",
        ),
    ];
    for (change, at) in cases {
        let mut wire = v1::TransferFilter::from(&full());
        change(&mut wire);
        let malformed = wire.read().expect_err("it can hold nothing");
        assert_eq!(malformed.at().to_string(), *at);
    }
}
