//! Reads postings as `hledger print -O csv` writes them: one row a posting, the rows of a
//! transaction together and numbered alike in `txnidx`.
//!
//! Columns are found by their names; those that say nothing about value are passed over.

use std::path::Path;
use std::sync::Arc;

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord};

use crate::books::imbalance::{CoarsestDecimals, Imbalance};
use crate::books::problem::{CsvFault, Fault, Place, Problem, Problems};
use crate::books::quantity::Quantity;
use crate::books::transaction::{Date, Posting, Transaction};

/// Reads the whole file, or tells everything that is wrong with it.
pub(crate) fn read(file: &Path, bytes: &[u8]) -> Result<Vec<Transaction>, Problems> {
    let mut reader = ReaderBuilder::new().from_reader(bytes);
    let mut rows = Rows::new(Arc::from(file));
    match reader.headers().map_err(|error| rows.not_csv(&error)) {
        Ok(header) => match Columns::find(header) {
            Ok(columns) => {
                for record in reader.records() {
                    match record {
                        Ok(record) => rows.take(&columns, &record),
                        Err(error) => {
                            let problem = rows.not_csv(&error);
                            rows.problems.push(problem);
                        }
                    }
                }
            }
            Err(column) => rows.report(1, Fault::ColumnMissing { column }),
        },
        Err(problem) => rows.problems.push(problem),
    }
    rows.finish()
}

/// Where each field is.
struct Columns {
    index: usize,
    date: usize,
    description: usize,
    account: usize,
    amount: usize,
    commodity: usize,
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, &'static str> {
        let find = |name: &'static str| {
            header
                .iter()
                .position(|column| column.trim_start_matches('\u{feff}') == name)
                .ok_or(name)
        };
        Ok(Self {
            index: find("txnidx")?,
            date: find("date")?,
            description: find("description")?,
            account: find("account")?,
            amount: find("amount")?,
            commodity: find("commodity")?,
        })
    }
}

/// A transaction whose rows are being read.
struct Open {
    index: String,
    transaction: Transaction,
    /// hledger's unbalanced virtual postings, `(account)`, are left out of the check.
    imbalance: Imbalance,
    coarsest: CoarsestDecimals,
}

struct Rows {
    file: Arc<Path>,
    open: Option<Open>,
    transactions: Vec<Transaction>,
    /// Numbers of the transactions that are complete, with the lines where they began.
    closed: std::collections::HashMap<String, u64>,
    problems: Vec<Problem>,
}

impl Rows {
    fn new(file: Arc<Path>) -> Self {
        Self {
            file,
            open: None,
            transactions: Vec::new(),
            closed: std::collections::HashMap::new(),
            problems: Vec::new(),
        }
    }

    fn place(&self, line: u64) -> Place {
        Place {
            file: Arc::clone(&self.file),
            line,
        }
    }

    fn report(&mut self, line: u64, fault: Fault) {
        let place = self.place(line);
        self.problems.push(Problem { place, fault });
    }

    fn not_csv(&self, error: &csv::Error) -> Problem {
        let reason = match error.kind() {
            ErrorKind::Utf8 { .. } => CsvFault::NotUtf8,
            ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => CsvFault::FieldCount {
                fields: *len,
                expected: *expected_len,
            },
            _ => CsvFault::Broken,
        };
        Problem {
            place: self.place(error.position().map_or(1, Position::line)),
            fault: Fault::NotCsv { reason },
        }
    }

    fn take(&mut self, columns: &Columns, record: &StringRecord) {
        let line = record.position().map_or(0, Position::line);
        let field = |column: usize| record.get(column).unwrap_or_default();
        let index = field(columns.index);
        if index.is_empty() {
            return self.report(line, Fault::FieldEmpty { field: "txnidx" });
        }
        let Some(date) = Date::parse(field(columns.date)) else {
            let text = field(columns.date).to_owned();
            return self.report(line, Fault::NotADate { text });
        };
        self.begin_unless_open(line, index, date, field(columns.description));

        let (account, must_balance) = account_name(field(columns.account));
        if account.is_empty() {
            return self.report(line, Fault::FieldEmpty { field: "account" });
        }
        let commodity = field(columns.commodity);
        if commodity.is_empty() {
            return self.report(line, Fault::FieldEmpty { field: "commodity" });
        }
        let Some(quantity) = Quantity::parse(field(columns.amount)) else {
            let text = field(columns.amount).to_owned();
            return self.report(line, Fault::NotAnAmount { text });
        };
        let posting = Posting {
            place: self.place(line),
            account: account.to_owned(),
            quantity,
            commodity: commodity.to_owned(),
        };
        let open = self.open.as_mut().expect("a transaction was begun above");
        if must_balance {
            open.imbalance.add(commodity, &posting.quantity);
            open.coarsest.note(commodity, &posting.quantity);
        }
        open.transaction.postings.push(posting);
    }

    fn begin_unless_open(&mut self, line: u64, index: &str, date: Date, description: &str) {
        if let Some(open) = self.open.as_ref().filter(|open| open.index == index) {
            let first = &open.transaction;
            let first_line = first.place.line;
            let differing = if first.date != date {
                Some("date")
            } else if first.description != description {
                Some("description")
            } else {
                None
            };
            if let Some(field) = differing {
                self.report(line, Fault::TransactionFieldDiffers { field, first_line });
            }
            return;
        }
        self.close();
        if let Some(&first_line) = self.closed.get(index) {
            let index = index.to_owned();
            self.report(line, Fault::TransactionSplit { index, first_line });
        }
        self.open = Some(Open {
            index: index.to_owned(),
            transaction: Transaction {
                place: self.place(line),
                date,
                description: description.to_owned(),
                postings: Vec::new(),
            },
            imbalance: Imbalance::default(),
            coarsest: CoarsestDecimals::default(),
        });
    }

    /// Ends the open transaction. What is left of one commodity must have been exchanged for what
    /// is missing of another; anything else is a slip of the pen.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let left: Vec<_> = open
            .imbalance
            .beyond(|commodity| open.coarsest.tolerance(commodity))
            .collect();
        let gained = left.iter().any(|(_, sum)| !sum.is_negative());
        let given = left.iter().any(|(_, sum)| sum.is_negative());
        if let Some((commodity, difference)) = left.first().filter(|_| gained != given) {
            let fault = Fault::Unbalanced {
                difference: (*difference).clone(),
                commodity: (*commodity).to_owned(),
            };
            self.problems.push(Problem {
                place: open.transaction.place.clone(),
                fault,
            });
        }
        self.closed.insert(open.index, open.transaction.place.line);
        self.transactions.push(open.transaction);
    }

    fn finish(mut self) -> Result<Vec<Transaction>, Problems> {
        // A transaction with a broken row does not balance either; one report is enough.
        let sound = self.problems.is_empty();
        self.close();
        if !sound {
            self.problems
                .retain(|problem| !matches!(problem.fault, Fault::Unbalanced { .. }));
        }
        if self.problems.is_empty() {
            Ok(self.transactions)
        } else {
            Err(Problems(self.problems))
        }
    }
}

/// The name without hledger's marks of virtual postings, and whether the posting takes part in
/// the balance.
fn account_name(text: &str) -> (&str, bool) {
    let between = |open, close| text.strip_prefix(open)?.strip_suffix(close);
    if let Some(name) = between('(', ')') {
        (name, false)
    } else {
        (between('[', ']').unwrap_or(text), true)
    }
}

#[cfg(test)]
mod tests;
