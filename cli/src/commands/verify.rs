//! `pacioli verify`: an audit of a data directory.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use indicatif::ProgressBar;
use ledger_engine::journal::Progress;
use ledger_engine::verify::{Finding, Report, Severity, Summary, verify};
use ledger_engine::vfs::{OsVfs, Vfs};

use crate::amount_text::sum_text;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::finding_text::{finding_text, problem_text};
use crate::id_text::ShownId;
use crate::listing::{Field, Format, Listing};
use crate::moment_text::moment_text;
use crate::progress;

/// What `verify` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Reads the journal from its first event and checks all that can be checked of it: the chain of \
frames, ids, every total after every event, limits, reservations, reversals, and that debits equal \
credits. It shares no code with what decides. It changes nothing; the server must not be running. \
Ends with 8 if it finds an error.")]
pub(crate) struct VerifyArguments {
    /// The data directory
    #[arg(long, default_value = "./pacioli-data", value_name = "DIR")]
    data_dir: PathBuf,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The most findings that are shown; a torn file may have one a frame. All are counted.
const SHOWN_MAX: usize = 1000;

struct Auditing {
    bar: ProgressBar,
    findings: Vec<Finding>,
}

impl Report for Auditing {
    fn finding(&mut self, finding: Finding) {
        if self.findings.len() < SHOWN_MAX {
            self.findings.push(finding);
        }
    }

    fn progress(&mut self, progress: Progress) {
        self.bar.set_length(progress.bytes_total);
        self.bar.set_position(progress.bytes);
    }
}

/// Runs the command.
pub(crate) fn run(
    arguments: VerifyArguments,
    out: &mut impl Write,
) -> Result<ExitCode, CommandError> {
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let mut auditing = Auditing {
        bar: progress::bytes_bar("verifying"),
        findings: Vec::new(),
    };
    let summary = verify(&vfs, &arguments.data_dir, &mut auditing)?;
    auditing.bar.finish_and_clear();
    let findings = findings(&auditing.findings, &summary);
    match arguments.format {
        Format::Csv => findings.write(Format::Csv, out)?,
        Format::Json => {
            let whole = serde_json::json!({
                "summary": told(&summary),
                "ledgers": ledgers(&summary),
                "findings": findings,
            });
            serde_json::to_writer_pretty(&mut *out, &whole).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Table => print(&auditing.findings, &summary, out)?,
    }
    Ok(match summary.errors {
        0 => ExitCode::Success,
        _ => ExitCode::Damaged,
    })
}

fn print(
    findings: &[Finding],
    summary: &Summary,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    for finding in findings {
        let text = finding_text(finding, &summary.ledgers);
        writeln!(out, "{}: {text}", severity(finding))?;
    }
    let hidden = summary.errors + summary.notes - findings.len() as u64;
    if hidden > 0 {
        writeln!(out, "... and {hidden} more")?;
    }
    if !findings.is_empty() {
        writeln!(out)?;
    }
    told(summary).write_records(Format::Table, out)?;
    writeln!(out)?;
    ledgers(summary).write(Format::Table, out)?;
    let verdict = match summary.errors {
        0 => "everything that can be checked holds",
        _ => "THE JOURNAL DOES NOT VERIFY: keep the directory as it is, and restore a backup",
    };
    Ok(writeln!(out, "\n{verdict}")?)
}

fn severity(finding: &Finding) -> &'static str {
    match finding.problem.severity() {
        Severity::Note => "note",
        Severity::Error => "error",
    }
}

fn findings(findings: &[Finding], summary: &Summary) -> Listing {
    let mut listing = Listing::new(&["severity", "file", "offset", "sequence", "problem"]);
    for finding in findings {
        listing.push(vec![
            Field::text(severity(finding)),
            Field::text(finding.file.display()),
            Field::Count(finding.offset),
            Field::Count(finding.sequence.get()),
            Field::Text(problem_text(finding, &summary.ledgers)),
        ]);
    }
    listing
}

fn told(summary: &Summary) -> Listing {
    let told = [
        ("database_id", Field::text(ShownId(summary.database))),
        ("epoch", Field::text(ShownId(summary.epoch))),
        ("sequence", Field::Count(summary.sequence.get())),
        ("time", Field::text(moment_text(summary.time))),
        ("segments", Field::Count(summary.segments)),
        ("frames", Field::Count(summary.frames)),
        ("events", Field::Count(summary.events)),
        ("bytes", Field::Count(summary.bytes)),
        ("runs", Field::Count(summary.runs)),
        ("snapshots", Field::Count(summary.snapshots)),
        ("accounts", Field::Count(summary.accounts)),
        ("transfers", Field::Count(summary.transfers)),
        ("open_holds", Field::Count(summary.open_holds)),
        (
            "unchecked_from",
            match summary.unchecked_from {
                Some(sequence) => Field::Count(sequence.get()),
                None => Field::Absent,
            },
        ),
        ("errors", Field::Count(summary.errors)),
        ("notes", Field::Count(summary.notes)),
    ];
    let mut listing = Listing::new(&told.each_ref().map(|(name, _)| *name));
    listing.push(told.map(|(_, field)| field).into());
    listing
}

/// What the accounts of each ledger add up to, with the decimals that the journal gives it.
fn ledgers(summary: &Summary) -> Listing {
    let mut listing = Listing::new(&[
        "ledger",
        "accounts",
        "debits_posted",
        "credits_posted",
        "debits_pending",
        "credits_pending",
        "balanced",
    ])
    .with_spare(&[&["debits_pending", "credits_pending"], &["accounts"]]);
    for ledger in &summary.ledgers {
        let sum = |sum| Field::Amount(sum_text(sum, ledger.scale));
        listing.push(vec![
            match ledger.code.is_empty() {
                true => Field::text(ledger.ledger),
                false => Field::text(&ledger.code),
            },
            Field::Count(ledger.accounts),
            sum(ledger.debits_posted),
            sum(ledger.credits_posted),
            sum(ledger.debits_pending),
            sum(ledger.credits_pending),
            match ledger.is_balanced() {
                true => Field::text("debits = credits"),
                false => Field::text("DEBITS AND CREDITS DIFFER"),
            },
        ]);
    }
    listing
}
