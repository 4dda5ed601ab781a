use super::ExitCode;

#[test]
fn numbers_are_distinct_and_in_order() {
    let numbers = ExitCode::ALL.map(|(code, _)| code.number());
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}
