//! Names that Beancount takes for accounts and commodities.
//!
//! A Beancount account begins with one of five roots and has at least two parts, each of letters,
//! digits and hyphens and beginning with a capital letter or a digit; a commodity is of capital
//! letters, digits and a few marks. Names that are not so are changed as little as possible, and
//! no two names become the same. The names that were changed are written as metadata
//! (`pacioli-account`, `pacioli-code`), which `pacioli import` reads.

use std::collections::{HashMap, HashSet};

use ledger_core::AccountFlags;

use crate::exporting::account_book::{AccountBook, BookAccount};
use crate::exporting::names::Names;
use crate::id_text::ShownId;

/// The roots, and what books with other words call them.
const ROOTS: [(&str, [&str; 3]); 5] = [
    ("Assets", ["assets", "asset", ""]),
    ("Liabilities", ["liabilities", "liability", ""]),
    ("Equity", ["equity", "", ""]),
    ("Income", ["income", "revenues", "revenue"]),
    ("Expenses", ["expenses", "expense", ""]),
];

/// The longest commodity that every version of Beancount takes, in characters.
const COMMODITY_CHARS_MAX: usize = 24;

/// Accounts by the name that they have elsewhere.
#[derive(Debug)]
pub(crate) struct AccountNames(HashMap<Box<str>, Box<str>>);

impl AccountNames {
    /// Finds a name for every one of `names`.
    pub(crate) fn new(book: &AccountBook, names: &Names) -> Self {
        let mut found: HashMap<Box<str>, Box<str>> = HashMap::new();
        let mut taken: HashSet<Box<str>> = HashSet::new();
        let accounts = || book.accounts().iter().enumerate();
        // Names that can stay as they are come first, so that none of them has to give way.
        for (at, _) in accounts() {
            let name = names.at(at);
            if is_account(name) && taken.insert(name.into()) {
                found.insert(name.into(), name.into());
            }
        }
        for (at, account) in accounts() {
            let name = names.at(at);
            if found.contains_key(name) {
                continue;
            }
            let mut changed = account_from(name, account);
            while !taken.insert(changed.as_str().into()) {
                let id = ShownId(account.id.get()).to_string();
                changed = format!("{changed}:{}", part_from(&id));
            }
            found.insert(name.into(), changed.into());
        }
        Self(found)
    }

    /// The account of a name.
    pub(crate) fn of(&self, name: &str) -> &str {
        &self.0[name]
    }
}

/// Commodities by the code that they have elsewhere.
#[derive(Debug)]
pub(crate) struct CommodityNames(HashMap<Box<str>, Box<str>>);

impl CommodityNames {
    /// Finds a commodity for every ledger of the book.
    pub(crate) fn new(book: &AccountBook) -> Self {
        let mut found: HashMap<Box<str>, Box<str>> = HashMap::new();
        let mut taken: HashSet<Box<str>> = HashSet::new();
        let ledgers = book.ledgers();
        let codes = || ledgers.iter().map(|ledger| &*book.commodity(*ledger).text);
        for code in codes().filter(|code| is_commodity(code)) {
            taken.insert(code.into());
            found.insert(code.into(), code.into());
        }
        for code in codes() {
            if found.contains_key(code) {
                continue;
            }
            let base = commodity_from(code);
            let numbered = (2u32..).map(|number| {
                let number = format!("-{number}");
                let kept = COMMODITY_CHARS_MAX - number.len();
                let base: String = base.chars().take(kept).collect();
                format!("{base}{number}")
            });
            let mut candidates = std::iter::once(base.clone()).chain(numbered);
            let free = candidates.find(|candidate| !taken.contains(candidate.as_str()));
            let chosen: Box<str> = free.expect("numbers do not end").into();
            taken.insert(chosen.clone());
            found.insert(code.into(), chosen);
        }
        Self(found)
    }

    /// The commodity of a code.
    pub(crate) fn of(&self, code: &str) -> &str {
        &self.0[code]
    }
}

