//! Rust sources as words of code, without comments and literals.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{files_below, relative};

/// One source file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// An identifier, a keyword or a single sign of the code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word<'s> {
    /// The line, from 1.
    pub line: usize,
    /// The word itself.
    pub text: &'s str,
}

/// All Rust sources below `folder`.
///
/// # Panics
/// If one cannot be read.
#[must_use]
pub fn sources_below(folder: &Path) -> Vec<Source> {
    files_below(folder, ".rs")
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|e| panic!("reading {}: {e}", relative(&path)));
            Source { path, text }
        })
        .collect()
}

impl Source {
    /// Whether this file holds tests only: `tests.rs`, or anything in a folder `tests` of its
    /// package. The packages in the top folder `tests` are packages like any other.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let path = relative(&self.path);
        let path = path.strip_prefix("tests/").unwrap_or(&path);
        path.ends_with("/tests.rs") || path.contains("/tests/")
    }

    /// The words of the code, in order.
    #[must_use]
    pub fn words(&self) -> Vec<Word<'_>> {
        let mut words = Vec::new();
        let mut rest = self.text.as_str();
        let mut line = 1;
        while let Some(first) = rest.chars().next() {
            let (length, is_code) = lexeme(rest, first);
            let (text, after) = rest.split_at(length);
            if is_code {
                words.push(Word { line, text });
            }
            line += text.matches('\n').count();
            rest = after;
        }
        words
    }

    /// The first line that uses the identifier or keyword.
    #[must_use]
    pub fn line_of(&self, identifier: &str) -> Option<usize> {
        self.words()
            .iter()
            .find(|word| word.text == identifier)
            .map(|word| word.line)
    }

    /// The first line on which these words follow each other, whatever the spaces between them.
    #[must_use]
    pub fn line_of_phrase(&self, phrase: &[&str]) -> Option<usize> {
        self.words()
            .windows(phrase.len())
            .find(|window| {
                window
                    .iter()
                    .map(|word| word.text)
                    .eq(phrase.iter().copied())
            })
            .map(|window| window[0].line)
    }
}

/// The length of what `rest` begins with, and whether it is code.
fn lexeme(rest: &str, first: char) -> (usize, bool) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), false);
    }
    if let Some(length) = raw_string(rest) {
        return (length, false);
    }
    if first == '"' || rest.starts_with("b\"") || rest.starts_with("c\"") {
        return (quoted(rest, '"'), false);
    }
    if rest.starts_with("b'") || (first == '\'' && is_character_literal(rest)) {
        return (quoted(rest, '\''), false);
    }
    if is_identifier(first) {
        let length = rest.find(|c| !is_identifier(c)).unwrap_or(rest.len());
        return (length, true);
    }
    (first.len_utf8(), !first.is_whitespace())
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A block comment with those inside it.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < rest.len() {
        let tail = &rest.as_bytes()[at..];
        if tail.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, `br"…"`, `cr"…"`.
fn raw_string(rest: &str) -> Option<usize> {
    let start = ["br", "cr", "r"]
        .into_iter()
        .find_map(|prefix| rest.strip_prefix(prefix))?;
    let body = start.trim_start_matches('#');
    let fence = start.len() - body.len();
    let body = body.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(fence));
    let inside = body.find(&end).unwrap_or(body.len());
    Some((rest.len() - body.len() + inside + end.len()).min(rest.len()))
}

/// A literal between quotes, its prefix included, with backslash escapes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip_while(|&(_, c)| c != quote).skip(1);
    while let Some((at, c)) = characters.next() {
        if c == '\\' {
            characters.next();
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

/// Tells `'x'` and `'\n'` from the lifetime `'x`.
fn is_character_literal(rest: &str) -> bool {
    let mut characters = rest.chars().skip(1);
    match characters.next() {
        Some('\\') => true,
        Some(_) => characters.next() == Some('\''),
        None => false,
    }
}

#[cfg(test)]
mod tests;
