use super::*;

const PAGE: &str = "\
# A page, with signs
See [one](one.md) and [two](two.md#there), not `[x](code.md)`.
```text
[x](fenced.md)
# not a heading
```
## Statuses
Text.

| number | name |
| --- | --- |
| 100 | `created` |
| 5 | `id_must_not_be_zero` |

| other | table |
| --- | --- |
| 1 | 2 |
## `code` in a heading
";

#[test]
fn links_in_code_are_not_links() {
    let targets: Vec<_> = links(PAGE).into_iter().map(|link| link.target).collect();
    assert_eq!(targets, ["one.md", "two.md#there"]);
}

#[test]
fn headings_become_anchors() {
    assert_eq!(
        heading_anchors(PAGE),
        ["a-page-with-signs", "statuses", "code-in-a-heading"]
    );
}

#[test]
fn the_first_table_after_the_heading_counts() {
    assert_eq!(
        table_rows(PAGE, "Statuses"),
        [["100", "created"], ["5", "id_must_not_be_zero"]]
    );
    assert!(table_rows(PAGE, "No such heading").is_empty());
}
