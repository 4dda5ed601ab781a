use proptest::prelude::*;

use super::*;

#[test]
fn texts_have_all_decimals_of_the_ledger() {
    let text = |units, scale| amount_text(Amount::new(units), scale);
    assert_eq!(text(0, 0), "0");
    assert_eq!(text(0, 2), "0.00");
    assert_eq!(text(5, 2), "0.05");
    assert_eq!(text(1250, 2), "12.50");
    assert_eq!(text(1250, 0), "1250");
    assert_eq!(
        text(u128::MAX, 38),
        "3.40282366920938463463374607431768211455"
    );
}

#[test]
fn sums_beyond_128_bits_keep_their_digits() {
    let mut sum = Sum::ZERO;
    sum.add(Amount::MAX);
    sum.add(Amount::MAX);
    assert_eq!(sum_text(sum, 2), "6805647338418769269267492148635364229.10");
}

#[test]
fn balances_are_positive_where_debits_prevail() {
    let balance = |debits, credits| balance_text(Amount::new(debits), Amount::new(credits), 2);
    assert_eq!(balance(500, 200), "3.00");
    assert_eq!(balance(200, 500), "-3.00");
    assert_eq!(balance(7, 7), "0.00");
    assert_eq!(
        balance_text(Amount::ZERO, Amount::MAX, 0),
        "-340282366920938463463374607431768211455"
    );
}

#[test]
fn amounts_are_read_with_fewer_decimals_and_needless_zeros() {
    assert_eq!(parse_amount("12.5", 2), Ok(Amount::new(1250)));
    assert_eq!(parse_amount("12", 2), Ok(Amount::new(1200)));
    assert_eq!(parse_amount("12.5000", 2), Ok(Amount::new(1250)));
    assert_eq!(parse_amount(".5", 2), Ok(Amount::new(50)));
    assert_eq!(parse_amount("5.", 2), Ok(Amount::new(500)));
    assert_eq!(parse_amount("007", 0), Ok(Amount::new(7)));
}

#[test]
fn what_does_not_fit_is_refused_and_never_rounded() {
    assert_eq!(
        parse_amount("0.005", 2),
        Err(AmountTextError::TooManyDecimals {
            text: "0.005".to_owned(),
            decimals: 3,
            scale: 2
        })
    );
    for text in [
        "", ".", "-1", "+1", "1,000", "1e3", "1.2.3", " 1", "one", "١",
    ] {
        assert!(
            matches!(
                parse_amount(text, 2),
                Err(AmountTextError::NotANumber { .. })
            ),
            "{text:?} was read as an amount"
        );
    }
    let too_large = "340282366920938463463374607431768211456";
    assert!(matches!(
        parse_amount(too_large, 0),
        Err(AmountTextError::TooLarge { .. })
    ));
    assert!(matches!(
        parse_amount("4", 38),
        Err(AmountTextError::TooLarge { .. })
    ));
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_to_the_same_units(units: u128, scale in 0u32..=38) {
        let amount = Amount::new(units);
        prop_assert_eq!(parse_amount(&amount_text(amount, scale), scale), Ok(amount));
    }

    #[test]
    fn a_balance_is_the_difference(debits: u64, credits: u64, scale in 0u32..=6) {
        let text = balance_text(Amount::new(debits.into()), Amount::new(credits.into()), scale);
        let units: i128 = text.replace('.', "").parse().expect("digits and a sign");
        prop_assert_eq!(units, i128::from(debits) - i128::from(credits));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text: String, scale in 0u32..=38) {
        let _ = parse_amount(&text, scale);
    }
}
