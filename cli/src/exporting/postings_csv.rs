//! Postings as `hledger print -O csv` writes them: one row a posting, those of a transaction
//! together and numbered alike. `pacioli import` reads them again; hledger does with the
//! [`RULES`].

use std::io::{self, Write};

use csv::{QuoteStyle, Writer, WriterBuilder};

use crate::amount_text::amount_text;
use crate::exporting::account_book::AccountBook;
use crate::exporting::books::{BookTransaction, Side};
use crate::exporting::names::Names;
use crate::id_text::ShownId;

/// The columns of hledger 1.25, the one of Debian 12.
const COLUMNS: [&str; 14] = [
    "txnidx",
    "date",
    "date2",
    "status",
    "code",
    "description",
    "comment",
    "account",
    "amount",
    "commodity",
    "credit",
    "debit",
    "posting-status",
    "posting-comment",
];

/// How hledger is to read the rows, in the language of its rules files.
///
/// hledger makes a transaction of every row, so a posting is an unbalanced one, in parentheses:
/// what accounts have is the same.
pub(crate) const RULES: &str = "\
# How hledger reads the postings beside this file: each row is one posting of an account.
skip 1
date-format %Y-%m-%d
fields _txnidx, date, _date2, status, code, description, comment, _account, _amount, _commodity, _credit, _debit, _posting_status, comment1
account1 (%_account)
amount1 %_amount \"%_commodity\"
";

/// Writes transactions as rows.
pub(crate) struct PostingsCsv<W: Write> {
    rows: Writer<W>,
    transactions: u64,
}

impl<W: Write> PostingsCsv<W> {
    /// Writes the header.
    pub(crate) fn begin(out: W) -> io::Result<Self> {
        let mut rows = WriterBuilder::new()
            .quote_style(QuoteStyle::Always)
            .from_writer(out);
        rows.write_record(COLUMNS)?;
        Ok(Self {
            rows,
            transactions: 0,
        })
    }

    /// Writes a transaction.
    pub(crate) fn transaction(
        &mut self,
        transaction: &BookTransaction,
        book: &AccountBook,
        names: &Names,
    ) -> io::Result<()> {
        self.transactions += 1;
        let index = self.transactions.to_string();
        let date = transaction.date.to_string();
        let comment = comment(transaction);
        let is_alone = transaction.only_transfer().is_some();
        for posting in &transaction.postings {
            let commodity = book.commodity(posting.ledger);
            let amount = amount_text(posting.amount, commodity.scale);
            let position = book.position(posting.account);
            let account = names.at(position.expect("an account of the book"));
            let account = account_field(account);
            let negative = format!("-{amount}");
            let (signed, credit, debit) = match posting.side {
                Side::Debit => (&amount, "", amount.as_str()),
                Side::Credit if posting.amount.is_zero() => (&amount, amount.as_str(), ""),
                Side::Credit => (&negative, amount.as_str(), ""),
            };
            let posting_comment = match is_alone {
                true => String::new(),
                false => tags("transfer", posting.transfers.iter().map(|id| id.get())),
            };
            self.rows.write_record([
                index.as_str(),
                &date,
                "",
                "",
                "",
                &transaction.description,
                &comment,
                &account,
                signed,
                &commodity.text,
                credit,
                debit,
                "",
                &posting_comment,
            ])?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// A name in parentheses or brackets would be taken for a virtual posting, whose marks are not
/// part of the name; inside brackets of its own it stays whole.
fn account_field(name: &str) -> String {
    let is_between = |open, close| name.starts_with(open) && name.ends_with(close);
    match is_between('(', ')') || is_between('[', ']') {
        true => format!("[{name}]"),
        false => name.to_owned(),
    }
}

/// What tells where the transaction comes from, as hledger's tags.
fn comment(transaction: &BookTransaction) -> String {
    let mut told = Vec::new();
    if let Some(id) = transaction.only_transfer() {
        told.push(tags("transfer", [id.get()]));
    }
    if !transaction.group.is_zero() {
        told.push(tags("group", [transaction.group.get()]));
    }
    told.extend(transaction.codes.iter().map(|code| format!("code:{code}")));
    told.join(", ")
}

fn tags(name: &str, ids: impl IntoIterator<Item = u128>) -> String {
    let tags = ids.into_iter().map(|id| format!("{name}:{}", ShownId(id)));
    tags.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
