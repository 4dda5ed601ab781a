//! `pacioli diff`: what became of each account between two snapshots.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use ledger_core::{Account, LedgerId};
use ledger_engine::snapshot::Snapshot;
use ledger_engine::vfs::OsVfs;
use ledger_engine::{AccountDifference, DiffSummary, diff};

use crate::amount_text::signed_text;
use crate::command_error::CommandError;
use crate::id_text::ShownId;
use crate::listing::{Field, Format, Rows};
use crate::moment_text::moment_text;
use crate::plot::balance_of;

/// What `diff` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Reads the snapshots as files, without a server. An account differs if its totals, its flags, its \
limits or its name do. Balances are what debits exceed credits by.

Examples:
  pacioli diff month-begin.snapshot month-end.snapshot
  pacioli diff month-begin.snapshot month-end.snapshot --format csv")]
pub(crate) struct DiffArguments {
    /// The first snapshot
    before: PathBuf,
    /// The second one
    after: PathBuf,
    /// How the accounts that differ are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

const COLUMNS: [&str; 9] = [
    "account",
    "ledger",
    "what",
    "balance_before",
    "balance_after",
    "change",
    "posted_debits",
    "posted_credits",
    "other_fields",
];

/// The decimals and the codes of ledgers.
type Ledgers = HashMap<LedgerId, (Box<str>, u32)>;

/// Runs the command.
pub(crate) fn run(arguments: &DiffArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let ledgers = ledgers(arguments)?;
    let mut rows = Rows::new(&COLUMNS, arguments.format).with_spare(&[
        &["posted_debits", "posted_credits"],
        &["other_fields"],
        &["what"],
        &["balance_before"],
    ]);
    let mut written = Ok(());
    let summary = diff(
        &OsVfs,
        &arguments.before,
        &arguments.after,
        &mut |account| {
            if written.is_ok() {
                written = rows.push(fields(&account, &ledgers), out);
            }
        },
    )?;
    written?;
    rows.finish(out)?;
    if arguments.format == Format::Table {
        tell(&summary, out)?;
    }
    Ok(())
}

/// The ledgers of both snapshots; what is registered never changes.
fn ledgers(arguments: &DiffArguments) -> Result<Ledgers, CommandError> {
    let mut found = Ledgers::new();
    for path in [&arguments.before, &arguments.after] {
        for ledger in Snapshot::open(&OsVfs, path)?.ledgers() {
            let ledger = ledger?;
            found.insert(ledger.id, (ledger.code, ledger.scale));
        }
    }
    Ok(found)
}

fn fields(account: &AccountDifference, ledgers: &Ledgers) -> Vec<Field> {
    let (before, after) = (&account.before, &account.after);
    let one = after.as_ref().or(before.as_ref());
    let one = one.expect("an account that differs is in one of the two");
    let (code, scale) = match ledgers.get(&one.ledger) {
        Some((code, scale)) if !code.is_empty() => (code.to_string(), *scale),
        _ => (one.ledger.to_string(), 0),
    };
    let had = |account: &Option<Account>| account.as_ref().map(|account| account.totals);
    let (then, now) = (
        had(before).unwrap_or_default(),
        had(after).unwrap_or_default(),
    );
    let balance = |account: &Option<Account>| match had(account) {
        Some(totals) => Field::Amount(signed_text(&balance_of(&totals), scale)),
        None => Field::Absent,
    };
    let moved = |after: ledger_core::Amount, before: ledger_core::Amount| {
        let after = bigdecimal::num_bigint::BigInt::from(after.get());
        Field::Amount(signed_text(&(after - before.get()), scale))
    };
    let change = balance_of(&now) - balance_of(&then);
    vec![
        Field::text(ShownId(one.id.get())),
        Field::Text(code),
        Field::text(match (before, after) {
            (None, _) => "created",
            (_, None) => "gone",
            _ => "changed",
        }),
        balance(before),
        balance(after),
        Field::Amount(signed_text(&change, scale)),
        moved(now.debits_posted, then.debits_posted),
        moved(now.credits_posted, then.credits_posted),
        match (before, after) {
            (Some(before), Some(after)) => other_fields(before, after),
            _ => Field::Absent,
        },
    ]
}

/// What differs besides posted totals.
fn other_fields(before: &Account, after: &Account) -> Field {
    let differs = [
        (
            "reserved",
            (before.totals.debits_pending, before.totals.credits_pending)
                != (after.totals.debits_pending, after.totals.credits_pending),
        ),
        ("flags", before.flags != after.flags),
        (
            "overdraft_limit",
            before.overdraft_limit != after.overdraft_limit,
        ),
        ("balance_max", before.balance_max != after.balance_max),
    ];
    let words: Vec<&str> = differs
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(word, _)| word)
        .collect();
    match words.is_empty() {
        true => Field::Absent,
        false => Field::Text(words.join(" ")),
    }
}

fn tell(summary: &DiffSummary, out: &mut impl Write) -> std::io::Result<()> {
    let (before, after) = (&summary.before, &summary.after);
    writeln!(
        out,
        "\nfrom sequence {}, {}, to {}, {}",
        before.sequence,
        moment_text(before.time),
        after.sequence,
        moment_text(after.time)
    )?;
    writeln!(
        out,
        "{} created, {} changed, {} unchanged, {} gone",
        summary.created, summary.changed, summary.unchanged, summary.gone
    )?;
    if !summary.same_history {
        writeln!(
            out,
            "the second snapshot did not come from the first: the database was restored to an \
             earlier point between, or they are the other way round"
        )?;
    }
    Ok(())
}
