use ledger_core::Timestamp;

use super::*;

fn full() -> AccountFilter {
    AccountFilter {
        ledgers: vec![LedgerId::new(1)],
        codes: vec![2],
        user_data_128: vec![3],
        user_data_64: vec![4],
        user_data_32: vec![5],
        name_prefix: "Assets:".into(),
        flags_set: AccountFlags::IMPORTED,
        flags_clear: AccountFlags::CLOSED,
        created: Range {
            min: Some(Timestamp::new(6)),
            max: None,
        },
    }
}

#[test]
fn a_filter_comes_back_as_it_went() {
    for filter in [full(), AccountFilter::default()] {
        assert_eq!(v1::AccountFilter::from(&filter).read(), Ok(filter));
    }
}

#[test]
fn what_can_hold_nothing_is_named() {
    type Change = fn(&mut v1::AccountFilter);
    let cases: &[(Change, &str)] = &[
        (|it| it.ledgers.push(0), "filter.ledgers[1]"),
        (|it| it.codes.push(0), "filter.codes[1]"),
        (|it| it.codes.push(65_536), "filter.codes[1]"),
        (
            |it| it.user_data_128.push(0.into()),
            "filter.user_data_128[1]",
        ),
        (|it| it.user_data_64.push(0), "filter.user_data_64[1]"),
        (|it| it.name_prefix = "x".repeat(5000), "filter.name_prefix"),
        (|it| it.flags_set = 1 << 31, "filter.flags_set"),
        (|it| it.flags_clear = 1 << 31, "filter.flags_clear"),
        (|it| it.flags_clear = it.flags_set, "filter.flags_clear"),
        (|it| it.user_data_32.push(0), "filter.user_data_32[1]"),
        (
            |it| it.created = Some(v1::TimeRange { min: 2, max: 1 }),
            "filter.created",
        ),
    ];
    for (change, at) in cases {
        let mut wire = v1::AccountFilter::from(&full());
        change(&mut wire);
        let malformed = wire.read().expect_err("it can hold nothing");
        assert_eq!(malformed.at().to_string(), *at);
    }
}
