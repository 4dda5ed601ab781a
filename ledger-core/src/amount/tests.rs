use super::*;
use alloc::format;

#[test]
fn a_sum_carries_past_128_bits_and_back() {
    let mut sum = Sum::ZERO;
    sum.add(Amount::MAX);
    sum.add(Amount::MAX);
    assert_eq!((sum.high(), sum.low()), (1, u128::MAX - 1));
    // 2 * (2^128 - 1)
    assert_eq!(format!("{sum}"), "680564733841876926926749214863536422910");
    sum.sub(Amount::MAX);
    sum.sub(Amount::MAX);
    assert_eq!(sum, Sum::ZERO);
    assert_eq!(format!("{sum}"), "0");
}

#[test]
fn the_largest_sum_prints_in_full() {
    let sum = Sum::from_parts(u64::MAX, u128::MAX);
    // 2^192 - 1
    assert_eq!(
        format!("{sum}"),
        "6277101735386680763835789423207666416102355444464034512895"
    );
}

#[test]
#[should_panic(expected = "only what was added")]
fn a_sum_is_never_negative() {
    let mut sum = Sum::ZERO;
    sum.sub(Amount::new(1));
}
