//! `pacioli ledger`: what assets there are.

use std::io::Write;

use ledger_core::{LedgerId, LedgerStatus, NewLedger};

use crate::amount_text::sum_text;
use crate::books::identity::ledger_id;
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::ledgers::Ledgers;
use crate::listing::{Field, Format, Listing};

/// Register and list ledgers, one for each asset
#[derive(Debug, clap::Subcommand)]
pub(crate) enum LedgerCommand {
    /// Give a ledger its code and its decimals, once and for all
    Register(RegisterArguments),
    /// List all ledgers with their totals
    List(ListArguments),
}

/// What `ledger register` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct RegisterArguments {
    /// Such as USD: unique, at most 32 bytes
    code: String,
    /// Decimal places, 0 to 38
    #[arg(long)]
    scale: u32,
    /// The ledger's number [default: one that follows from the code]
    #[arg(long)]
    id: Option<u32>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// What `ledger list` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
    /// How the list is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(command: LedgerCommand, out: &mut impl Write) -> Result<(), CommandError> {
    match command {
        LedgerCommand::Register(arguments) => register(arguments, out).await,
        LedgerCommand::List(arguments) => list(arguments, out).await,
    }
}

async fn register(arguments: RegisterArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let code: Box<str> = arguments.code.into();
    let id = match arguments.id {
        Some(id) => LedgerId::new(id),
        None => {
            let ledgers = Ledgers::ask(&client).await?;
            let own = ledgers.entries().iter().find(|ledger| ledger.code == code);
            let is_taken = |id| ledgers.entries().iter().any(|ledger| ledger.id == id);
            own.map_or_else(|| ledger_id(&code, is_taken), |ledger| ledger.id)
        }
    };
    let ledger = NewLedger {
        id,
        code,
        scale: arguments.scale,
    };
    let statuses = client
        .register_ledgers(std::slice::from_ref(&ledger))
        .await?;
    for status in statuses.value {
        match status {
            LedgerStatus::Registered | LedgerStatus::Exists => {
                writeln!(out, "ledger {} is {id}: {status}", ledger.code)?;
            }
            _ => {
                let code = ledger.code.clone();
                return Err(CommandError::LedgerRefused { code, status });
            }
        }
    }
    Ok(())
}

async fn list(arguments: ListArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let mut listing = Listing::new(&[
        "id",
        "code",
        "scale",
        "debits_posted",
        "credits_posted",
        "debits_pending",
        "credits_pending",
        "accounts",
        "transfers",
    ])
    .with_spare(&[
        &["debits_pending", "credits_pending"],
        &["accounts", "transfers"],
    ]);
    for ledger in ledgers.entries() {
        let sum = |sum| Field::Amount(sum_text(sum, ledger.scale));
        listing.push(vec![
            Field::text(ledger.id),
            Field::text(&ledger.code),
            Field::Count(ledger.scale.into()),
            sum(ledger.debits_posted),
            sum(ledger.credits_posted),
            sum(ledger.debits_pending),
            sum(ledger.credits_pending),
            Field::Count(ledger.accounts),
            Field::Count(ledger.transfers),
        ]);
    }
    Ok(listing.write(arguments.format, out)?)
}
