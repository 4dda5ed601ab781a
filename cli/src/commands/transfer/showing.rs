//! `transfer show`.

use std::io::Write;

use ledger_core::TransferId;

use crate::accounts::asked;
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::Ledgers;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;
use crate::transfer_fields::{TRANSFER_COLUMNS, transfer_fields};

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
        let asked = asked(&arguments.ids, &ids, &answer.missing);
        return Err(CommandError::TransfersNotFound { asked });
    }
    let mut listing = Listing::new(&TRANSFER_COLUMNS);
    for entry in &answer.found {
        listing.push(transfer_fields(entry, &ledgers));
    }
    let mut without_fields = |id: TransferId, state: String, moment: Field| {
        let mut row = vec![Field::Absent; TRANSFER_COLUMNS.len()];
        row[0] = Field::text(ShownId(id.get()));
        row[1] = Field::text(state);
        row[TRANSFER_COLUMNS.len() - 2] = moment;
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
