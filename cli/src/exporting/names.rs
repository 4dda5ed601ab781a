//! What accounts are called in the books.
//!
//! In books a name and a commodity mean one account, here an id does. So a name that several
//! accounts of one ledger have is written with the id as a sub-account: `Cash:7` and `Cash:12`
//! add up under `Cash`, and none of them is taken for the other. An account without a name is
//! called by its id, as in the trial balance.

use std::collections::HashMap;

use ledger_core::LedgerId;

use crate::exporting::account_book::{AccountBook, BookAccount};
use crate::id_text::ShownId;

/// The name of every account, by its position in the [`AccountBook`]. Within a ledger no two are
/// the same.
#[derive(Debug)]
pub(crate) struct Names(Vec<Box<str>>);

impl Names {
    /// Names the accounts of a book.
    pub(crate) fn new(book: &AccountBook) -> Self {
        let mut claims: HashMap<(LedgerId, &str), u32> = HashMap::new();
        for account in book.accounts() {
            *claims.entry((account.ledger, &account.name)).or_insert(0) += 1;
        }
        let name = |account: &BookAccount| {
            let id = ShownId(account.id.get()).to_string();
            let is_alone = |name: &str| !claims.contains_key(&(account.ledger, name));
            let mut name = if account.name.is_empty() {
                id.clone()
            } else if claims[&(account.ledger, &*account.name)] == 1 {
                return account.name.clone();
            } else {
                format!("{}:{id}", account.name)
            };
            // Somebody may have called an account just that.
            while !is_alone(&name) {
                name = format!("{name}:{id}");
            }
            name.into()
        };
        Self(book.accounts().iter().map(name).collect())
    }

    /// The name of the account at a position of the book.
    pub(crate) fn at(&self, position: usize) -> &str {
        &self.0[position]
    }
}

#[cfg(test)]
mod tests;
