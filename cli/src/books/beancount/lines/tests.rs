use super::*;

#[test]
fn entries_are_cut_with_their_lines_and_without_metadata() {
    let scan = scan(
        "\u{feff}; remark\n\
         * Heading\n\
         option \"title\" \"Books\"\n\
         2026-01-01 open Assets:Cash\n  \
           institution: \"Bank\"\n\
         2026-01-02 * \"Bread\" ; \"not a string\n  \
           trip: \"x\"\n  \
           Assets:Cash  -1 EUR\n\
         \n  \
           ; remark\n  \
           Expenses:Bread\n\
         plugin \"beancount.plugins.auto\"\n",
    );
    assert_eq!(scan.entries.len(), 2);
    assert_eq!(scan.entries[1].line, 6);
    assert_eq!(scan.entries[1].posting_lines, [8, 11]);
    assert!(!scan.entries[1].text.contains("trip"));
    assert_eq!(scan.plugins, [12]);
    assert!(scan.not_understood.is_empty());
}

#[test]
fn a_string_over_several_lines_stays_together() {
    let scan = scan(
        "2026-01-01 query \"q\" \"\nSELECT x\n2026-01-05 * nothing \\\" \n\"\n\
         2026-01-02 txn \"two\nlines\"\n  Assets:Cash  1 EUR\n",
    );
    assert!(scan.not_understood.is_empty());
    assert_eq!(scan.entries.len(), 1);
    assert_eq!(scan.entries[0].line, 5);
    assert_eq!(scan.entries[0].posting_lines, [7]);
}

#[test]
fn unknown_lines_and_unended_strings_are_reported() {
    let scan = scan(
        "2026-01-01 opne Assets:Cash\nAssets:Cash 1 EUR\n2026-01-02 * \"Bread\n  \
         Assets:Cash 1 EUR\nhello\n",
    );
    assert_eq!(scan.not_understood, [1, 2, 5]);
    assert_eq!(scan.entries[0].posting_lines, [4]);
}

#[test]
fn a_misspelt_account_is_no_metadata() {
    assert!(is_metadata("note: \"x\""));
    assert!(is_metadata("empty:"));
    assert!(!is_metadata("assets:cash  1 EUR"));
    assert!(!is_metadata("Assets:Cash  1 EUR"));
    assert!(!is_metadata("! Assets:Cash  1 EUR"));
}
