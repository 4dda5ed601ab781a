use proptest::prelude::*;

use super::*;

#[test]
fn ids_are_read_in_each_of_their_forms() {
    let number = |text: &str| text.parse::<IdText>().map(|id| id.resolve("account"));
    assert_eq!(number("42"), Ok(42));
    assert_eq!(number("0x2a"), Ok(42));
    assert_eq!(
        number("01890a5d-ac96-774b-bcce-b302099a8057"),
        Ok(0x01890a5d_ac96_774b_bcce_b302099a8057)
    );
    assert_eq!(
        number("340282366920938463463374607431768211455"),
        Ok(u128::MAX)
    );
    assert_eq!(
        number("ref:Assets:Cash USD"),
        Ok(id_from_reference("account", "Assets:Cash USD"))
    );
}

#[test]
fn what_is_no_id_is_refused() {
    for text in [
        "",
        "ref:",
        "abc",
        "-1",
        "+1",
        "1.5",
        "0x",
        "0xg",
        "12a",
        "340282366920938463463374607431768211456",
        "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80570",
        "+1890a5d-ac96-774b-bcce-b302099a8057",
    ] {
        assert_eq!(text.parse::<IdText>(), Err(NotAnId), "{text:?} was read");
    }
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(id: u128) {
        let shown = ShownId(id).to_string();
        prop_assert_eq!(shown.parse::<IdText>(), Ok(IdText::Number(id)));
    }
}
