use super::{read_string, take_strings};

#[test]
fn escapes_are_read_wherever_they_stand() {
    let (string, rest) = read_string(r#""\"a\" \\ \n\\\"" ^x"#).expect("a string");
    assert_eq!(string, "\"a\" \\ \n\\\"");
    assert_eq!(rest, " ^x");
    assert_eq!(
        read_string("\"ä\"").expect("a string"),
        ("ä".to_owned(), "")
    );
    assert_eq!(read_string("\"never ends\\\""), None);
    assert_eq!(read_string("no"), None);
}

#[test]
fn a_line_keeps_what_is_no_string() {
    let (line, strings) = take_strings(r#"2026-01-02 * "a" "b; c" #tag ; "no""#);
    assert_eq!(line, r#"2026-01-02 * "0" "1" #tag ; "no""#);
    assert_eq!(strings, ["a", "b; c"]);
    let (line, strings) = take_strings("2026-01-02 * \"a\" \"b");
    assert_eq!(line, "2026-01-02 * \"0\" \"b");
    assert_eq!(strings, ["a"]);
}
