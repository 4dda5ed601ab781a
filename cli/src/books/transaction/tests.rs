use super::Date;

#[test]
fn only_days_of_the_calendar_are_dates() {
    let date = |text| Date::parse(text).map(Date::yyyymmdd);
    assert_eq!(date("2026-11-22"), Some(20_261_122));
    assert_eq!(date("2024-02-29"), Some(20_240_229));
    for text in [
        "2023-02-29",
        "1900-02-29",
        "2023-13-01",
        "2023-00-01",
        "2023-04-31",
        "2023-1-01",
        "0000-01-01",
        "2023-01-01 ",
        "2023/01/01",
        "+023-01-01",
        "",
    ] {
        assert_eq!(date(text), None, "{text:?} is no date");
    }
}
