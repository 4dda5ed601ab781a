//! `pacioli balance history`: an account's balance after each of its events.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bigdecimal::num_bigint::BigInt;
use ledger_client::{
    AccountEntry, BalanceHistory, BalanceRecord, Client, List, ListOptions, Range,
};
use ledger_core::{AccountId, Amount, Sequence, Timestamp};

use crate::account_fields::shown_name;
use crate::accounts::find_account;
use crate::amount_text::{amount_text, signed_text};
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::id_text::{IdText, ShownId};
use crate::ledgers::Ledgers;
use crate::listing::{Field, Format, Rows};
use crate::moment_text::{moment_text, second_text};
use crate::plot::{Columns, SVG_COLUMNS, TerminalSize, balance_of, terminal_plot, write_svg};
use crate::screen;
use crate::when::When;

/// How a history is printed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, clap::ValueEnum)]
enum HistoryFormat {
    /// A drawing of the balance over time
    #[default]
    Plot,
    /// Columns that line up, one row an event
    Table,
    /// A header and one row an event
    Csv,
    /// One array of objects
    Json,
}

/// What `balance history` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The balance is what debits exceed credits by, posted only. A plot goes in steps, since a balance is \
what it is until the next event, and each of its columns shows the lowest and the highest balance \
of its time. It needs no colours, and is 80 characters wide where it is not printed at a terminal.

Examples:
  pacioli balance history ref:ada
  pacioli balance history ref:ada --since 2026-11 --svg ada.svg
  pacioli balance history ref:ada --since yesterday --format table")]
pub(crate) struct HistoryArguments {
    /// The account: a number, a UUID or ref:TEXT
    account: IdText,
    /// From this moment on, or from the beginning of this day
    #[arg(long, value_name = "TIME")]
    since: Option<When>,
    /// Up to this moment, or to the end of this day
    #[arg(long, value_name = "TIME")]
    until: Option<When>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    format: HistoryFormat,
    /// Write the plot into this file, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Characters across [default: as the terminal has, or 80]
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: Option<u16>,
    /// Lines of the plot
    #[arg(long, value_name = "LINES", default_value_t = 16, value_parser = clap::value_parser!(u16).range(3..=200))]
    height: u16,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// The characters across where nobody says how many there are.
const WIDTH_DEFAULT: usize = 80;

impl HistoryArguments {
    fn size(&self) -> TerminalSize {
        let width = self.width.map(usize::from).or(screen::output_width());
        TerminalSize {
            width: width.unwrap_or(WIDTH_DEFAULT),
            height: self.height.into(),
        }
    }

