//! `pacioli export`: the books of a database for other tools.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use ledger_client::{
    AccountEntry, AccountFilter, Client, ListOptions, Range, Receipt, TransferFilter,
};
use ledger_core::Timestamp;

use crate::command_error::CommandError;
use crate::connection::ConnectionArguments;
use crate::exporting::account_book::{AccountBook, BookAccount};
use crate::exporting::beancount::Beancount;
use crate::exporting::books::{BookTransaction, Gathering};
use crate::exporting::jsonl;
use crate::exporting::names::Names;
use crate::exporting::postings_csv::{PostingsCsv, RULES};
use crate::exporting::proof::Proof;
use crate::ledgers::Ledgers;
use crate::moment_text::moment_text;
use crate::progress;

/// The form of the books.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum ExportFormat {
    /// Postings as `hledger print -O csv` writes them
    PostingsCsv,
    /// A Beancount file
    Beancount,
    /// Everything, reservations too, one JSON object a line
    Jsonl,
}

/// What `export` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The books are those of one moment, however much is posted meanwhile. Every account's postings are \
added up and compared with what it has; if they differ, the command ends with 8. Amounts have the \
sign of books: a debit is positive. What is reserved is not part of the books.

An account keeps its name; one without a name is called by its id, and where several accounts of a \
ledger have one name each gets its id as a sub-account. Names and codes that Beancount does not \
take are changed and kept as metadata, which `pacioli import` reads.

Do not import the books into the database that they come from: what was not imported there would \
be posted again.

Examples:
  pacioli export --output books.csv
  pacioli export --output books.beancount
  pacioli export --format jsonl")]
pub(crate) struct ExportArguments {
    /// The form of the books [default: by the name of --output, .csv, .beancount, .bean or .jsonl]
    #[arg(long, value_enum, required_unless_present = "output")]
    format: Option<ExportFormat>,
    /// Where they are written; for postings-csv, FILE.rules beside it tells hledger how to read
    /// them [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: ExportArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let by_name = || arguments.output.as_deref().and_then(format_by_name);
    let format = arguments.format.or_else(by_name);
    let format = format.ok_or_else(|| CommandError::ExportFormatUnknown {
        path: arguments.output.clone().unwrap_or_default(),
    })?;
    let client = arguments.connection.connect().await?;
    let Some(path) = &arguments.output else {
        let bar = progress::bar_beside_output("exporting", 0);
        let mut out = BufWriter::new(out);
        export(&client, format, &mut out, &bar).await?;
        return Ok(out.flush()?);
    };
    let bar = progress::bar("exporting", 0);
    let exported = into_file(&client, format, path, &bar).await?;
    if format == ExportFormat::PostingsCsv {
        let rules = beside(path, "rules");
        std::fs::write(&rules, RULES).map_err(|source| CommandError::File {
            path: rules,
            source,
        })?;
    }
    writeln!(
        out,
        "{}: {} transactions of {} accounts, as of sequence {}{}",
        path.display(),
        exported.transactions,
        exported.accounts,
        exported.as_of.sequence,
        match exported.as_of.time.is_zero() {
            true => String::new(),
            false => format!(", {}", moment_text(exported.as_of.time)),
        }
    )?;
    Ok(writeln!(
        out,
        "every account's postings come to what it has"
    )?)
}

/// What was exported.
struct Exported {
    transactions: u64,
    accounts: usize,
    as_of: Receipt,
}

/// Writes a file that is there only if it is whole.
async fn into_file(
    client: &Client,
    format: ExportFormat,
    path: &Path,
    bar: &ProgressBar,
) -> Result<Exported, CommandError> {
    let partial = beside(path, "partial");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CommandError::File { path, source }
    };
    let mut file = BufWriter::new(File::create(&partial).map_err(failed(path))?);
    let exported = export(client, format, &mut file, bar).await;
    let written = exported.and_then(|exported| {
        let file = file.into_inner().map_err(|error| error.into_error());
        file.and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&partial, path))
            .map_err(failed(path))?;
        Ok(exported)
    });
    if written.is_err() {
        // Half of the books are no use to anybody; the error that is told is the first one.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn format_by_name(path: &Path) -> Option<ExportFormat> {
    match path.extension()?.to_str()? {
        "csv" => Some(ExportFormat::PostingsCsv),
        "beancount" | "bean" => Some(ExportFormat::Beancount),
        "jsonl" => Some(ExportFormat::Jsonl),
        _ => None,
    }
}

