//! `pacioli snapshot`: the whole state in one file, and restoring.

mod restoring;
mod verifying;

use std::io::Write;
use std::time::Duration;

use ledger_client::Snapshot;

use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::exit_code::ExitCode;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;
use crate::progress;

/// Take, list and check snapshots, and restore a database up to any moment
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Have a snapshot derived from the journal's files, as of now
    Create(CreateArguments),
    /// List the snapshots of a server
    List(ListArguments),
    /// Check snapshot files by themselves, without a server
    Verify(verifying::VerifyArguments),
    /// Make a data directory from a backup or an old one, up to any event or moment
    Restore(Box<restoring::RestoreArguments>),
}

/// What `snapshot create` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The server goes on meanwhile. With a snapshot it starts sooner, and two of them tell what became of \
each account: `pacioli diff`. It is no backup, since it lies beside the journal: `pacioli backup` \
takes one.

Examples:
  pacioli snapshot create
  pacioli snapshot create --name 2026-10-close")]
pub(crate) struct CreateArguments {
    /// A name, under which it is kept; without one it makes way for newer ones
    #[arg(long)]
    name: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// What `snapshot list` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
    /// How the list is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Deriving a snapshot reads the journal since the one before, which may take its time.
const CREATE_DEADLINE_MIN: Duration = Duration::from_secs(3600);

/// Runs the commands that ask a server.
pub(crate) async fn run(
    command: SnapshotCommand,
    out: &mut impl Write,
) -> Result<ExitCode, CommandError> {
    match command {
        SnapshotCommand::Create(arguments) => create(arguments, out).await?,
        SnapshotCommand::List(arguments) => list(arguments, out).await?,
        SnapshotCommand::Verify(arguments) => return verifying::run(arguments, out),
        SnapshotCommand::Restore(arguments) => restoring::run(&arguments, out)?,
    }
    Ok(ExitCode::Success)
}

async fn create(arguments: CreateArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let patient = client.with_deadline(arguments.connection.deadline.max(CREATE_DEADLINE_MIN));
    let clock = progress::clock("deriving the snapshot");
    let snapshot = patient.create_snapshot(arguments.name.as_deref()).await?;
    clock.finish_and_clear();
    let mut listing = Listing::new(&COLUMNS);
    listing.push(fields(&snapshot.value));
    Ok(listing.write_records(arguments.format, out)?)
}

async fn list(arguments: ListArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let mut listing = Listing::new(&COLUMNS).with_spare(&[
        &["digest"],
        &["open_holds"],
        &["bytes"],
        &["accounts", "transfers"],
        &["file"],
    ]);
    for snapshot in client.snapshots().await?.value {
        listing.push(fields(&snapshot));
    }
    Ok(listing.write(arguments.format, out)?)
}

const COLUMNS: [&str; 9] = [
    "file",
    "names",
    "sequence",
    "time",
    "accounts",
    "transfers",
    "open_holds",
    "bytes",
    "digest",
];

fn fields(snapshot: &Snapshot) -> Vec<Field> {
    vec![
        Field::text(&snapshot.file),
        match snapshot.names.is_empty() {
            true => Field::Absent,
            false => Field::Text(snapshot.names.join(" ")),
        },
        Field::Count(snapshot.sequence.get()),
        Field::text(moment_text(snapshot.time)),
        Field::Count(snapshot.accounts),
        Field::Count(snapshot.transfers),
        Field::Count(snapshot.open_holds),
        Field::Count(snapshot.bytes),
        Field::text(digest_text(&snapshot.digest)),
    ]
}

/// A digest as hexadecimal digits.
fn digest_text(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