    fn question(&self, account: AccountId) -> BalanceHistory {
        BalanceHistory {
            times: Range {
                min: self.since.map(When::start),
                max: self.until.map(When::end),
            },
            ..BalanceHistory::of(account)
        }
    }
}

/// Runs the command.
pub(super) async fn run(
    arguments: HistoryArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let client = arguments.connection.connect().await?;
    let ledgers = Ledgers::ask(&client).await?;
    let account = find_account(&client, &arguments.account).await?;
    let id = account.id;
    let scale = ledgers.scale(account.ledger);
    let rows = match arguments.format {
        HistoryFormat::Plot => None,
        HistoryFormat::Table => Some(Format::Table),
        HistoryFormat::Csv => Some(Format::Csv),
        HistoryFormat::Json => Some(Format::Json),
    };
    if let Some(format) = rows {
        print(&client, &arguments, id, scale, format, out).await?;
    }
    if rows.is_none() || arguments.svg.is_some() {
        let title = title(&account, &ledgers);
        plot(&client, &arguments, id, scale, &title, out).await?;
    }
    Ok(())
}

fn title(account: &AccountEntry, ledgers: &Ledgers) -> String {
    let commodity = ledgers.shown(account.ledger);
    format!("{}, balance in {commodity}", shown_name(account))
}

async fn print(
    client: &Client,
    arguments: &HistoryArguments,
    id: AccountId,
    scale: u32,
    format: Format,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let columns = [
        "time",
        "sequence",
        "transfer",
        "balance",
        "debits_posted",
        "credits_posted",
        "debits_pending",
        "credits_pending",
    ];
    let mut rows = Rows::new(&columns, format).with_spare(&[
        &["transfer"],
        &["debits_posted", "credits_posted"],
        &["sequence"],
        &["debits_pending", "credits_pending"],
    ]);
    let mut list = client.list_balances(arguments.question(id), ListOptions::default());
    while let Some(record) = list.next().await? {
        let amount = |amount: Amount| Field::Amount(amount_text(amount, scale));
        let totals = record.totals;
        rows.push(
            vec![
                Field::text(moment_text(record.time)),
                Field::Count(record.sequence.get()),
                match record.transfer_id.is_zero() {
                    true => Field::Absent,
                    false => Field::text(ShownId(record.transfer_id.get())),
                },
                Field::Amount(signed_text(&balance_of(&totals), scale)),
                amount(totals.debits_posted),
                amount(totals.credits_posted),
                amount(totals.debits_pending),
                amount(totals.credits_pending),
            ],
            out,
        )?;
    }
    Ok(rows.finish(out)?)
}

/// What a plot says beside its lines.
struct Summary {
    events: u64,
    before: BigInt,
    lowest: Option<(BigInt, Timestamp)>,
    highest: Option<(BigInt, Timestamp)>,
    last: BigInt,
}

async fn plot(
    client: &Client,
    arguments: &HistoryArguments,
    id: AccountId,
    scale: u32,
    title: &str,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let question = arguments.question(id);
    let ends = |options: ListOptions| client.list_balances(question, options.page_size(1));
    let first = next(ends(ListOptions::default())).await?;
    let last = next(ends(ListOptions::newest_first())).await?;
    let (Some(first), Some(last)) = (first, last) else {
        // Beside the output, which may be rows for a program.
        eprintln!("{title}: no event in this time");
        return Ok(());
    };
    let before = balance_before(client, id, first.sequence).await?;
    let size = arguments.size();
    let columns = |count| Columns::new(first.time, last.time, before.clone(), count);
    let mut drawn = columns(size.columns());
    let mut svg = columns(SVG_COLUMNS);
    let mut summary = Summary {
        events: 0,
        lowest: None,
        highest: None,
        last: before.clone(),
        before: before.clone(),
    };
    let question = BalanceHistory {
        sequences: Range {
            min: Some(first.sequence),
            max: Some(last.sequence),
        },
        ..question
    };
    let mut list = client.list_balances(question, ListOptions::default().page_size(8192));
    while let Some(page) = list.next_page().await? {
        for record in page {
            let balance = balance_of(&record.totals);
            drawn.add(record.time, balance.clone());
            svg.add(record.time, balance.clone());
            summary.add(record.time, balance);
        }
    }
    if let Some(path) = &arguments.svg {
        write_file(&svg, scale, title, path)?;
    }
    if arguments.format == HistoryFormat::Plot {
        writeln!(out, "{title}")?;
        write!(out, "{}", terminal_plot(&drawn, scale, size))?;
        summary.write(first.time, last.time, scale, out)?;
    }
    Ok(())
}

async fn next(mut list: List<BalanceHistory>) -> Result<Option<BalanceRecord>, CommandError> {
    Ok(list.next().await?)
}

/// What the account had before one of its events.
async fn balance_before(
    client: &Client,
    id: AccountId,
    sequence: Sequence,
) -> Result<BigInt, CommandError> {
    // As of a sequence inside a request the state before the request is told, so the account's
    // own events are asked for instead.
    let question = BalanceHistory {
        sequences: Range {
            min: None,
            max: Some(Sequence::new(sequence.get() - 1)),
        },
        ..BalanceHistory::of(id)
    };
    if sequence.get() <= 1 {
        return Ok(BigInt::default());
    }
    let options = ListOptions::newest_first().page_size(1);
    let record = next(client.list_balances(question, options)).await?;
    Ok(record.map_or_else(BigInt::default, |record| balance_of(&record.totals)))
}

impl Summary {
    fn add(&mut self, time: Timestamp, balance: BigInt) {
        self.events += 1;
        if self
            .lowest
            .as_ref()
            .is_none_or(|(lowest, _)| balance < *lowest)
        {
            self.lowest = Some((balance.clone(), time));
        }
        if self
            .highest
            .as_ref()
            .is_none_or(|(highest, _)| balance > *highest)
        {
            self.highest = Some((balance.clone(), time));
        }
        self.last = balance;
    }

    fn write(
        &self,
        from: Timestamp,
        to: Timestamp,
        scale: u32,
        out: &mut impl Write,
    ) -> Result<(), CommandError> {
        writeln!(out, "\n{} events", self.events)?;
        let extreme = |extreme: &Option<(BigInt, Timestamp)>| extreme.clone();
        let told = [
            ("before", Some((self.before.clone(), from))),
            ("lowest", extreme(&self.lowest)),
            ("highest", extreme(&self.highest)),
            ("last", Some((self.last.clone(), to))),
        ];
        let told = told.map(|(word, told)| {
            told.map(|(balance, time)| (word, signed_text(&balance, scale), second_text(time)))
        });
        let told: Vec<_> = told.into_iter().flatten().collect();
        let widths = told.iter().map(|(_, text, _)| text.len());
        let width = widths.max().unwrap_or(0);
        for (word, text, time) in told {
            writeln!(out, "{word:<8} {text:>width$}  {time}")?;
        }
        Ok(())
    }
}

fn write_file(balance: &Columns, scale: u32, title: &str, path: &Path) -> Result<(), CommandError> {
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        write_svg(balance, scale, title, &mut file)?;
        file.flush()
    };
    write().map_err(|source| CommandError::File {
        path: path.to_owned(),
        source,
    })
}
