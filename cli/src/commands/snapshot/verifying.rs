//! `snapshot verify`.

use std::io::Write;
use std::path::{Path, PathBuf};

use ledger_engine::snapshot::{SnapshotError, verify};
use ledger_engine::vfs::OsVfs;

use crate::command_error::{CommandError, snapshot_text};
use crate::exit_code::ExitCode;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;
use crate::progress;

use super::digest_text;

/// What `snapshot verify` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Reads all of each file and checks its checksums, that its accounts and reservations add up to its \
ledgers, and its digest. Whether it is what the journal says is checked by `pacioli verify`. Ends \
with 8 if a file does not verify.

Examples:
  pacioli snapshot verify pacioli-data
  pacioli snapshot verify pacioli-data/snapshot-00000000000000001042.snapshot --format json")]
pub(crate) struct VerifyArguments {
    /// Snapshot files, or directories whose snapshots are checked
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs `snapshot verify`.
pub(super) fn run(
    arguments: VerifyArguments,
    out: &mut impl Write,
) -> Result<ExitCode, CommandError> {
    let columns = [
        "file",
        "verifies",
        "problem",
        "sequence",
        "time",
        "accounts",
        "transfers",
        "open_holds",
        "bytes",
        "digest",
    ];
    let mut listing = Listing::new(&columns);
    let mut code = ExitCode::Success;
    let mut files = Vec::new();
    for path in &arguments.paths {
        files.extend(snapshots(path)?);
    }
    let bar = progress::bar("verifying", files.len() as u64);
    for file in files {
        let mut row = vec![Field::text(file.display())];
        match verify(&OsVfs, &file) {
            Ok(info) => row.extend([
                Field::Flag(true),
                Field::Absent,
                Field::Count(info.sequence.get()),
                Field::text(moment_text(info.time)),
                Field::Count(info.accounts),
                Field::Count(info.transfers),
                Field::Count(info.open_holds),
                Field::Count(info.bytes),
                Field::text(digest_text(&info.digest)),
            ]),
            Err(error) => {
                code = ExitCode::Damaged;
                row.extend([Field::Flag(false), Field::text(snapshot_text(&error))]);
                row.resize(columns.len(), Field::Absent);
            }
        }
        listing.push(row);
        bar.inc(1);
    }
    bar.finish_and_clear();
    listing.write_records(arguments.format, out)?;
    Ok(code)
}

/// A file, or the snapshots of a directory by name, of which there must be one.
fn snapshots(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let failed = |source| {
        let file = path.to_owned();
        CommandError::Snapshot(SnapshotError::Io { file, source })
    };
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|name| name == "snapshot") {
            files.push(file);
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(CommandError::NoSnapshots {
            dir: path.to_owned(),
        }),
        false => Ok(files),
    }
}
