//! `pacioli import`: books kept elsewhere become ledgers, accounts and transfers.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::books::problem::{Place, Problems};
use crate::books::transaction::Transaction;
use crate::books::{beancount, postings_csv};
use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::importing::import;
use crate::progress;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum BooksFormat {
    /// Postings as `hledger print -O csv` writes them
    PostingsCsv,
    /// A Beancount file and what it includes
    Beancount,
}

/// What `import` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
A commodity becomes a ledger with the decimals that its amounts are written with, an account one \
account per commodity, a transaction a chain of transfers with a group of its own: all of it is \
posted or none. What a transaction exchanges goes through Equity:Conversions:COMMODITY.

Ids follow from what the books say, so importing a file again changes nothing, and an import that \
was cut off is completed by running it again. If a line is wrong, nothing of the file is posted.")]
pub(crate) struct ImportArguments {
    /// The file
    file: PathBuf,
    /// What it is [default: by its name, .csv, .beancount or .bean]
    #[arg(long, value_enum)]
    format: Option<BooksFormat>,
    /// About how many transfers go into a request; transactions are never split
    #[arg(long, default_value_t = 1024, value_name = "TRANSFERS")]
    batch: usize,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: ImportArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let path = arguments.file;
    let format = arguments
        .format
        .or_else(|| format_by_name(&path))
        .ok_or_else(|| CommandError::FormatUnknown { path: path.clone() })?;
    let bytes = std::fs::read(&path).map_err(|source| CommandError::File {
        path: path.clone(),
        source,
    })?;
    let (transactions, plugins) = match format {
        BooksFormat::PostingsCsv => (postings_csv::read(&path, &bytes)?, Vec::new()),
        BooksFormat::Beancount => {
            let text = std::str::from_utf8(&bytes)
                .map_err(|_| CommandError::NotText { path: path.clone() })?;
            read_beancount(&path, text)?
        }
    };
    for place in plugins {
        eprintln!("warning: {place}: plugins are not run; what they add or change is not imported");
    }
    let client = arguments.connection.connect().await?;
    let bar = progress::bar("posting", 0);
    let imported = import(&client, &transactions, arguments.batch, &bar).await?;
    writeln!(
        out,
        "{}: {} transactions in {} transfers, {} posted now, {} there before",
        path.display(),
        imported.transactions,
        imported.transfers,
        imported.transactions_new,
        imported.transactions - imported.transactions_new,
    )?;
    writeln!(
        out,
        "{} accounts, {} new; {} new ledgers; {} transactions through Equity:Conversions",
        imported.accounts, imported.accounts_new, imported.ledgers_new, imported.conversions,
    )?;
    Ok(())
}

fn read_beancount(path: &Path, text: &str) -> Result<(Vec<Transaction>, Vec<Place>), Problems> {
    let books = beancount::read(path, text)?;
    Ok((books.transactions, books.plugins))
}

fn format_by_name(path: &Path) -> Option<BooksFormat> {
    match path.extension()?.to_str()? {
        "csv" => Some(BooksFormat::PostingsCsv),
        "beancount" | "bean" => Some(BooksFormat::Beancount),
        _ => None,
    }
}
