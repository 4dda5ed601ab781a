//! `transfer show`.

use std::io::Write;

use ledger_client::TransferRecord;
use ledger_core::{TransferFlags, TransferId};

use crate::amount_text::amount_text;
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::Ledgers;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;

use super::TRANSFER_NAMESPACE;

/// What `transfer show` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArguments {
    /// The transfers: numbers, UUIDs or ref:TEXT
    #[arg(required = true, value_name = "ID")]
    ids: Vec<IdText>,
    /// How they are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs `transfer show`. Ids that were used up or fenced are shown as such.
pub(crate) async fn show(
    arguments: ShowArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let ids: Vec<TransferId> = arguments
        .ids
        .iter()
        .map(|id| TransferId::new(id.resolve(TRANSFER_NAMESPACE)))
        .collect();
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let answer = client.lookup_transfers(&ids).await?.value;
    if !answer.missing.is_empty() {
        let ids = answer.missing.iter().map(|id| id.get()).collect();
        return Err(CommandError::TransfersNotFound { ids });
    }
    let columns = [
        "id",
        "state",
        "amount",
        "ledger",
        "debit_account",
        "credit_account",
        "posted",
        "released",
        "reversed",
        "flags",
        "code",
        "pending",
        "reverses",
        "group",
        "reference",
        "user_data_128",
        "user_data_64",
        "user_data_32",
        "timeout_s",
        "timestamp",
        "sequence",
    ];
    let mut listing = Listing::new(&columns);
    for entry in &answer.found {
        listing.push(row(entry, &ledgers));
    }
    let mut without_fields = |id: TransferId, state: String, moment: Field| {
        let mut row = vec![Field::Absent; columns.len()];
        row[0] = Field::text(ShownId(id.get()));
        row[1] = Field::text(state);
        row[columns.len() - 2] = moment;
        listing.push(row);
    };
    for used_up in &answer.used_up {
        let moment = Field::text(moment_text(used_up.timestamp));
        without_fields(used_up.id, format!("used up by {}", used_up.status), moment);
    }
    for &id in &answer.fenced {
        without_fields(
            id,
            "kept from existing by a fence".to_owned(),
            Field::Absent,
        );
    }
    Ok(listing.write_records(arguments.format, out)?)
}

fn row(entry: &TransferRecord, ledgers: &Ledgers) -> Vec<Field> {
    let transfer = &entry.transfer;
    let scale = ledgers.scale(transfer.ledger);
    let amount = |amount| Field::Amount(amount_text(amount, scale));
    let some_amount = |some: ledger_core::Amount| match some.is_zero() {
        true => Field::Absent,
        false => amount(some),
    };
    let some_id = |id: u128| match id {
        0 => Field::Absent,
        _ => Field::text(ShownId(id)),
    };
    let some_text = |text: &str| match text {
        "" => Field::Absent,
        _ => Field::text(text),
    };
    vec![
        Field::text(ShownId(transfer.id.get())),
        Field::text(entry.state.name()),
        amount(transfer.amount),
        Field::text(ledgers.shown(transfer.ledger)),
        some_id(transfer.debit_account_id.get()),
        some_id(transfer.credit_account_id.get()),
        some_amount(entry.posted),
        some_amount(entry.released),
        some_amount(entry.reversed),
        some_text(&flag_names(transfer.flags)),
        Field::Count(transfer.code.into()),
        some_id(transfer.pending_id.get()),
        some_id(transfer.reverses_id.get()),
        some_id(transfer.group_id.get()),
        some_text(&transfer.reference),
        some_id(transfer.user_data_128),
        some_id(transfer.user_data_64.into()),
        some_id(transfer.user_data_32.into()),
        match transfer.timeout {
            0 => Field::Absent,
            seconds => Field::Count(seconds.into()),
        },
        Field::text(moment_text(transfer.timestamp)),
        Field::Count(entry.sequence.get()),
    ]
}

fn flag_names(flags: TransferFlags) -> String {
    let names = [
        (TransferFlags::LINKED, "linked"),
        (TransferFlags::PENDING, "pending"),
        (
            TransferFlags::POST_PENDING_TRANSFER,
            "post_pending_transfer",
        ),
        (
            TransferFlags::VOID_PENDING_TRANSFER,
            "void_pending_transfer",
        ),
        (TransferFlags::BALANCING_DEBIT, "balancing_debit"),
        (TransferFlags::BALANCING_CREDIT, "balancing_credit"),
        (TransferFlags::CLOSING_DEBIT, "closing_debit"),
        (TransferFlags::CLOSING_CREDIT, "closing_credit"),
        (TransferFlags::IMPORTED, "imported"),
        (TransferFlags::KEEP_OPEN, "keep_open"),
        (TransferFlags::FENCE, "fence"),
    ];
    let set = names.into_iter().filter(|(flag, _)| flags.contains(*flag));
    set.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}
