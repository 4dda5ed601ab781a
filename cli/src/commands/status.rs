//! `pacioli status`: how the server is.

use std::io::Write;

use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::ShownId;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;

/// What `status` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArguments {
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: StatusArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let status = client.status().await?;
    let degraded: Vec<String> = status
        .degraded
        .iter()
        .map(|degradation| format!("{}: {}", degradation.what, degradation.why))
        .collect();
    let told = [
        ("health", Field::text(status.health)),
        (
            "degraded",
            match degraded.is_empty() {
                true => Field::Absent,
                false => Field::Text(degraded.join("; ")),
            },
        ),
        ("role", Field::text(status.role)),
        ("version", Field::text(&status.version)),
        ("database_id", Field::text(ShownId(status.database_id))),
        ("epoch", Field::text(ShownId(status.receipt.epoch))),
        ("sequence", Field::Count(status.receipt.sequence.get())),
        (
            "time",
            match status.receipt.time.is_zero() {
                true => Field::Absent,
                false => Field::text(moment_text(status.receipt.time)),
            },
        ),
        ("started", Field::text(moment_text(status.started))),
        ("accounts", Field::Count(status.accounts)),
        ("accounts_max", Field::Count(status.accounts_max)),
        ("transfers", Field::Count(status.transfers)),
        ("open_holds", Field::Count(status.open_holds)),
        ("open_holds_max", Field::Count(status.open_holds_max)),
        ("directory_names", Field::Count(status.directory_names)),
        (
            "directory_names_max",
            Field::Count(status.directory_names_max),
        ),
        ("queue_requests", Field::Count(status.queue_requests)),
        ("queue_bytes", Field::Count(status.queue_bytes)),
        ("queue_bytes_max", Field::Count(status.queue_bytes_max)),
        ("connections", Field::Count(status.connections)),
        (
            "journal_format_version",
            Field::Count(status.journal_format_version.into()),
        ),
        ("journal_bytes", Field::Count(status.journal_bytes)),
        ("segments_unsealed", Field::Count(status.segments_unsealed)),
        ("segments_sealed", Field::Count(status.segments_sealed)),
        (
            "read_back",
            match status.read_back.is_empty() {
                true => Field::Absent,
                false => Field::text(&status.read_back),
            },
        ),
        ("frames", Field::Count(status.frames)),
        ("runs", Field::Count(status.runs)),
        ("runs_bytes", Field::Count(status.runs_bytes)),
        ("runs_filter_bytes", Field::Count(status.runs_filter_bytes)),
        ("runs_through", Field::Count(status.runs_through.get())),
        (
            "rebuilding",
            match status.rebuilding {
                Some(rebuilding) => {
                    Field::Text(format!("{} of {} events", rebuilding.done, rebuilding.of))
                }
                None => Field::Absent,
            },
        ),
        ("snapshots", Field::Count(status.snapshots)),
        ("snapshots_bytes", Field::Count(status.snapshots_bytes)),
        (
            "newest_snapshot",
            match status.newest_snapshot.get() {
                0 => Field::Absent,
                sequence => Field::Count(sequence),
            },
        ),
    ];
    let mut listing = Listing::new(&told.each_ref().map(|(name, _)| *name));
    listing.push(told.map(|(_, field)| field).into());
    Ok(listing.write_records(arguments.format, out)?)
}
