//! The accounts and ledgers of the books that are exported.

use std::collections::HashMap;

use ledger_core::{AccountFlags, AccountId, Ledger, LedgerId, Totals};

/// An account whose books are exported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BookAccount {
    /// Its id.
    pub(crate) id: AccountId,
    /// Its ledger.
    pub(crate) ledger: LedgerId,
    /// What people call it; may be empty, and others may be called the same.
    pub(crate) name: Box<str>,
    /// What kind of account it is, in its owner's terms.
    pub(crate) code: u16,
    /// Its flags.
    pub(crate) flags: AccountFlags,
    /// What it has at the moment up to which the books are exported.
    pub(crate) totals: Totals,
}

/// A ledger as a commodity of the books.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Commodity {
    /// Its code, or its number if it is not registered.
    pub(crate) text: Box<str>,
    /// The decimals of its amounts.
    pub(crate) scale: u32,
}

/// All accounts and the commodities of their ledgers.
#[derive(Debug, Default)]
pub(crate) struct AccountBook {
    accounts: Vec<BookAccount>,
    positions: HashMap<AccountId, usize>,
    commodities: HashMap<LedgerId, Commodity>,
}

impl AccountBook {
    /// The accounts in the order in which they were created.
    pub(crate) fn new(accounts: Vec<BookAccount>, ledgers: &[Ledger]) -> Self {
        let mut commodities: HashMap<LedgerId, Commodity> = HashMap::new();
        for ledger in ledgers.iter().filter(|ledger| !ledger.code.is_empty()) {
            let commodity = Commodity {
                text: ledger.code.clone(),
                scale: ledger.scale,
            };
            commodities.insert(ledger.id, commodity);
        }
        for account in &accounts {
            let unregistered = || Commodity {
                text: account.ledger.to_string().into(),
                scale: 0,
            };
            commodities
                .entry(account.ledger)
                .or_insert_with(unregistered);
        }
        let ids = accounts.iter().enumerate();
        let positions = ids.map(|(at, account)| (account.id, at)).collect();
        Self {
            accounts,
            positions,
            commodities,
        }
    }

    /// The accounts in the order in which they were created.
    pub(crate) fn accounts(&self) -> &[BookAccount] {
        &self.accounts
    }

    /// Where an account is in [`AccountBook::accounts`].
    pub(crate) fn position(&self, id: AccountId) -> Option<usize> {
        self.positions.get(&id).copied()
    }

    /// The commodity of a ledger that accounts have.
    ///
    /// # Panics
    /// If no account has the ledger.
    pub(crate) fn commodity(&self, ledger: LedgerId) -> &Commodity {
        let commodity = self.commodities.get(&ledger);
        commodity.expect("a ledger of an account is a commodity of the books")
    }

    /// The ledgers that accounts have, by id.
    pub(crate) fn ledgers(&self) -> Vec<LedgerId> {
        let mut ledgers: Vec<LedgerId> =
            self.accounts.iter().map(|account| account.ledger).collect();
        ledgers.sort_unstable();
        ledgers.dedup();
        ledgers
    }
}
