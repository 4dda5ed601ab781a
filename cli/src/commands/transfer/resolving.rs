//! `transfer post` and `transfer void`.

use std::io::Write;

use ledger_core::{Amount, LedgerId, Transfer, TransferFlags, TransferId};

use crate::command_error::CommandError;
use crate::id_text::IdText;
use crate::ledgers::{LedgerText, Ledgers};

use super::TRANSFER_NAMESPACE;
use super::asking::{AskingArguments, target};
use super::moving::with_flags;

/// What `transfer post` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct PostArguments {
    /// The reservation: a number, a UUID or ref:TEXT
    #[arg(value_name = "PENDING")]
    pending: IdText,
    /// How much of it [default: all that is left]
    #[arg(long, allow_negative_numbers = true)]
    amount: Option<String>,
    /// Keep the rest reserved
    #[arg(long)]
    keep_open: bool,
    #[command(flatten)]
    asking: AskingArguments,
}

/// What `transfer void` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct VoidArguments {
    /// The reservation: a number, a UUID or ref:TEXT
    #[arg(value_name = "PENDING")]
    pending: IdText,
    /// If the reservation does not exist, keep it from ever existing
    #[arg(long, requires = "ledger")]
    fence: bool,
    /// The ledger, by code or number; a fence needs it [default: the reservation's]
    #[arg(long)]
    ledger: Option<LedgerText>,
    #[command(flatten)]
    asking: AskingArguments,
}

/// Runs `transfer post`.
pub(crate) async fn post(
    arguments: PostArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let asking = arguments.asking;
    let client = asking.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let pending_id = TransferId::new(arguments.pending.resolve(TRANSFER_NAMESPACE));
    let pending = target(&client, pending_id).await?;
    let ledger = pending.map_or(LedgerId::ZERO, |pending| pending.transfer.ledger);
    let amount = match &arguments.amount {
        Some(text) => ledgers.amount(text, ledger, "--amount")?,
        None => Amount::MAX,
    };
    let flags = with_flags([
        (true, TransferFlags::POST_PENDING_TRANSFER),
        (arguments.keep_open, TransferFlags::KEEP_OPEN),
    ]);
    let transfer = Transfer {
        pending_id,
        amount,
        ledger,
        flags,
        ..asking.transfer()
    };
    asking.ask(&client, &ledgers, transfer, out).await
}

/// Runs `transfer void`.
pub(crate) async fn void(
    arguments: VoidArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let asking = arguments.asking;
    let client = asking.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let pending_id = TransferId::new(arguments.pending.resolve(TRANSFER_NAMESPACE));
    let ledger = match (&arguments.ledger, target(&client, pending_id).await?) {
        (Some(ledger), _) => ledgers.find(ledger)?,
        (None, Some(pending)) => pending.transfer.ledger,
        (None, None) => LedgerId::ZERO,
    };
    let flags = with_flags([
        (true, TransferFlags::VOID_PENDING_TRANSFER),
        (arguments.fence, TransferFlags::FENCE),
    ]);
    let transfer = Transfer {
        pending_id,
        ledger,
        flags,
        ..asking.transfer()
    };
    asking.ask(&client, &ledgers, transfer, out).await
}