/// Where transactions go.
enum Books<'a, W: Write> {
    PostingsCsv(Box<PostingsCsv<W>>, &'a AccountBook, &'a Names),
    Beancount(Beancount<'a, W>),
    Jsonl(W),
}

impl<W: Write> Books<'_, W> {
    fn transaction(&mut self, transaction: &BookTransaction) -> std::io::Result<()> {
        match self {
            Self::PostingsCsv(rows, book, names) => rows.transaction(transaction, book, names),
            Self::Beancount(file) => file.transaction(transaction),
            Self::Jsonl(_) => Ok(()),
        }
    }

    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::PostingsCsv(rows, ..) => rows.finish(),
            Self::Beancount(file) => file.finish(),
            Self::Jsonl(mut out) => out.flush(),
        }
    }
}

async fn export(
    client: &Client,
    format: ExportFormat,
    mut out: impl Write,
    bar: &ProgressBar,
) -> Result<Exported, CommandError> {
    let options = ListOptions::default().page_size(8192);
    let mut list = client.list_accounts(AccountFilter::default(), options);
    let mut entries: Vec<AccountEntry> = Vec::new();
    while let Some(page) = list.next_page().await? {
        entries.extend(page);
    }
    let as_of = list.receipt().expect("a list that was read has a receipt");
    let ledgers = Ledgers::ask(client).await?;
    if format == ExportFormat::Jsonl {
        for ledger in ledgers.entries() {
            jsonl::ledger(ledger, &mut out)?;
        }
        for entry in &entries {
            jsonl::account(entry, &ledgers, &mut out)?;
        }
    }
    let accounts = entries.into_iter().map(book_account).collect();
    let book = AccountBook::new(accounts, ledgers.entries());
    let names = Names::new(&book);
    let mut books = match format {
        ExportFormat::PostingsCsv => {
            Books::PostingsCsv(Box::new(PostingsCsv::begin(out)?), &book, &names)
        }
        ExportFormat::Beancount => Books::Beancount(Beancount::begin(out, &book, &names)?),
        ExportFormat::Jsonl => Books::Jsonl(out),
    };
    let counts = ledgers.entries().iter().map(|ledger| ledger.transfers);
    bar.set_length(counts.sum());
    let transactions = transfers(client, &ledgers, as_of.time, &book, &mut books, bar).await?;
    bar.finish_and_clear();
    books.finish()?;
    Ok(Exported {
        transactions,
        accounts: book.accounts().len(),
        as_of,
    })
}

/// Writes all transfers up to a moment, and proves that they come to what accounts have.
async fn transfers<W: Write>(
    client: &Client,
    ledgers: &Ledgers,
    until: Timestamp,
    book: &AccountBook,
    books: &mut Books<'_, W>,
    bar: &ProgressBar,
) -> Result<u64, CommandError> {
    let filter = TransferFilter {
        time: Range {
            min: None,
            max: Some(until),
        },
        ..TransferFilter::default()
    };
    let options = ListOptions::default().page_size(8192);
    let mut list = client.list_transfers(filter, options);
    let mut proof = Proof::new(book);
    let mut gathering = Gathering::default();
    let mut transactions = 0;
    let mut write = |transaction: BookTransaction, books: &mut Books<'_, W>| {
        proof.add(&transaction, book);
        transactions += 1;
        books.transaction(&transaction)
    };
    // Before the first event there is no time, and nothing to export.
    let mut page = match until.is_zero() {
        true => None,
        false => list.next_page().await?,
    };
    while let Some(records) = page {
        for record in &records {
            if let Books::Jsonl(out) = books {
                jsonl::transfer(record, ledgers, out)?;
            }
            if let Some(transaction) = gathering.take(record) {
                write(transaction, books)?;
            }
        }
        bar.inc(records.len() as u64);
        page = list.next_page().await?;
    }
    if let Some(transaction) = gathering.finish() {
        write(transaction, books)?;
    }
    proof.check(book)?;
    Ok(transactions)
}

fn book_account(entry: AccountEntry) -> BookAccount {
    BookAccount {
        id: entry.id,
        ledger: entry.ledger,
        name: entry.name,
        code: entry.code,
        flags: entry.flags,
        totals: entry.totals,
    }
}
