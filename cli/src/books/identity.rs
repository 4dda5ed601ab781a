//! Ids that follow from what the books say, so that importing the same books again changes
//! nothing.
//!
//! A transaction is named by its content and, where several are equal, by its place among them.
//! So a file may grow at any point, be split or be renamed without anything being posted twice.
//! Leaves out on purpose: the file's name, and the numbers that hledger gives to transactions,
//! which change whenever one is inserted.

use std::collections::HashMap;

use ledger_client::id_from_reference;
use ledger_core::{AccountId, GroupId, LedgerId, TransferId};

use crate::books::transaction::Transaction;

/// Accounts are named by a reference that people can write: `ref:Assets:Cash USD`.
pub(crate) const ACCOUNT_NAMESPACE: &str = "account";
const LEDGER_NAMESPACE: &str = "pacioli import ledger";
const TRANSACTION_NAMESPACE: &str = "pacioli import transaction";
const LEG_NAMESPACE: &str = "pacioli import leg";

/// The id of an account of the books in one commodity.
pub(crate) fn account_id(account: &str, commodity: &str) -> AccountId {
    let reference = format!("{account} {commodity}");
    AccountId::new(id_from_reference(ACCOUNT_NAMESPACE, &reference))
}

/// The id of a commodity's ledger: the first of its candidates that is not taken.
pub(crate) fn ledger_id(commodity: &str, is_taken: impl Fn(LedgerId) -> bool) -> LedgerId {
    (0u32..)
        .map(|attempt| id_from_reference(LEDGER_NAMESPACE, &format!("{commodity} {attempt}")))
        .map(|id| LedgerId::new((id >> 96) as u32))
        .find(|&id| !id.is_zero() && !is_taken(id))
        .expect("far fewer than 2^32 ledgers are registered")
}

/// Tells equal transactions apart by their place among each other.
#[derive(Default)]
pub(crate) struct Identities {
    seen: HashMap<u128, u32>,
}

/// What the ids of one transaction are derived from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Identity(u128);

impl Identities {
    /// The identity of the next transaction of the books.
    pub(crate) fn next(&mut self, transaction: &Transaction) -> Identity {
        let content = content(transaction);
        let first = id_from_reference(TRANSACTION_NAMESPACE, &content);
        let place = self.seen.entry(first).or_insert(0);
        *place += 1;
        let named = format!("{place}{SEPARATOR}{content}");
        Identity(id_from_reference(TRANSACTION_NAMESPACE, &named))
    }
}

impl Identity {
    /// The id that ties the legs together.
    pub(crate) fn group_id(self) -> GroupId {
        GroupId::new(self.0)
    }

    /// The id of one leg.
    pub(crate) fn transfer_id(self, leg: usize) -> TransferId {
        let named = format!("{:032x}{SEPARATOR}{leg}", self.0);
        TransferId::new(id_from_reference(LEG_NAMESPACE, &named))
    }
}

/// The id that the `leg`th transfer of a group has if the group is a transaction that was imported.
/// No other transfer has it, so it tells what was imported.
pub(crate) fn imported_leg(group: GroupId, leg: usize) -> TransferId {
    Identity(group.get()).transfer_id(leg)
}

const SEPARATOR: char = '\u{1f}';

/// All that a transaction says, in one way only: each text goes with its length.
fn content(transaction: &Transaction) -> String {
    let mut content = transaction.date.yyyymmdd().to_string();
    let mut push = |text: &str| {
        content.push(SEPARATOR);
        content.push_str(&text.len().to_string());
        content.push(SEPARATOR);
        content.push_str(text);
    };
    push(&transaction.description);
    for posting in &transaction.postings {
        push(&posting.account);
        push(&posting.quantity.canonical_text());
        push(&posting.commodity);
    }
    content
}
