use super::*;

fn words(text: &str) -> Vec<String> {
    let source = Source {
        path: PathBuf::from("a.rs"),
        text: text.to_owned(),
    };
    source
        .words()
        .iter()
        .map(|word| word.text.to_owned())
        .collect()
}

#[test]
fn comments_and_literals_are_not_code() {
    assert_eq!(words("a // fs\nb"), ["a", "b"]);
    assert_eq!(words("a /* fs /* fs */ fs */ b"), ["a", "b"]);
    assert_eq!(words(r#"a "fs \" fs" b"#), ["a", "b"]);
    assert_eq!(words("a r#\"fs \" fs\"# b"), ["a", "b"]);
    assert_eq!(words("a b'f' b\"fs\" '\\'' c"), ["a", "c"]);
}

#[test]
fn lifetimes_are_code() {
    assert_eq!(words("&'a str"), ["&", "'", "a", "str"]);
    assert_eq!(words("'a' x"), ["x"]);
}

#[test]
fn raw_identifiers_and_names_that_begin_with_r_are_code() {
    assert_eq!(words("r#type read"), ["r", "#", "type", "read"]);
}

#[test]
fn lines_are_counted_through_literals() {
    let source = Source {
        path: PathBuf::from("a.rs"),
        text: "\"one\ntwo\"\n/* three\n*/ use std::fs;".to_owned(),
    };
    assert_eq!(source.line_of("fs"), Some(4));
    assert_eq!(source.line_of("two"), None);
    assert_eq!(source.line_of_phrase(&["std", ":", ":", "fs"]), Some(4));
}
