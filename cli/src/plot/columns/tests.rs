use bigdecimal::num_bigint::BigInt;
use ledger_core::Timestamp;

use super::{Column, Columns};

fn column(low: i64, high: i64, last: i64) -> Column {
    Column {
        low: low.into(),
        high: high.into(),
        last: last.into(),
    }
}

#[test]
fn a_column_keeps_the_extremes_of_its_time() {
    let time = Timestamp::new;
    let mut columns = Columns::new(time(100), time(139), BigInt::from(7), 4);
    for (at, balance) in [(110, 3), (111, 20), (119, 5), (120, 6), (139, 1)] {
        columns.add(time(at), BigInt::from(balance));
    }
    assert_eq!(
        columns.filled(),
        [
            column(7, 7, 7),
            column(3, 20, 5),
            column(5, 6, 6),
            column(1, 6, 1)
        ]
    );
}

#[test]
fn one_moment_and_all_of_time_are_spans_too() {
    let mut moment = Columns::new(Timestamp::new(5), Timestamp::new(5), BigInt::from(0), 10);
    moment.add(Timestamp::new(5), BigInt::from(2));
    assert_eq!(moment.filled()[0], column(0, 2, 2));
    assert_eq!(moment.filled()[9], column(2, 2, 2));
    let all = Columns::new(Timestamp::ZERO, Timestamp::MAX, BigInt::from(0), 1000);
    assert_eq!(all.column_of(Timestamp::ZERO), 0);
    assert_eq!(all.column_of(Timestamp::MAX), 999);
}
