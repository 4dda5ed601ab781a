//! Cuts a Beancount file into its entries before any of it is parsed.
//!
//! An entry is a line at the margin and the indented lines below it. Kept are the entries that
//! bear on balances: transactions, `balance`, `pad`, `option` and `include`, without their
//! metadata. Every other line must be one that is known to bear on nothing, or on names alone; the
//! rest is reported.

use crate::books::beancount::renaming::{Named, Renaming};
use crate::books::beancount::strings::take_strings;

/// What a file consists of.
#[derive(Default, Debug)]
pub(crate) struct Scan {
    /// The entries that bear on balances.
    pub(crate) entries: Vec<Entry>,
    /// Lines of plugins.
    pub(crate) plugins: Vec<u64>,
    /// Lines that are nothing known.
    pub(crate) not_understood: Vec<u64>,
    /// Names that accounts and commodities have elsewhere.
    pub(super) renaming: Renaming,
}

/// The text of one entry, alone.
#[derive(Default, Debug)]
pub(crate) struct Entry {
    /// Its first line, from 1.
    pub(crate) line: u64,
    /// Its indented lines, metadata and comments left out.
    pub(crate) posting_lines: Vec<u64>,
    /// All of it, each line ended. The strings in the head of a transaction are numbers.
    pub(crate) text: String,
    /// The strings that the numbers stand for.
    pub(crate) strings: Vec<String>,
}

/// What a line at the margin begins.
enum Head {
    Transaction,
    Entry,
    Plugin,
    Passed,
    NotUnderstood,
}

/// Directives that change no balance.
const PASSED_DIRECTIVES: [&str; 9] = [
    "open",
    "close",
    "commodity",
    "price",
    "event",
    "note",
    "document",
    "query",
    "custom",
];
/// Directives that do, besides transactions.
const KEPT_DIRECTIVES: [&str; 2] = ["balance", "pad"];
/// Flags of transactions.
const FLAGS: &str = "*!&#?%PSTCURM";
/// What begins a heading or a remark at the margin.
const REMARKS: &str = ";*:#!&?%";

/// Cuts `text` into entries.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    // Whether indented lines belong to the newest entry, or to something that was passed over.
    let mut in_entry = false;
    let mut named = None;
    for (line, lines) in logical_lines(text.trim_start_matches('\u{feff}')) {
        let first = lines.trim_end();
        let content = first.trim_start();
        if content.is_empty() || content.starts_with(';') {
            continue;
        }
        if content.len() < first.len() {
            if let Some(entry) = scan.entries.last_mut().filter(|_| in_entry)
                && !is_metadata(content)
            {
                entry.posting_lines.push(line);
                entry.text.push_str(first);
                entry.text.push('\n');
            }
            if let Some(named) = &named {
                scan.renaming.note(named, content);
            }
            continue;
        }
        let head = head(first);
        in_entry = matches!(head, Head::Transaction | Head::Entry);
        named = None;
        match head {
            Head::Transaction => {
                let (left, strings) = take_strings(first);
                scan.entries.push(Entry {
                    line,
                    text: format!("{left}\n"),
                    strings,
                    ..Entry::default()
                });
            }
            Head::Entry => scan.entries.push(Entry {
                line,
                text: format!("{first}\n"),
                ..Entry::default()
            }),
            Head::Plugin => scan.plugins.push(line),
            Head::Passed => named = Named::by(first),
            Head::NotUnderstood => scan.not_understood.push(line),
        }
    }
    scan
}

/// Lines with their numbers; a string that goes on over several lines keeps them together.
fn logical_lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut rest = text;
    let mut next_line = 1;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = logical_end(rest);
        let (lines, after) = rest.split_at(end);
        rest = after;
        let line = next_line;
        next_line += lines.matches('\n').count() as u64;
        Some((line, lines))
    })
}

/// The end of the first logical line of `text`, its line feed included.
fn logical_end(text: &str) -> usize {
    let mut in_string = false;
    let mut in_comment = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' if !in_string => return at + 1,
            _ if in_comment => {}
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b';' if !in_string => in_comment = true,
            _ => {}
        }
    }
    if in_string {
        // The string never ends. Only its first line is to blame, not the rest of the file.
        return text.find('\n').map_or(text.len(), |at| at + 1);
    }
    text.len()
}

fn head(line: &str) -> Head {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    if first.starts_with(|digit: char| digit.is_ascii_digit()) {
        let directive = words.next().unwrap_or_default();
        let is_flag = directive.len() == 1 && FLAGS.contains(directive);
        return if is_flag || directive == "txn" {
            Head::Transaction
        } else if KEPT_DIRECTIVES.contains(&directive) {
            Head::Entry
        } else if PASSED_DIRECTIVES.contains(&directive) {
            Head::Passed
        } else {
            Head::NotUnderstood
        };
    }
    match first {
        "option" | "include" => Head::Entry,
        "plugin" => Head::Plugin,
        "pushtag" | "poptag" | "pushmeta" | "popmeta" => Head::Passed,
        _ if first.starts_with(|mark| REMARKS.contains(mark)) => Head::Passed,
        _ => Head::NotUnderstood,
    }
}

/// Whether an indented line is `key: value`. `assets:cash` is not, it is an account misspelt.
fn is_metadata(content: &str) -> bool {
    let Some((key, value)) = content.split_once(':') else {
        return false;
    };
    key.starts_with(|first: char| first.is_ascii_lowercase())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && (value.is_empty() || value.starts_with(char::is_whitespace))
}

#[cfg(test)]
mod tests;
