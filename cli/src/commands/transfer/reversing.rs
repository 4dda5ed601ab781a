//! `transfer reverse`.

use std::io::Write;

use ledger_core::{Amount, LedgerId, Transfer, TransferFlags, TransferId};

use crate::command_error::CommandError;
use crate::id_text::IdText;
use crate::ledgers::{LedgerText, Ledgers};

use super::TRANSFER_NAMESPACE;
use super::asking::{AskingArguments, target};
use super::moving::with_flags;

/// What `transfer reverse` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct ReverseArguments {
    /// The transfer whose value is given back: a number, a UUID or ref:TEXT
    #[arg(value_name = "TRANSFER")]
    reversed: IdText,
    /// How much of it [default: all that is left]
    #[arg(long, allow_negative_numbers = true)]
    amount: Option<String>,
    /// What kind of transfer this is, in your own terms
    #[arg(long, default_value_t = 1)]
    code: u16,
    /// If the transfer does not exist, keep it from ever existing
    #[arg(long, requires = "ledger")]
    fence: bool,
    /// The ledger, by code or number; a fence needs it [default: the transfer's]
    #[arg(long)]
    ledger: Option<LedgerText>,
    #[command(flatten)]
    asking: AskingArguments,
}

/// Runs `transfer reverse`.
pub(crate) async fn reverse(
    arguments: ReverseArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let asking = arguments.asking;
    let client = asking.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let reverses_id = TransferId::new(arguments.reversed.resolve(TRANSFER_NAMESPACE));
    let ledger = match (&arguments.ledger, target(&client, reverses_id).await?) {
        (Some(ledger), _) => ledgers.find(ledger)?,
        (None, Some(reversed)) => reversed.transfer.ledger,
        (None, None) => LedgerId::ZERO,
    };
    let amount = match &arguments.amount {
        Some(text) => ledgers.amount(text, ledger, "--amount")?,
        None => Amount::MAX,
    };
    let transfer = Transfer {
        reverses_id,
        amount,
        ledger,
        code: arguments.code,
        flags: with_flags([(arguments.fence, TransferFlags::FENCE)]),
        ..asking.transfer()
    };
    asking.ask(&client, &ledgers, transfer, out).await
}
