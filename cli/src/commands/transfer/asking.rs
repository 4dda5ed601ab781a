//! What all commands that ask for one transfer have in common.

use std::io::Write;

use ledger_client::{Client, CreateOptions, TransferRecord};
use ledger_core::{Transfer, TransferId, TransferStatus};

use crate::amount_text::amount_text;
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::Ledgers;
use crate::listing::{Field, Format, Listing};
use crate::new_id::NewIdArguments;

use super::TRANSFER_NAMESPACE;

/// What every transfer may carry.
#[derive(Debug, clap::Args)]
pub(super) struct AskingArguments {
    #[command(flatten)]
    pub(super) id: NewIdArguments,
    /// Another system's own id, stored with the transfer; at most 64 bytes [default: the --ref]
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Your own 128 bits
    #[arg(long, default_value = "0", value_name = "ID")]
    user_data_128: IdText,
    /// Your own 64 bits
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    user_data_64: u64,
    /// Your own 32 bits
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    user_data_32: u32,
    /// Tell what would happen, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    pub(super) connection: ConnectionArguments,
}

impl AskingArguments {
    /// A transfer with what every transfer may carry.
    pub(super) fn transfer(&self) -> Transfer {
        let reference = match (&self.reference, self.id.reference()) {
            (Some(text), _) => text.as_str(),
            (None, Some(text)) if text.len() <= Transfer::REFERENCE_BYTES_MAX => text,
            (None, _) => "",
        };
        Transfer {
            id: TransferId::new(self.id.id(TRANSFER_NAMESPACE)),
            reference: reference.into(),
            user_data_128: self.user_data_128.resolve(TRANSFER_NAMESPACE),
            user_data_64: self.user_data_64,
            user_data_32: self.user_data_32,
            ..Transfer::default()
        }
    }

    /// Asks for the transfer and prints the answer.
    pub(super) async fn ask(
        &self,
        client: &Client,
        ledgers: &Ledgers,
        transfer: Transfer,
        out: &mut impl Write,
    ) -> Result<(), CommandError> {
        let id = transfer.id.get();
        let options = CreateOptions {
            dry_run: self.dry_run,
            ..CreateOptions::default()
        };
        let answers = client
            .create_transfers(std::slice::from_ref(&transfer), &options)
            .await
            .map_err(|error| CommandError::CallWithId { error, id })?
            .value
            .answers;
        let mut listing = Listing::new(&["id", "status", "amount"]);
        for answer in answers {
            let status = answer.status;
            if !matches!(
                status,
                TransferStatus::Created | TransferStatus::Fenced | TransferStatus::Exists
            ) {
                let original = answer.original_status;
                return Err(CommandError::TransferRefused {
                    id,
                    status,
                    original,
                });
            }
            listing.push(vec![
                Field::text(ShownId(id)),
                Field::text(status),
                match status {
                    TransferStatus::Fenced => Field::Absent,
                    _ => {
                        let scale = ledgers.scale(transfer.ledger);
                        Field::Amount(amount_text(answer.amount, scale))
                    }
                },
            ]);
        }
        Ok(listing.write_records(self.format, out)?)
    }
}

/// The transfer that a post, a void or a reversal is about, if it exists.
pub(super) async fn target(
    client: &Client,
    id: TransferId,
) -> Result<Option<TransferRecord>, CommandError> {
    Ok(client.lookup_transfers(&[id]).await?.value.found.pop())
}
