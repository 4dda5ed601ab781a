//! What was exported, added up and compared with the balances.

use ledger_core::{Amount, Sum};

use crate::exporting::account_book::AccountBook;
use crate::exporting::books::{BookTransaction, Side};
use crate::id_text::ShownId;

/// Postings that do not come to what accounts have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "what was exported does not add up: account {} has {side} of {has} units, and its postings come to {exported}; run `pacioli verify` on the data directory",
    ShownId(*.account)
)]
pub(crate) struct Unproven {
    /// The first account that differs.
    pub(crate) account: u128,
    /// `debits` or `credits`.
    pub(crate) side: &'static str,
    /// What the account has.
    pub(crate) has: Amount,
    /// What was exported.
    pub(crate) exported: Sum,
}

/// Sums of what was exported, by account.
#[derive(Debug)]
pub(crate) struct Proof {
    sums: Vec<(Sum, Sum)>,
}

impl Proof {
    /// Nothing exported yet.
    pub(crate) fn new(book: &AccountBook) -> Self {
        Self {
            sums: vec![(Sum::ZERO, Sum::ZERO); book.accounts().len()],
        }
    }

    /// Adds what is exported.
    pub(crate) fn add(&mut self, transaction: &BookTransaction, book: &AccountBook) {
        for posting in &transaction.postings {
            let position = book.position(posting.account);
            let (debits, credits) = &mut self.sums[position.expect("an account of the book")];
            match posting.side {
                Side::Debit => debits.add(posting.amount),
                Side::Credit => credits.add(posting.amount),
            }
        }
    }

    /// Whether every account has what its postings come to.
    pub(crate) fn check(&self, book: &AccountBook) -> Result<(), Unproven> {
        for (account, &(debits, credits)) in book.accounts().iter().zip(&self.sums) {
            let sides = [
                ("debits", account.totals.debits_posted, debits),
                ("credits", account.totals.credits_posted, credits),
            ];
            for (side, has, exported) in sides {
                let mut sum = Sum::ZERO;
                sum.add(has);
                if sum != exported {
                    return Err(Unproven {
                        account: account.id.get(),
                        side,
                        has,
                        exported,
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
