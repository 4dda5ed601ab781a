//! `snapshot verify`.

use std::io::Write;
use std::path::{Path, PathBuf};

use ledger_engine::snapshot::verify;
use ledger_engine::vfs::OsVfs;

use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;

use super::digest_text;

/// What `snapshot verify` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Reads all of each file and checks its checksums, that its accounts and reservations add up to its \
ledgers, and its digest. Whether it is what the journal says is checked by `pacioli verify`. Ends \
with 8 if a file does not verify.")]
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
    for path in &arguments.paths {
        for file in snapshots(path)? {
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
                    row.extend([Field::Flag(false), Field::text(with_cause(&error))]);
                    row.resize(columns.len(), Field::Absent);
                }
            }
            listing.push(row);
        }
    }
    listing.write_records(arguments.format, out)?;
    Ok(code)
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// A file, or the snapshots of a directory by name, of which there must be one.
fn snapshots(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |source| CommandError::File {
        path: path.to_owned(),
        source,
    };
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
