//! The pages that list what the code defines list all of it.
//!
//! The crates that define it are of ring 3, which this package does not depend on: it reads their
//! sources, and says so if it no longer finds what it looks for.

use std::fs;

use architecture_tests::{root, table_rows};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("reading {path}: {e}"))
}

/// The texts between quotes from the line that begins with `begin` to the next `end`.
fn quoted<'s>(source: &'s str, begin: &str, end: &str) -> Vec<&'s str> {
    let part = source
        .split_once(&format!("\n{begin}"))
        .and_then(|(_, rest)| rest.split_once(end))
        .unwrap_or_else(|| panic!("`{begin}` was not found"))
        .0;
    part.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_reason_of_an_error_is_explained() {
    let source = read("proto/src/reason.rs");
    let reasons = quoted(&source, "reasons! {", "\n}");
    assert!(
        reasons.contains(&"QUEUE_FULL"),
        "the reasons were not found"
    );
    let page = read("docs/src/grpc/errors.md");
    for reason in reasons {
        assert!(
            page.contains(&format!("`{reason}`")),
            "docs/src/grpc/errors.md does not explain {reason}"
        );
    }
}

#[test]
fn every_exit_code_is_explained() {
    let source = read("cli/src/exit_code.rs");
    let meanings = quoted(&source, "    pub(crate) const ALL", "];");
    assert_eq!(
        meanings.first(),
        Some(&"done"),
        "the exit codes were not found"
    );
    let rows = table_rows(&read("docs/src/operating/exit-codes.md"), "Exit codes");
    let explained: Vec<_> = rows.iter().map(|row| (&*row[0], &*row[1])).collect();
    let numbers: Vec<_> = (0..meanings.len())
        .map(|number| number.to_string())
        .collect();
    let defined: Vec<_> = numbers
        .iter()
        .map(|number| &**number)
        .zip(meanings)
        .collect();
    assert_eq!(
        explained, defined,
        "docs/src/operating/exit-codes.md differs from the code"
    );
}

/// The table in the module documentation of `path` whose head begins with `head`.
fn documented(path: &str, head: &[&str]) -> Vec<Vec<String>> {
    let source = read(path);
    let lines = source
        .lines()
        .map(|line| line.strip_prefix("//! ").unwrap_or(""));
    // A heading in front of each table makes the source a page like any other.
    let mut page = String::from("# before\n");
    let mut in_table = false;
    for line in lines {
        let is_row = line.starts_with('|');
        if is_row && !in_table {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            page.push_str(if cells.starts_with(head) {
                "# it\n"
            } else {
                "# other\n"
            });
        }
        in_table = is_row;
        page.push_str(line);
        page.push('\n');
    }
    let rows = table_rows(&page, "it");
    assert!(!rows.is_empty(), "{path} documents no table {head:?}");
    rows
}

/// Places and names agree; how a field is explained may differ.
#[test]
fn the_byte_layout_is_that_of_the_code() {
    const PLACES: &[&str] = &["offset", "bytes", "field"];
    const LENGTHS: &[&str] = &["bytes", "field"];
    let layouts: [(&str, &str, &str, &[&str]); 18] = [
        ("journal", "Frames", "journal/frame", PLACES),
        ("journal", "Items", "journal/payload", PLACES),
        ("journal", "Requests", "journal/request", LENGTHS),
        ("journal", "Footer", "journal/sealed", PLACES),
        ("journal", "Zone map", "journal/zone", LENGTHS),
        ("journal", "pacioli.meta", "journal/meta", PLACES),
        ("operating/backup", "Manifest", "backup/manifest", PLACES),
        ("runs", "The file", "runs/footer", &["part", "bytes"]),
        ("runs", "Blocks", "runs/block", LENGTHS),
        ("runs", "Fences", "runs/index/fence", PLACES),
        ("runs", "Section table", "runs/index/section_entry", PLACES),
        ("runs", "Filter table", "runs/index/filter_entry", PLACES),
        ("runs", "Footer", "runs/footer", PLACES),
        ("snapshots", "Byte layout", "snapshot", &["part", "bytes"]),
        ("snapshots", "Head", "snapshot/head", PLACES),
        ("snapshots", "Blocks", "snapshot/block", PLACES),
        ("snapshots", "Entries", "snapshot/entry", &["field"]),
        ("snapshots", "Foot", "snapshot/foot", PLACES),
    ];
    for (page, heading, module, head) in layouts {
        let columns = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
            let plain = |cell: &String| cell.replace('…', "");
            rows.iter()
                .map(|row| row[..head.len()].iter().map(plain).collect())
                .collect()
        };
        let book = read(&format!("docs/src/{page}.md"));
        let in_code = columns(documented(&format!("engine/src/{module}.rs"), head));
        let in_book = columns(table_rows(&book, heading));
        assert_eq!(
            in_book, in_code,
            "{page}, {heading}: the book differs from the code"
        );
    }
}
