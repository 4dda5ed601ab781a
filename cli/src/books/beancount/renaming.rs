//! What accounts and commodities are called that Beancount would not take as they are.
//!
//! `pacioli export` writes their names as metadata of `open` and `commodity`; an import goes by
//! them, so that books come back under the names that they had.

use std::collections::HashMap;

use crate::books::beancount::strings::read_string;
use crate::books::transaction::Transaction;

/// Metadata of an `open` whose account is called otherwise.
pub(crate) const ACCOUNT_KEY: &str = "pacioli-account";
/// Metadata of a `commodity` that is called otherwise.
pub(crate) const CODE_KEY: &str = "pacioli-code";

/// What is named by the directive that is being read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Named {
    /// An account.
    Account(String),
    /// A commodity.
    Commodity(String),
}

impl Named {
    /// What a line at the margin names, if it is an `open` or a `commodity`.
    pub(super) fn by(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().skip(1);
        let (directive, name) = (words.next()?, words.next()?);
        match directive {
            "open" => Some(Self::Account(name.to_owned())),
            "commodity" => Some(Self::Commodity(name.to_owned())),
            _ => None,
        }
    }
}

/// Names by those that Beancount has.
#[derive(Default, Debug)]
pub(super) struct Renaming {
    accounts: HashMap<String, String>,
    commodities: HashMap<String, String>,
}

impl Renaming {
    /// Takes note of a line of metadata.
    pub(super) fn note(&mut self, named: &Named, metadata: &str) {
        let Some((key, value)) = metadata.split_once(':') else {
            return;
        };
        let (names, name) = match (named, key) {
            (Named::Account(name), ACCOUNT_KEY) => (&mut self.accounts, name),
            (Named::Commodity(name), CODE_KEY) => (&mut self.commodities, name),
            _ => return,
        };
        if let Some((called, _)) = read_string(value.trim_start()) {
            names.insert(name.clone(), called);
        }
    }

    /// Takes over what another file of the same books says.
    pub(super) fn extend(&mut self, other: Self) {
        self.accounts.extend(other.accounts);
        self.commodities.extend(other.commodities);
    }

    /// Gives the accounts and commodities of transactions their names.
    pub(super) fn apply(&self, transactions: &mut [Transaction]) {
        for posting in transactions.iter_mut().flat_map(|one| &mut one.postings) {
            if let Some(name) = self.accounts.get(&posting.account) {
                posting.account.clone_from(name);
            }
            if let Some(code) = self.commodities.get(&posting.commodity) {
                posting.commodity.clone_from(code);
            }
        }
    }
}
