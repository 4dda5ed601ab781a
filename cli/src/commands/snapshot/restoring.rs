//! `snapshot restore`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use ledger_core::Sequence;
use ledger_engine::restore::{
    RestoreOptions, RestorePlan, RestoreProgress, SourceKind, Until, plan, restore,
};
use ledger_engine::vfs::{OsVfs, Vfs};
use ledger_engine::{Clock, SystemClock};

use crate::command_error::CommandError;
use crate::id_text::ShownId;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;
use crate::progress;
use crate::when::When;

/// What `snapshot restore` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Reads and verifies the source frame by frame and writes a new data directory; the source stays as \
it is. What is asked for is rounded down to the end of a request, so that no request is there in \
part. The restored database begins another epoch: receipts, page tokens and clients from beyond the \
fork are told so. A day means its end, and times are UTC unless an offset is written.

Examples:
  pacioli snapshot restore --from backup --to restored --dry-run
  pacioli snapshot restore --from backup --to restored --until-time 2026-11-21 --verify
  pacioli snapshot restore --from pacioli-data --to restored --until-sequence 1042")]
pub(crate) struct RestoreArguments {
    /// A backup, or the data directory of a server that does not run
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The data directory to make; missing or empty
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Up to the event of this sequence [default: all]
    #[arg(long, value_name = "SEQUENCE", conflicts_with = "until_time")]
    until_sequence: Option<u64>,
    /// Up to this moment, such as `2026-11-22 14:30`, or to the end of this day
    #[arg(long, value_name = "TIME")]
    until_time: Option<When>,
    /// Audit what was restored before it can be opened
    #[arg(long)]
    verify: bool,
    /// Say what would be done, and do nothing
    #[arg(long, conflicts_with = "verify")]
    dry_run: bool,
    /// Believe the clock though it is far ahead of the journal
    #[arg(long)]
    accept_clock: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs `snapshot restore`.
pub(super) fn run(arguments: &RestoreArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let until = match (arguments.until_sequence, arguments.until_time) {
        (Some(sequence), _) => Until::Sequence(Sequence::new(sequence)),
        (None, Some(when)) => Until::Time(when.end()),
        (None, None) => Until::End,
    };
    let options = RestoreOptions {
        from: arguments.from.clone(),
        to: arguments.to.clone(),
        until,
        verify: arguments.verify,
        now: SystemClock::new().wall(),
        accept_clock: arguments.accept_clock,
    };
    if arguments.dry_run {
        let planned = plan(&vfs, &options)?;
        let mut told = vec![("done", Field::Flag(false))];
        told.extend(plan_fields(&planned));
        print(told, arguments.format, out)?;
        if arguments.format == Format::Table {
            writeln!(out, "\nnothing was written: without --dry-run this is done")?;
        }
        return Ok(());
    }
    let bar = progress::bytes_bar("restoring");
    let restored = restore(&vfs, &options, &mut |progress| {
        let (heading, progress) = match progress {
            RestoreProgress::Carrying(progress) => ("restoring", progress),
            RestoreProgress::Auditing(progress) => ("auditing", progress),
        };
        bar.set_message(heading);
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes);
    })?;
    bar.finish_and_clear();
    let mut told = vec![("done", Field::Flag(true))];
    told.extend(plan_fields(&restored.plan));
    told.extend([
        ("new_epoch", Field::text(ShownId(restored.epoch))),
        ("new_sequence", Field::Count(restored.sequence.get())),
        (
            "audit",
            match restored.audit {
                Some(_) => Field::text("everything that can be checked holds"),
                None => Field::Absent,
            },
        ),
    ]);
    print(told, arguments.format, out)?;
    if restored.plan.sequence.get() == 0 {
        eprintln!("nothing had happened by then: the restored database is empty");
    }
    if arguments.format == Format::Table {
        let to = arguments.to.display();
        writeln!(out, "\n`pacioli serve --data-dir {to}` opens it")?;
    }
    Ok(())
}

fn plan_fields(plan: &RestorePlan) -> Vec<(&'static str, Field)> {
    let moment = |time: ledger_core::Timestamp| match time.is_zero() {
        true => Field::Absent,
        false => Field::text(moment_text(time)),
    };
    let snapshots: Vec<String> = plan
        .snapshots
        .iter()
        .map(|one| one.get().to_string())
        .collect();
    vec![
        (
            "source",
            Field::text(match plan.source {
                SourceKind::DataDirectory => "data directory",
                SourceKind::Backup => "backup",
            }),
        ),
        ("database_id", Field::text(ShownId(plan.database))),
        ("epoch", Field::text(ShownId(plan.epoch))),
        ("newest_sequence", Field::Count(plan.newest.get())),
        ("newest_time", moment(plan.newest_time)),
        ("sequence", Field::Count(plan.sequence.get())),
        ("time", moment(plan.time)),
        ("events_left_out", Field::Count(plan.left_out)),
        ("segments_whole", Field::Count(plan.segments_whole)),
        (
            "segment_cut",
            plan.segment_cut.map_or(Field::Absent, Field::Count),
        ),
        (
            "snapshots",
            match snapshots.is_empty() {
                true => Field::Absent,
                false => Field::Text(snapshots.join(" ")),
            },
        ),
        ("bytes", Field::Count(plan.bytes)),
    ]
}

fn print(
    told: Vec<(&'static str, Field)>,
    format: Format,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let (columns, row): (Vec<&'static str>, Vec<Field>) = told.into_iter().unzip();
    let mut listing = Listing::new(&columns);
    listing.push(row);
    Ok(listing.write_records(format, out)?)
}
