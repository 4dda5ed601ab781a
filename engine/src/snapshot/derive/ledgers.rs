//! The ledgers, twice: by what moved in them, and by what their accounts have.

use std::collections::BTreeMap;

use ledger_core::{Account, Amount, Ledger, LedgerId, NewLedger, Sum};

use super::error::Difference;
use super::net::{Moved, Movement, Net};

/// One ledger.
struct Book {
    ledger: Ledger,
    /// By the events.
    moved: Movement,
    /// By the accounts after the events.
    accounts: Movement,
    account_count: u64,
    /// By the open holds after the events.
    reserved: Net,
}

/// All ledgers.
#[derive(Default)]
pub(super) struct Ledgers {
    books: BTreeMap<LedgerId, Book>,
    /// What the newest events moved, all in one ledger, and how many transfers they are: neighbours
    /// mostly share a ledger.
    newest: (LedgerId, Moved, u64),
}

impl Ledgers {
    /// Takes a ledger as it was.
    pub(super) fn insert(&mut self, ledger: Ledger) {
        let sums = [
            ledger.debits_pending,
            ledger.debits_posted,
            ledger.credits_pending,
            ledger.credits_posted,
        ];
        let id = ledger.id;
        let mut book = Book::new(ledger);
        book.moved = Movement::from_sides(sums.map(Net::from));
        self.books.insert(id, book);
    }

    fn of(&mut self, id: LedgerId) -> &mut Book {
        self.books
            .entry(id)
            .or_insert_with(|| Book::new(Ledger::new(id)))
    }

    pub(super) fn register(&mut self, registered: &NewLedger) {
        let ledger = &mut self.of(registered.id).ledger;
        ledger.code = registered.code.clone();
        ledger.scale = registered.scale;
    }

    pub(super) fn create_account(&mut self, id: LedgerId) {
        self.of(id).ledger.accounts += 1;
    }

    /// An event moves amounts between two accounts.
    pub(super) fn transfer(&mut self, id: LedgerId, moved: &Moved, transfers: u64) {
        if self.newest.0 != id {
            self.book_newest();
            self.newest.0 = id;
        }
        self.newest.1.join(moved);
        self.newest.2 += transfers;
    }

    fn book_newest(&mut self) {
        let (id, moved, transfers) = std::mem::take(&mut self.newest);
        if (moved, transfers) != (Moved::default(), 0) {
            let book = self.of(id);
            book.moved.debit(&moved);
            book.moved.credit(&moved);
            book.ledger.transfers += transfers;
        }
    }

    /// The ledgers after the events, in the order of their ids.
    pub(super) fn finish(&mut self) -> Result<Vec<Ledger>, Difference> {
        self.book_newest();
        let finish = |(&id, book): (&LedgerId, &mut Book)| {
            let sum = |net: Net| net.sum().ok_or(Difference::LedgerDiffers(id));
            let ledger = &mut book.ledger;
            ledger.debits_pending = sum(book.moved.debits_pending)?;
            ledger.debits_posted = sum(book.moved.debits_posted)?;
            ledger.credits_pending = sum(book.moved.credits_pending)?;
            ledger.credits_posted = sum(book.moved.credits_posted)?;
            Ok(ledger.clone())
        };
        self.books.iter_mut().map(finish).collect()
    }

    /// Counts in an account as it is after the events.
    pub(super) fn count_account(&mut self, account: &Account) {
        let book = self.of(account.ledger);
        book.accounts.add(&account.totals);
        book.account_count += 1;
    }

    /// Counts in what is left of an open hold.
    pub(super) fn count_hold(&mut self, id: LedgerId, rest: Amount) {
        self.of(id).reserved.add(rest);
    }

    /// Compares what moved with what the accounts have, and debits with credits.
    pub(super) fn check(&self) -> Result<(), Difference> {
        for (&ledger, book) in &self.books {
            let by_accounts = &book.accounts;
            if book.moved != *by_accounts || book.account_count != book.ledger.accounts {
                return Err(Difference::LedgerDiffers(ledger));
            }
            let sides = [
                (by_accounts.debits_pending, by_accounts.credits_pending),
                (by_accounts.debits_posted, by_accounts.credits_posted),
            ];
            for (debits, credits) in sides {
                if debits != credits {
                    return Err(Difference::Unbalanced {
                        ledger,
                        debits: debits.sum().unwrap_or(Sum::ZERO),
                        credits: credits.sum().unwrap_or(Sum::ZERO),
                    });
                }
            }
            if book.reserved != by_accounts.debits_pending {
                return Err(Difference::HoldsDiffer(ledger));
            }
        }
        Ok(())
    }
}

impl Book {
    fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            moved: Movement::default(),
            accounts: Movement::default(),
            account_count: 0,
            reserved: Net::default(),
        }
    }
}
