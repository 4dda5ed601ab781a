//! Writing the books of a database in the forms that other tools read.
//!
//! [`books`] puts the transfers that moved value together into transactions, [`names`] and
//! [`beancount_names`] give every account and ledger a name that the other tool takes and that
//! means one thing only, a writer for each form writes them, and [`proof`] adds up what was
//! written and compares it with the balances.
//!
//! Absent on purpose: what is reserved. It is no part of posted balances; `jsonl` alone tells of it.

pub(crate) mod account_book;
pub(crate) mod beancount;
mod beancount_names;
pub(crate) mod books;
#[cfg(test)]
mod example;
pub(crate) mod jsonl;
pub(crate) mod names;
pub(crate) mod postings_csv;
pub(crate) mod proof;
