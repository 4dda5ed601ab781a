//! `pacioli balance`: what accounts have, now or at a moment of the past.

mod history;

use std::io::Write;

use ledger_client::{AccountEntry, At, Client};
use ledger_core::Totals;

use crate::account_fields::shown_name;
use crate::accounts::{account_ids, asked, find_accounts};
use crate::amount_text::{amount_text, balance_text};
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::Ledgers;
use crate::listing::{Field, Format, Listing};
use crate::when::Point;

/// What `balance` takes.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_long_help = "\
The balance is what debits exceed credits by. What is reserved has not moved and is told beside it.

Examples:
  pacioli balance ref:ada ref:shop
  pacioli balance ref:ada --at 2026-11-21
  pacioli balance ref:ada --at 1042 --format json
  pacioli balance history ref:ada"
)]
pub(crate) struct BalanceArguments {
    #[command(subcommand)]
    history: Option<HistoryCommand>,
    /// The accounts: numbers, UUIDs or ref:TEXT; of imported books, "ref:Assets:Cash USD"
    #[arg(required = true, value_name = "ID")]
    ids: Vec<IdText>,
    /// As it was after the event of this sequence, or at this moment, such as 2026-11-22 for the
    /// end of that day [default: now]
    #[arg(long, value_name = "SEQUENCE|TIME")]
    at: Option<Point>,
    /// How they are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// What more `balance` can do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum HistoryCommand {
    /// Show what became of an account's balance, event by event or as a plot
    History(Box<history::HistoryArguments>),
}

/// Runs the command.
pub(crate) async fn run(
    arguments: BalanceArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    if let Some(HistoryCommand::History(arguments)) = arguments.history {
        return history::run(*arguments, out).await;
    }
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let mut listing = Listing::new(&[
        "account",
        "id",
        "commodity",
        "balance",
        "debits_posted",
        "credits_posted",
        "debits_pending",
        "credits_pending",
    ])
    .with_spare(&[&["id"], &["debits_posted", "credits_posted"]]);
    for (account, totals) in balances(&client, &arguments.ids, arguments.at).await? {
        let scale = ledgers.scale(account.ledger);
        let amount = |amount| Field::Amount(amount_text(amount, scale));
        listing.push(vec![
            match arguments.format {
                Format::Table => Field::Text(shown_name(&account)),
                _ if account.name.is_empty() => Field::Absent,
                _ => Field::text(&account.name),
            },
            Field::text(ShownId(account.id.get())),
            Field::text(ledgers.shown(account.ledger)),
            Field::Amount(balance_text(
                totals.debits_posted,
                totals.credits_posted,
                scale,
            )),
            amount(totals.debits_posted),
            amount(totals.credits_posted),
            amount(totals.debits_pending),
            amount(totals.credits_pending),
        ]);
    }
    let listing = match arguments.format {
        Format::Table => listing.without_empty_columns(),
        Format::Csv | Format::Json => listing,
    };
    Ok(listing.write(arguments.format, out)?)
}

/// The accounts in the order asked for, each with its totals at the point.
async fn balances(
    client: &Client,
    texts: &[IdText],
    at: Option<Point>,
) -> Result<Vec<(AccountEntry, Totals)>, CommandError> {
    let accounts = find_accounts(client, texts).await?;
    let at = at.map_or(At::Now, At::from);
    if at == At::Now {
        let now = accounts.into_iter().map(|account| {
            let totals = account.totals;
            (account, totals)
        });
        return Ok(now.collect());
    }
    let ids = account_ids(texts);
    let then = client.balances_at(&ids, at).await?.value;
    if !then.missing.is_empty() {
        let asked = asked(texts, &ids, &then.missing);
        return Err(CommandError::AccountsNotThen { asked });
    }
    let totals = then.found.into_iter().map(|(_, totals)| totals);
    Ok(accounts.into_iter().zip(totals).collect())
}
