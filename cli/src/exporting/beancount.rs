//! Books as a Beancount file.
//!
//! Beancount orders what it reads by date, so the file needs no order: transactions are written
//! as the journal has them, and the accounts that were used come after them, opened on the first
//! day on which each was used.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::amount_text::amount_text;
use crate::books::beancount::renaming::{ACCOUNT_KEY, CODE_KEY};
use crate::books::transaction::Date;
use crate::exporting::account_book::AccountBook;
use crate::exporting::beancount_names::{AccountNames, CommodityNames};
use crate::exporting::books::{BookTransaction, Side};
use crate::exporting::names::Names;
use crate::id_text::ShownId;
use crate::moment_text::moment_text;

/// Writes transactions as Beancount has them.
pub(crate) struct Beancount<'a, W> {
    out: W,
    book: &'a AccountBook,
    names: &'a Names,
    accounts: AccountNames,
    commodities: CommodityNames,
    /// The first day on which an account of the book was used, by its position.
    first_used: BTreeMap<usize, Date>,
}

/// An account of Beancount, which may be several of the database, one a ledger.
struct Opening<'a> {
    name: &'a str,
    date: Date,
    commodities: BTreeSet<&'a str>,
    ids: Vec<(&'a str, u128)>,
    codes: BTreeSet<u16>,
}

impl<'a, W: Write> Beancount<'a, W> {
    /// Writes the beginning of the file.
    pub(crate) fn begin(mut out: W, book: &'a AccountBook, names: &'a Names) -> io::Result<Self> {
        writeln!(out, "option \"title\" \"Exported by pacioli\"")?;
        Ok(Self {
            out,
            book,
            names,
            accounts: AccountNames::new(book, names),
            commodities: CommodityNames::new(book),
            first_used: BTreeMap::new(),
        })
    }

    /// Writes a transaction.
    pub(crate) fn transaction(&mut self, transaction: &BookTransaction) -> io::Result<()> {
        let date = transaction.date;
        writeln!(self.out)?;
        match payee_and_narration(&transaction.description) {
            (Some(payee), narration) => {
                writeln!(self.out, "{date} * {} {}", quoted(payee), quoted(narration))?;
            }
            (None, narration) => writeln!(self.out, "{date} * {}", quoted(narration))?,
        }
        let out = &mut self.out;
        let time = moment_text(transaction.time);
        writeln!(out, "  time: \"{time}\"")?;
        writeln!(out, "  sequence: {}", transaction.sequence.get())?;
        if !transaction.group.is_zero() {
            writeln!(out, "  group: \"{}\"", ShownId(transaction.group.get()))?;
        }
        let only = transaction.only_transfer();
        if let Some(id) = only {
            writeln!(out, "  transfer: \"{}\"", ShownId(id.get()))?;
        }
        let codes: Vec<String> = transaction.codes.iter().map(u16::to_string).collect();
        writeln!(out, "  code: \"{}\"", codes.join(" "))?;
        for posting in &transaction.postings {
            let commodity = self.book.commodity(posting.ledger);
            let amount = amount_text(posting.amount, commodity.scale);
            let sign = match posting.side {
                Side::Credit if !posting.amount.is_zero() => "-",
                _ => "",
            };
            let position = self.book.position(posting.account);
            let position = position.expect("an account of the book");
            let account = self.accounts.of(self.names.at(position));
            let commodity = self.commodities.of(&commodity.text);
            writeln!(out, "  {account}  {sign}{amount} {commodity}")?;
            if only.is_none() {
                let ids = posting
                    .transfers
                    .iter()
                    .map(|id| ShownId(id.get()).to_string());
                let ids: Vec<String> = ids.collect();
                writeln!(out, "    transfers: \"{}\"", ids.join(" "))?;
            }
            let first = self.first_used.entry(position).or_insert(date);
            *first = date.min(*first);
        }
        Ok(())
    }

    /// Writes the commodities and the accounts that were used.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let mut openings: BTreeMap<&str, Opening<'_>> = BTreeMap::new();
        let mut commodities: BTreeMap<&str, (&str, Date)> = BTreeMap::new();
        for (&position, &date) in &self.first_used {
            let account = &self.book.accounts()[position];
            let name = self.names.at(position);
            let code = &*self.book.commodity(account.ledger).text;
            let commodity = self.commodities.of(code);
            let opening = openings
                .entry(self.accounts.of(name))
                .or_insert_with(|| Opening {
                    name,
                    date,
                    commodities: BTreeSet::new(),
                    ids: Vec::new(),
                    codes: BTreeSet::new(),
                });
            opening.date = date.min(opening.date);
            opening.commodities.insert(commodity);
            opening.ids.push((commodity, account.id.get()));
            opening.codes.insert(account.code);
            let (_, first) = commodities.entry(commodity).or_insert((code, date));
            *first = date.min(*first);
        }
        for (commodity, (code, date)) in commodities {
            writeln!(self.out, "\n{date} commodity {commodity}")?;
            if code != commodity {
                writeln!(self.out, "  {CODE_KEY}: {}", quoted(code))?;
            }
        }
        for (account, opening) in openings {
            let commodities: Vec<&str> = opening.commodities.into_iter().collect();
            let date = opening.date;
            write!(self.out, "\n{date} open {account}")?;
            // Beancount 3 takes a single letter before a comma for something else.
            if commodities.len() == 1 || commodities.iter().all(|code| code.len() > 1) {
                write!(self.out, " {}", commodities.join(", "))?;
            }
            writeln!(self.out)?;
            if opening.name != account {
                writeln!(self.out, "  {ACCOUNT_KEY}: {}", quoted(opening.name))?;
            }
            let ids = opening.ids.iter();
            let ids: Vec<String> = match opening.ids.len() {
                1 => ids.map(|(_, id)| ShownId(*id).to_string()).collect(),
                _ => ids
                    .map(|(commodity, id)| format!("{commodity} {}", ShownId(*id)))
                    .collect(),
            };
            writeln!(self.out, "  id: \"{}\"", ids.join(", "))?;
            let codes: Vec<String> = opening.codes.iter().map(u16::to_string).collect();
            writeln!(self.out, "  code: \"{}\"", codes.join(" "))?;
        }
        self.out.flush()
    }
}

/// An import joins payee and narration with a bar, and so does hledger; here they part again.
fn payee_and_narration(description: &str) -> (Option<&str>, &str) {
    match description.split_once(" | ") {
        Some((payee, narration)) if !payee.is_empty() && !narration.is_empty() => {
            (Some(payee), narration)
        }
        _ => (None, description),
    }
}

/// A string of Beancount. Line feeds and the like are written as what stands for them.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.push(' '),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests;
