//! `pacioli balance`: what accounts have now.

use std::io::Write;

use crate::accounts::{account_ids, find_accounts};
use crate::amount_text::{amount_text, balance_text};
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::Ledgers;
use crate::listing::{Field, Format, Listing};

/// What `balance` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct BalanceArguments {
    /// The accounts: numbers, UUIDs or ref:TEXT; of imported books, "ref:Assets:Cash USD"
    #[arg(required = true, value_name = "ID")]
    ids: Vec<IdText>,
    /// How they are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: BalanceArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let ids = account_ids(&arguments.ids);
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
    ]);
    for account in find_accounts(&client, &ids).await? {
        let scale = ledgers.scale(account.ledger);
        let amount = |amount| Field::Amount(amount_text(amount, scale));
        let totals = account.totals;
        listing.push(vec![
            match account.name.is_empty() {
                true => Field::Absent,
                false => Field::text(&account.name),
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
