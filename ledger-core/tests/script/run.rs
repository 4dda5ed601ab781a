//! Running a script against a set of books.

use ledger_core::{
    AccountAnswer, AccountId, AccountStatus, LedgerStatus, Sequence, Timestamp, TransferAnswer,
    TransferStatus, UpdateAnswer, UpdateStatus,
};

use super::parse::{Script, Step};
use crate::books::Books;

/// What a script came to.
#[derive(Default)]
pub struct Outcome {
    /// The last column of each row that has one: the number of its line, what was expected, and
    /// what was answered.
    pub rows: Vec<(usize, String, String)>,
    pub transfer_statuses: Vec<TransferStatus>,
    pub account_statuses: Vec<AccountStatus>,
    pub update_statuses: Vec<UpdateStatus>,
    pub ledger_statuses: Vec<LedgerStatus>,
}

/// Runs a script. `after_step` looks at the books after each step.
pub fn run<B: Books>(script: &Script, books: &mut B, mut after_step: impl FnMut(&B)) -> Outcome {
    let mut now = Timestamp::new(1_000_000_000);
    let mut outcome = Outcome::default();
    for step in &script.steps {
        outcome.take(step, &mut now, books);
        after_step(books);
    }
    outcome
}

impl Outcome {
    fn take<B: Books>(&mut self, step: &Step, now: &mut Timestamp, books: &mut B) {
        match step {
            Step::At(nanoseconds) => *now = Timestamp::new(*nanoseconds),
            Step::After(nanoseconds) => *now = Timestamp::new(now.get() + nanoseconds),
            Step::Ledgers(rows) => {
                let asked: Vec<_> = rows.iter().map(|row| row.asked.clone()).collect();
                let statuses = books.register_ledgers(*now, &asked);
                for (row, status) in rows.iter().zip(&statuses) {
                    self.row(row.line, &row.expected, status.name().to_owned());
                }
                self.ledger_statuses.extend(statuses);
            }
            Step::Accounts(rows) => {
                let asked: Vec<_> = rows.iter().map(|row| row.asked.clone()).collect();
                let answers = books.create_accounts(*now, &asked);
                for (row, answer) in rows.iter().zip(&answers) {
                    self.row(row.line, &row.expected, account_column(answer));
                    self.account_statuses.push(answer.status);
                }
            }
            Step::Updates(rows) => {
                let asked: Vec<_> = rows.iter().map(|row| row.asked.clone()).collect();
                let answers = books.update_accounts(*now, &asked);
                for (row, answer) in rows.iter().zip(&answers) {
                    self.row(row.line, &row.expected, update_column(answer));
                    self.update_statuses.push(answer.status);
                }
            }
            Step::Transfers { rows, dry_run } => {
                let asked: Vec<_> = rows.iter().flat_map(|row| row.asked.clone()).collect();
                let answers = books.create_transfers(*now, &asked, *dry_run);
                assert_eq!(answers.len(), asked.len(), "one answer a transfer");
                self.transfer_statuses
                    .extend(answers.iter().map(|answer| answer.status));
                let mut answers = answers.iter().zip(&asked);
                for row in rows {
                    let mut columns: Vec<String> = answers
                        .by_ref()
                        .take(row.asked.len())
                        .map(|(answer, asked)| transfer_column(answer, asked.amount))
                        .collect();
                    columns.dedup();
                    self.row(row.line, &row.expected, columns.join(" | "));
                }
            }
            Step::Expire(row) => {
                let released = books.expire_due(*now, row.asked);
                self.row(row.line, &row.expected, released.to_string());
            }
            Step::Balance(row) => {
                self.row(row.line, &row.expected, balance_column(books, row.asked));
            }
            Step::Holds(row) => {
                let holds = books.open_holds();
                let hold = |hold: &crate::books::OpenHold| {
                    format!("{}: {} of {}", hold.id, hold.rest, hold.amount)
                };
                let column = holds.iter().map(hold).collect::<Vec<_>>().join(", ");
                let column = if column.is_empty() {
                    "none".to_owned()
                } else {
                    column
                };
                self.row(row.line, &row.expected, column);
            }
            Step::Sequence(row) => {
                let newest = books
                    .history()
                    .last()
                    .map_or(Sequence::ZERO, |event| event.sequence);
                self.row(row.line, &row.expected, newest.to_string());
            }
        }
    }

    fn row(&mut self, line: usize, expected: &str, answered: String) {
        self.rows.push((line, expected.to_owned(), answered));
    }
}

fn account_column(answer: &AccountAnswer) -> String {
    match answer.status {
        AccountStatus::Exists => format!("exists at {}", answer.timestamp),
        status => {
            let has_time = !answer.timestamp.is_zero();
            assert_eq!(
                has_time,
                status == AccountStatus::Created,
                "a time goes with an account"
            );
            status.name().to_owned()
        }
    }
}

fn update_column(answer: &UpdateAnswer) -> String {
    match answer.status {
        UpdateStatus::Exists => format!("exists at {}", answer.timestamp),
        status => {
            let has_time = !answer.timestamp.is_zero();
            assert_eq!(
                has_time,
                status == UpdateStatus::Updated,
                "a time goes with a change"
            );
            status.name().to_owned()
        }
    }
}

/// The amount is shown where it is not the one that was asked for.
fn transfer_column(answer: &TransferAnswer, asked: ledger_core::Amount) -> String {
    match answer.status {
        TransferStatus::Created if answer.amount != asked => format!("created {}", answer.amount),
        TransferStatus::Exists if answer.amount != asked => {
            format!("exists {} at {}", answer.amount, answer.timestamp)
        }
        TransferStatus::Exists => format!("exists at {}", answer.timestamp),
        TransferStatus::IdAlreadyFailed => {
            let original = answer
                .original_status
                .expect("the refusal that used it up is told");
            format!("id_already_failed {original} at {}", answer.timestamp)
        }
        status => status.name().to_owned(),
    }
}

fn balance_column<B: Books>(books: &B, id: AccountId) -> String {
    let Some(account) = books
        .accounts()
        .into_iter()
        .find(|account| account.id == id)
    else {
        return "none".to_owned();
    };
    let totals = account.totals;
    let mut column = format!(
        "debits {}+{} credits {}+{}",
        short(totals.debits_pending),
        short(totals.debits_posted),
        short(totals.credits_pending),
        short(totals.credits_posted),
    );
    if account.closed {
        column += " closed";
    }
    column
}

/// Numbers near the maximum are told by their distance from it.
fn short(amount: ledger_core::Amount) -> String {
    match u128::MAX - amount.get() {
        0 => "MAX".to_owned(),
        less if less < 1_000_000 => format!("MAX-{less}"),
        _ => amount.to_string(),
    }
}
