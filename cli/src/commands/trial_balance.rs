//! `pacioli trial-balance`: what every account has, and the proof that it adds up.

use std::cmp::Ordering;
use std::io::Write;

use ledger_client::{At, Client, TrialBalance};

use crate::amount_text::{amount_text, balance_text, sum_text};
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::ShownId;
use crate::ledgers::{LedgerText, Ledgers};
use crate::listing::{Field, Format, Listing, Spare};
use crate::when::Point;

/// What `trial-balance` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  pacioli trial-balance
  pacioli trial-balance --at 2026-10 --ledger EUR
  pacioli trial-balance --at 1042 --format csv")]
pub(crate) struct TrialBalanceArguments {
    /// Only these ledgers, by code or number [default: all]
    #[arg(long, value_name = "LEDGER")]
    ledger: Vec<LedgerText>,
    /// As it was after the event of this sequence, or at this moment, such as 2026-11-22 for the
    /// end of that day [default: now]
    #[arg(long, value_name = "SEQUENCE|TIME")]
    at: Option<Point>,
    /// How it is printed; csv has `account,commodity,balance`, debit positive
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: TrialBalanceArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let at = arguments.at.map_or(At::Now, At::from);
    print(&client, &arguments.ledger, at, arguments.format, out).await
}

/// Prints the trial balance of `only` these ledgers, or of all, at a point of the journal.
pub(crate) async fn print(
    client: &Client,
    only: &[LedgerText],
    at: At,
    format: Format,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let ledgers = Ledgers::ask(client).await?;
    let only = only
        .iter()
        .map(|ledger| ledgers.find(ledger))
        .collect::<Result<Vec<_>, _>>()?;
    let balance = client.trial_balance_at(&only, at).await?.value;
    match format {
        Format::Csv => accounts(&balance, &ledgers).write(Format::Csv, out)?,
        Format::Json => {
            let whole = serde_json::json!({
                "accounts": accounts(&balance, &ledgers),
                "proof": proof(&balance),
            });
            serde_json::to_writer_pretty(&mut *out, &whole).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Table => {
            let accounts = with_holds(&balance, &ledgers);
            accounts.without_empty_columns().write(Format::Table, out)?;
            writeln!(out)?;
            proof(&balance)
                .without_empty_columns()
                .write(Format::Table, out)?;
        }
    }
    Ok(())
}

/// One account of the trial balance, as it is shown.
struct Line {
    account: String,
    commodity: String,
    balance: String,
    debits_pending: Field,
    credits_pending: Field,
    is_zero: bool,
}

fn lines(balance: &TrialBalance, ledgers: &Ledgers) -> Vec<Line> {
    let line = |entry: &ledger_client::TrialBalanceEntry| {
        let scale = ledgers.scale(entry.ledger);
        let totals = entry.totals;
        let held = |amount: ledger_core::Amount| match amount.is_zero() {
            true => Field::Absent,
            false => Field::Amount(amount_text(amount, scale)),
        };
        Line {
            account: match entry.name.is_empty() {
                true => ShownId(entry.account_id.get()).to_string(),
                false => entry.name.to_string(),
            },
            commodity: ledgers.shown(entry.ledger),
            balance: balance_text(totals.debits_posted, totals.credits_posted, scale),
            debits_pending: held(totals.debits_pending),
            credits_pending: held(totals.credits_pending),
            is_zero: totals.debits_posted == totals.credits_posted,
        }
    };
    let mut lines: Vec<Line> = balance.accounts.iter().map(line).collect();
    lines.sort_by(|one, other| match one.account.cmp(&other.account) {
        Ordering::Equal => one.commodity.cmp(&other.commodity),
        order => order,
    });
    lines
}

/// What accounts have, without those that have nothing.
fn accounts(balance: &TrialBalance, ledgers: &Ledgers) -> Listing {
    let mut listing = Listing::new(&["account", "commodity", "balance"]);
    for line in lines(balance, ledgers)
        .into_iter()
        .filter(|line| !line.is_zero)
    {
        listing.push(vec![
            Field::Text(line.account),
            Field::Text(line.commodity),
            Field::Amount(line.balance),
        ]);
    }
    listing
}

/// What a narrow terminal can do without: what is reserved has not moved.
const SPARE_COLUMNS: Spare = &[&["debits_pending", "credits_pending"]];

/// The same with what is reserved.
fn with_holds(balance: &TrialBalance, ledgers: &Ledgers) -> Listing {
    let columns = [
        "account",
        "commodity",
        "balance",
        "debits_pending",
        "credits_pending",
    ];
    let mut listing = Listing::new(&columns).with_spare(SPARE_COLUMNS);
    for line in lines(balance, ledgers) {
        let holds = [&line.debits_pending, &line.credits_pending];
        if line.is_zero && holds.iter().all(|held| **held == Field::Absent) {
            continue;
        }
        listing.push(vec![
            Field::Text(line.account),
            Field::Text(line.commodity),
            Field::Amount(line.balance),
            line.debits_pending,
            line.credits_pending,
        ]);
    }
    listing
}

/// Per ledger, debits against credits.
fn proof(balance: &TrialBalance) -> Listing {
    let mut listing = Listing::new(&[
        "ledger",
        "debits_posted",
        "credits_posted",
        "debits_pending",
        "credits_pending",
        "balanced",
    ])
    .with_spare(SPARE_COLUMNS);
    for ledger in &balance.proofs {
        let sum = |sum| Field::Amount(sum_text(sum, ledger.scale));
        let pending = |pending| match pending == ledger_core::Sum::ZERO {
            true => Field::Absent,
            false => sum(pending),
        };
        let balanced = ledger.debits_posted == ledger.credits_posted
            && ledger.debits_pending == ledger.credits_pending;
        listing.push(vec![
            match ledger.code.is_empty() {
                true => Field::text(ledger.ledger),
                false => Field::text(&ledger.code),
            },
            sum(ledger.debits_posted),
            sum(ledger.credits_posted),
            pending(ledger.debits_pending),
            pending(ledger.credits_pending),
            match balanced {
                true => Field::text("debits = credits"),
                false => Field::text("DEBITS AND CREDITS DIFFER"),
            },
        ]);
    }
    listing
}
