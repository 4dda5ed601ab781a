//! Books of a few accounts, for the tests of the writers.

use ledger_client::{TransferRecord, TransferState};
use ledger_core::{
    AccountFlags, AccountId, Amount, Ledger, LedgerId, Sequence, Sum, Timestamp, Totals, Transfer,
    TransferId,
};

use crate::exporting::account_book::{AccountBook, BookAccount};
use crate::exporting::books::{BookTransaction, Gathering};

/// Euros, with two decimals.
pub(crate) const EUR: LedgerId = LedgerId::new(1);
/// A ledger with a code that Beancount does not take, without decimals.
pub(crate) const POINTS: LedgerId = LedgerId::new(2);
/// A ledger that nobody registered.
pub(crate) const UNREGISTERED: LedgerId = LedgerId::new(77);

/// 2026-11-22 20:00:00 UTC, in nanoseconds.
const EVENING: u64 = 1_795_377_600_000_000_000;

/// An account that has nothing.
pub(crate) fn account(id: u128, ledger: LedgerId, name: &str) -> BookAccount {
    BookAccount {
        id: AccountId::new(id),
        ledger,
        name: name.into(),
        code: 1,
        flags: AccountFlags::NONE,
        totals: Totals::ZERO,
    }
}

/// A ledger with a code.
pub(crate) fn ledger(id: LedgerId, code: &str, scale: u32) -> Ledger {
    Ledger {
        id,
        code: code.into(),
        scale,
        debits_posted: Sum::ZERO,
        credits_posted: Sum::ZERO,
        debits_pending: Sum::ZERO,
        credits_pending: Sum::ZERO,
        accounts: 0,
        transfers: 0,
    }
}

/// A book of accounts in the ledgers above.
pub(crate) fn book(accounts: Vec<BookAccount>) -> AccountBook {
    let ledgers = [ledger(EUR, "EUR", 2), ledger(POINTS, "loyalty points", 0)];
    AccountBook::new(accounts, &ledgers)
}

/// A transfer as it was recorded; its sequence is its id.
pub(crate) fn moved(
    id: u64,
    debit: u128,
    credit: u128,
    amount: u128,
    reference: &str,
) -> TransferRecord {
    recorded(
        Transfer {
            id: TransferId::new(id.into()),
            debit_account_id: AccountId::new(debit),
            credit_account_id: AccountId::new(credit),
            amount: Amount::new(amount),
            ledger: EUR,
            code: 1,
            reference: reference.into(),
            timestamp: Timestamp::new(EVENING + id),
            ..Transfer::default()
        },
        id,
    )
}

/// A transfer at a position of the journal.
pub(crate) fn recorded(transfer: Transfer, sequence: u64) -> TransferRecord {
    TransferRecord {
        transfer,
        state: TransferState::Posted,
        posted: Amount::ZERO,
        released: Amount::ZERO,
        reversed: Amount::ZERO,
        sequence: Sequence::new(sequence),
        time: Timestamp::new(EVENING + sequence),
        act_sequence: Sequence::ZERO,
    }
}

/// The transactions that transfers come to.
pub(crate) fn gathered(records: &[TransferRecord]) -> Vec<BookTransaction> {
    let mut gathering = Gathering::default();
    let mut transactions: Vec<BookTransaction> = records
        .iter()
        .filter_map(|record| gathering.take(record))
        .collect();
    transactions.extend(gathering.finish());
    transactions
}
