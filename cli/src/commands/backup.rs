//! `pacioli backup`: the files of a running server, kept in a directory.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use indicatif::ProgressBar;
use ledger_client::{BackupBegin, BackupFile, BackupPart};
use ledger_engine::backup::{self, BackupDirectory, BackupError, BackupPlan, Manifest};
use ledger_engine::vfs::{OsVfs, Vfs};

use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::ShownId;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;
use crate::progress;

/// What `backup` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The server goes on meanwhile. The directory receives what it does not have yet: the next backup \
into it takes only what is new, and one that was cut off is completed by running it again. A backup \
describes itself and can be verified wherever it is: --verify reads it again. `pacioli snapshot \
restore --from DIR` makes a data directory of it.

Examples:
  pacioli backup backup
  pacioli backup backup --verify")]
pub(crate) struct BackupArguments {
    /// The directory of the backup; missing, empty, or an earlier backup of the same database
    dir: PathBuf,
    /// Ask no server: read the backup that is there and compare every file with its hash
    #[arg(long)]
    verify: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: BackupArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let (manifest, received) = if arguments.verify {
        let bar = progress::bytes_bar("verifying");
        let manifest = backup::verify(&vfs, &arguments.dir, &mut |progress| {
            bar.set_length(progress.bytes_total);
            bar.set_position(progress.bytes);
        })?;
        bar.finish_and_clear();
        (manifest, None)
    } else {
        let (manifest, received) = receive(&vfs, &arguments).await?;
        (manifest, Some(received))
    };
    let mut listing = Listing::new(&[
        "backup",
        "database_id",
        "epoch",
        "sequence",
        "time",
        "files",
        "bytes",
        "bytes_received",
    ]);
    listing.push(vec![
        Field::text(arguments.dir.display()),
        Field::text(ShownId(manifest.database)),
        Field::text(ShownId(manifest.epoch)),
        Field::Count(manifest.sequence.get()),
        match manifest.time.is_zero() {
            true => Field::Absent,
            false => Field::text(moment_text(manifest.time)),
        },
        Field::Count(manifest.files.len() as u64),
        Field::Count(manifest.files.iter().map(|file| file.bytes).sum()),
        received.map_or(Field::Absent, Field::Count),
    ]);
    Ok(listing.write_records(arguments.format, out)?)
}

/// Receives a backup, and tells how many bytes came.
async fn receive(
    vfs: &Arc<dyn Vfs>,
    arguments: &BackupArguments,
) -> Result<(Manifest, u64), CommandError> {
    let client = arguments.connection.connect().await?;
    let mut receiving = Receiving {
        directory: Some(open(vfs, arguments.dir.clone()).await?),
        begin: None,
        manifest: None,
        bar: progress::bytes_bar("backing up"),
        received: 0,
    };
    let held: Vec<BackupFile> = receiving
        .directory
        .iter()
        .flat_map(BackupDirectory::held)
        .map(|file| BackupFile {
            name: file.name.into(),
            bytes: file.bytes,
            identity: file.identity,
        })
        .collect();
    client.backup(&held, |part| receiving.take(part)).await?;
    receiving.bar.finish_and_clear();
    let manifest = receiving
        .manifest
        .expect("a backup that ended was finished");
    Ok((manifest, receiving.received))
}

/// Opens the directory, and reads all that is there beside the connection, which lives on.
async fn open(vfs: &Arc<dyn Vfs>, dir: PathBuf) -> Result<BackupDirectory, BackupError> {
    let vfs = Arc::clone(vfs);
    let opened = tokio::task::spawn_blocking(move || {
        let bar = progress::bytes_bar("checking");
        let opened = BackupDirectory::open(&vfs, &dir, &mut |progress| {
            bar.set_length(progress.bytes_total);
            bar.set_position(progress.bytes);
        });
        bar.finish_and_clear();
        opened
    });
    opened.await.expect("opening a directory does not panic")
}

/// A backup that is on its way. The client has checked the order of its parts.
struct Receiving {
    directory: Option<BackupDirectory>,
    begin: Option<BackupBegin>,
    manifest: Option<Manifest>,
    bar: ProgressBar,
    received: u64,
}

impl Receiving {
    fn take(&mut self, part: BackupPart) -> Result<(), CommandError> {
        let directory = self.directory.as_mut().expect("nothing follows the end");
        match part {
            BackupPart::Begin(begin) => {
                self.bar.set_length(begin.bytes_to_send);
                self.begin = Some(begin);
            }
            BackupPart::Files(files) => {
                let begin = self.begin.expect("the beginning comes first");
                directory.begin(BackupPlan {
                    database: begin.database_id,
                    epoch: begin.receipt.epoch,
                    segments: begin.segments,
                    sequence: begin.receipt.sequence,
                    time: begin.receipt.time,
                    frame_hash: begin.receipt.frame_hash,
                    files: files
                        .into_iter()
                        .map(|file| backup::BackupFile {
                            name: file.name.into(),
                            bytes: file.bytes,
                            identity: file.identity,
                        })
                        .collect(),
                })?;
            }
            BackupPart::FileBegin { index } => {
                let index = usize::try_from(index).expect("the client has checked it");
                directory.begin_file(index)?;
            }
            BackupPart::Chunk { content, .. } => {
                directory.write(&content)?;
                self.received += content.len() as u64;
                self.bar.set_position(self.received);
            }
            BackupPart::FileEnd { hash } => directory.end_file(hash)?,
            BackupPart::End => {
                let directory = self.directory.take().expect("the end comes once");
                self.manifest = Some(directory.finish()?);
            }
        }
        Ok(())
    }
}
