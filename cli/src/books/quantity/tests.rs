use proptest::prelude::*;

use super::*;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect("a quantity")
}

#[test]
fn written_decimals_are_kept_and_needed_ones_counted() {
    assert_eq!(quantity("4.00").decimals_written(), 2);
    assert_eq!(quantity("4.00").decimals_needed(), 0);
    assert_eq!(quantity("4.862000000000").decimals_written(), 12);
    assert_eq!(quantity("4.862000000000").decimals_needed(), 3);
    assert_eq!(quantity("1200").decimals_needed(), 0);
    assert_eq!(quantity("-0.010").decimals_needed(), 2);
}

#[test]
fn units_are_exact_or_none() {
    assert_eq!(quantity("-12.5").units(2), Some(-1250));
    assert_eq!(quantity("12.500").units(1), Some(125));
    assert_eq!(quantity("12.55").units(1), None);
    assert_eq!(quantity("1e3".trim_end_matches("e3")).units(0), Some(1));
    let widest = "170141183460469231731687303715884105727";
    assert_eq!(quantity(widest).units(0), Some(i128::MAX));
    assert_eq!(quantity(widest).units(1), None);
}

#[test]
fn ties_are_rounded_to_the_even_digit() {
    assert_eq!(quantity("0.125").rounded(2), quantity("0.12"));
    assert_eq!(quantity("0.135").rounded(2), quantity("0.14"));
    assert_eq!(quantity("-0.125").rounded(2), quantity("-0.12"));
    assert_eq!(quantity("7").rounded(2).decimals_written(), 2);
}

#[test]
fn one_quantity_has_one_canonical_text() {
    for text in ["100", "100.0", "+100.00", "0100"] {
        assert_eq!(quantity(text).canonical_text(), "100");
    }
    assert_eq!(quantity("-0.050").canonical_text(), "-0.05");
    assert_eq!(quantity("0.00").canonical_text(), "0");
    assert_eq!(quantity("-0").canonical_text(), "0");
}

#[test]
fn what_is_no_quantity_is_not_read() {
    for text in [
        "", "-", ".", "+.", "1,5", "1e5", "--1", "1.2.3", "0x1", " 1", "1 ", "٣", "1_0",
    ] {
        assert_eq!(Quantity::parse(text), None, "{text:?} was read");
    }
}

#[test]
fn expressions_without_a_value_stay_without_one() {
    let expression = |text: &str| text.parse::<Expression>().expect("a number");
    let third = expression("1") / expression("3");
    assert_eq!(
        third.value().expect("a quotient").to_string(),
        "0.3333333333333333333333333333"
    );
    let nonsense = expression("1") / expression("0") + expression("2");
    assert_eq!(nonsense.value(), None);
}

proptest! {
    #[test]
    fn canonical_text_reads_back(units: i64, decimals in 0u32..12) {
        let value = Quantity(BigDecimal::new(BigInt::from(units), i64::from(decimals)));
        let read = Quantity::parse(&value.canonical_text()).expect("a quantity");
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(read.units(12), value.units(12));
    }
}