/// A letter that both Beancount and our importer take for one. Scripts without capital letters
/// are left out: a part cannot begin with them.
fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphabetic()
        || (letter.is_alphabetic()
            && matches!(letter, '\u{c0}'..='\u{24f}' | '\u{386}'..='\u{3ff}' | '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}'))
}

fn begins_part(letter: char) -> bool {
    letter.is_ascii_digit() || (is_letter(letter) && letter.is_uppercase())
}

fn continues_part(letter: char) -> bool {
    letter.is_ascii_digit() || letter == '-' || is_letter(letter)
}

fn is_part(part: &str) -> bool {
    part.starts_with(begins_part) && part.chars().all(continues_part)
}

fn is_account(name: &str) -> bool {
    let Some((root, rest)) = name.split_once(':') else {
        return false;
    };
    ROOTS.iter().any(|(known, _)| root == *known) && rest.split(':').all(is_part)
}

/// A part of an account's name, changed where it must be.
fn part_from(text: &str) -> String {
    let mut part: String = text
        .trim()
        .chars()
        .map(|letter| match continues_part(letter) {
            true => letter,
            false => '-',
        })
        .collect();
    let capital = part.chars().next().map(|first| {
        let mut upper = first.to_uppercase();
        (
            first.len_utf8(),
            upper.next().filter(|_| upper.next().is_none()),
        )
    });
    match capital {
        Some((length, Some(upper))) if begins_part(upper) => {
            part.replace_range(..length, upper.encode_utf8(&mut [0; 4]));
        }
        _ => part.insert(0, 'X'),
    }
    part
}

fn account_from(name: &str, account: &BookAccount) -> String {
    let parts: Vec<&str> = name.split(':').filter(|part| !part.is_empty()).collect();
    let root_of = |word: &str| {
        let word = word.to_lowercase();
        let mut known = ROOTS.iter();
        known
            .find(|(_, words)| !word.is_empty() && words.contains(&word.as_str()))
            .map(|(root, _)| *root)
    };
    let (root, rest) = match parts.split_first() {
        Some((first, rest)) if !rest.is_empty() => match root_of(first) {
            Some(root) => (root, rest),
            None => (root_by_flags(account), parts.as_slice()),
        },
        Some((first, _)) => (
            root_of(first).unwrap_or(root_by_flags(account)),
            parts.as_slice(),
        ),
        None => (root_by_flags(account), parts.as_slice()),
    };
    let mut text = root.to_owned();
    for part in rest {
        text.push(':');
        text.push_str(&part_from(part));
    }
    if rest.is_empty() {
        text.push(':');
        text.push_str(&part_from(&ShownId(account.id.get()).to_string()));
    }
    text
}

/// Where an account belongs whose name does not say it: what must not be overdrawn is owed to its
/// owner, what must not go below nothing on the debit side is had.
fn root_by_flags(account: &BookAccount) -> &'static str {
    if account
        .flags
        .contains(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS)
    {
        "Liabilities"
    } else if account
        .flags
        .contains(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)
    {
        "Assets"
    } else {
        "Equity"
    }
}

fn is_commodity(code: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"'._-".contains(&byte);
    code.len() <= COMMODITY_CHARS_MAX
        && code.starts_with(|first: char| first.is_ascii_uppercase())
        && code.ends_with(|last: char| last.is_ascii_uppercase() || last.is_ascii_digit())
        && code.bytes().all(allowed)
}

fn commodity_from(code: &str) -> String {
    let upper = code.to_uppercase();
    let letters = upper.chars().map(|letter| match letter {
        'A'..='Z' | '0'..='9' | '\'' | '.' | '_' | '-' => letter,
        _ => '-',
    });
    let text: String = letters.collect();
    let text = text.trim_matches(['-', '.', '_', '\'']);
    let begins = text.starts_with(|first: char| first.is_ascii_uppercase());
    let prefix = if begins { "" } else { "LEDGER-" };
    let whole: String = prefix
        .chars()
        .chain(text.chars())
        .take(COMMODITY_CHARS_MAX)
        .collect();
    let whole = whole.trim_end_matches(['-', '.', '_', '\'']);
    whole.to_owned()
}

#[cfg(test)]
mod tests;
