use bigdecimal::num_bigint::BigInt;

use super::ValueAxis;
use crate::plot::columns::Column;

fn labels(low: i64, high: i64, ticks_max: usize) -> String {
    let column = Column {
        low: low.into(),
        high: high.into(),
        last: low.into(),
    };
    let axis = ValueAxis::new(&[column], 2, ticks_max);
    assert!(axis.position(&BigInt::from(low), 100) <= axis.position(&BigInt::from(high), 100));
    let labels: Vec<String> = axis.labels().map(|(_, label)| label).collect();
    assert!(labels.len() <= ticks_max.max(3), "{labels:?}");
    labels.join(" ")
}

#[test]
fn steps_are_round_and_labels_have_the_decimals_of_the_ledger() {
    assert_eq!(labels(0, 100, 6), "0.00 0.20 0.40 0.60 0.80 1.00");
    assert_eq!(labels(-350, 1234, 5), "-5.00 0.00 5.00 10.00 15.00");
    assert_eq!(labels(100_001, 100_003, 4), "1000.01 1000.02 1000.03");
    assert_eq!(labels(-7, -2, 4), "-0.08 -0.06 -0.04 -0.02");
    assert_eq!(labels(-1, 1, 2), "-0.01 0.00 0.01");
}

#[test]
fn what_never_changes_is_drawn_against_nothing() {
    assert_eq!(labels(500, 500, 3), "0.00 5.00");
    assert_eq!(labels(-500, -500, 3), "-5.00 0.00");
    assert_eq!(labels(0, 0, 3), "0.00 0.01");
}
