//! Transfers as transactions of books.
//!
//! Only what moved value is told: single-phase transfers, posts and reversals. Transfers of one
//! group that follow directly upon one another, with the same day and description, are one
//! transaction, which is what an import made of it; others are one transaction each. The postings
//! of an account in such a transaction are added up, but never a debit with a credit: the totals
//! of both sides stay what they are.

use ledger_client::{TransferRecord, TransferState};
use ledger_core::{
    AccountId, Amount, GroupId, LedgerId, Sequence, Timestamp, Transfer, TransferFlags, TransferId,
};

use crate::books::identity::imported_leg;
use crate::books::plan::CHAIN_TRANSFERS_MAX;
use crate::books::transaction::Date;
use crate::moment_text::moment_text;

/// What a posting adds to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// The account's debits.
    Debit,
    /// The account's credits.
    Credit,
}

/// A change of one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BookPosting {
    /// The account.
    pub(crate) account: AccountId,
    /// Its ledger.
    pub(crate) ledger: LedgerId,
    /// Whether it is debited or credited.
    pub(crate) side: Side,
    /// By how much.
    pub(crate) amount: Amount,
    /// The transfers that it comes from.
    pub(crate) transfers: Vec<TransferId>,
}

/// Postings that belong together and add up to nothing in every ledger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BookTransaction {
    /// The day in the books: the day that was imported, else that of the journal's time in UTC.
    pub(crate) date: Date,
    /// The references of its transfers, which are all the same.
    pub(crate) description: Box<str>,
    /// When its first transfer was made, in the journal's time.
    pub(crate) time: Timestamp,
    /// The position of its first transfer in the journal.
    pub(crate) sequence: Sequence,
    /// The group of its transfers; zero if there is none.
    pub(crate) group: GroupId,
    /// The codes of its transfers, each once.
    pub(crate) codes: Vec<u16>,
    /// In the order of its transfers, debits before credits.
    pub(crate) postings: Vec<BookPosting>,
    last: Sequence,
    legs: usize,
}

impl BookTransaction {
    /// The transfer that it consists of, unless there are several.
    pub(crate) fn only_transfer(&self) -> Option<TransferId> {
        let first = self.postings.first()?;
        (self.legs == 1).then(|| first.transfers[0])
    }

    fn new(record: &TransferRecord, date: Date) -> Self {
        let transfer = &record.transfer;
        let mut transaction = Self {
            date,
            description: transfer.reference.clone(),
            time: transfer.timestamp,
            sequence: record.sequence,
            group: transfer.group_id,
            codes: Vec::new(),
            postings: Vec::new(),
            last: record.sequence,
            legs: 0,
        };
        transaction.add(record);
        transaction
    }

    /// Whether a transfer is a further part of this transaction.
    fn takes(&self, record: &TransferRecord, date: Date) -> bool {
        let transfer = &record.transfer;
        let is_on = |account, side| {
            let mut postings = self.postings.iter();
            postings.any(|posting| posting.account == account && posting.side == side)
        };
        self.goes_on_with(record)
            && self.description == transfer.reference
            && self.date == date
            && self.postings.len() + 2 <= CHAIN_TRANSFERS_MAX
            && !is_on(transfer.debit_account_id, Side::Credit)
            && !is_on(transfer.credit_account_id, Side::Debit)
    }

    /// Whether a transfer of the same group follows directly.
    fn goes_on_with(&self, record: &TransferRecord) -> bool {
        !self.group.is_zero()
            && self.group == record.transfer.group_id
            && record.sequence.get() == self.last.get() + 1
    }

    fn add(&mut self, record: &TransferRecord) {
        let transfer = &record.transfer;
        self.last = record.sequence;
        self.legs += 1;
        if !self.codes.contains(&transfer.code) {
            self.codes.push(transfer.code);
        }
        self.post(transfer, transfer.debit_account_id, Side::Debit);
        self.post(transfer, transfer.credit_account_id, Side::Credit);
    }

    fn post(&mut self, transfer: &Transfer, account: AccountId, side: Side) {
        let mut same = self.postings.iter_mut();
        let same = same.find(|posting| posting.account == account && posting.side == side);
        // A sum that 128 bits do not hold is written as two postings.
        let sum = same.and_then(|posting| {
            let amount = posting.amount.checked_add(transfer.amount)?;
            Some((posting, amount))
        });
        match sum {
            Some((posting, amount)) => {
                posting.amount = amount;
                posting.transfers.push(transfer.id);
            }
            None => self.postings.push(BookPosting {
                account,
                ledger: transfer.ledger,
                side,
                amount: transfer.amount,
                transfers: vec![transfer.id],
            }),
        }
    }
}

/// Puts transfers together as they come, in the order of the journal.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    open: Option<BookTransaction>,
    /// The place of the newest transfer in its group.
    leg: usize,
}

impl Gathering {
    /// Takes the next transfer, and gives the transaction that is complete by it.
    pub(crate) fn take(&mut self, record: &TransferRecord) -> Option<BookTransaction> {
        if !moves_value(record) {
            return None;
        }
        self.leg = match &self.open {
            Some(open) if open.goes_on_with(record) => self.leg + 1,
            _ => 0,
        };
        let date = date(&record.transfer, self.leg);
        match &mut self.open {
            Some(open) if open.takes(record, date) => {
                open.add(record);
                None
            }
            open => open.replace(BookTransaction::new(record, date)),
        }
    }

    /// Gives the last transaction.
    pub(crate) fn finish(self) -> Option<BookTransaction> {
        self.open
    }
}

/// Whether posted totals changed by it.
fn moves_value(record: &TransferRecord) -> bool {
    let reserves_or_releases = TransferFlags::PENDING.with(TransferFlags::VOID_PENDING_TRANSFER);
    record.state != TransferState::Fenced && !record.transfer.flags.intersects(reserves_or_releases)
}

/// The day in the books of a transfer that is the `leg`th of its group.
fn date(transfer: &Transfer, leg: usize) -> Date {
    let imported = (imported_leg(transfer.group_id, leg) == transfer.id)
        .then(|| u32::try_from(transfer.user_data_64).ok())
        .flatten()
        .and_then(Date::from_yyyymmdd);
    imported.unwrap_or_else(|| {
        let moment = moment_text(transfer.timestamp);
        let day = moment.get(..10).and_then(Date::parse);
        day.expect("a moment of the journal begins with its day")
    })
}

#[cfg(test)]
mod tests;
