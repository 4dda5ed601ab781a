//! No page leads nowhere, and no page of the book is left out of its table of contents.

use std::fs;
use std::path::{Path, PathBuf};

use architecture_tests::{files_below, heading_anchors, links, relative, root};

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("reading {}: {e}", path.display()))
}

/// What is wrong with a link, if anything is.
fn fault(page: &Path, text: &str, target: &str) -> Option<&'static str> {
    if target.starts_with("https://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() {
        page.to_path_buf()
    } else {
        page.parent()?.join(file)
    };
    if !path.exists() {
        return Some("there is no such file");
    }
    if anchor.is_empty() {
        return None;
    }
    let text = if file.is_empty() {
        text.to_owned()
    } else {
        read(&path)
    };
    let known = heading_anchors(&text).iter().any(|known| known == anchor);
    (!known).then_some("the page has no such heading")
}

#[test]
fn links_lead_somewhere() {
    let pages = files_below(&root(), ".md");
    assert!(pages.len() > 10, "the pages were not found");
    let mut wrong = Vec::new();
    for page in &pages {
        let text = read(page);
        for link in links(&text) {
            if let Some(fault) = fault(page, &text, &link.target) {
                let page = relative(page);
                wrong.push(format!("{page}:{}: `{}`: {fault}", link.line, link.target));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_of_the_book_is_in_its_table_of_contents() {
    let book = root().join("docs/src");
    let summary = book.join("SUMMARY.md");
    let listed: Vec<PathBuf> = links(&read(&summary))
        .iter()
        .map(|link| book.join(link.target.trim_start_matches("./")))
        .collect();
    let left_out: Vec<_> = files_below(&book, ".md")
        .into_iter()
        .filter(|page| *page != summary && !listed.contains(page))
        .map(|page| relative(&page))
        .collect();
    assert!(left_out.is_empty(), "not in SUMMARY.md: {left_out:?}");
}
