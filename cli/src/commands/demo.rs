//! `pacioli demo`: everything at once, on real-looking books, through the real client.

mod evening;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ledger_client::{At, Client, ClientOptions};
use ledger_core::{AccountStatus, LedgerStatus};
use ledger_engine::{Config, Engine};
use ledger_server::Limits;
use tokio::sync::oneshot;

use crate::books::beancount;
use crate::command_error::CommandError;
use crate::commands::trial_balance;
use crate::importing::import;
use crate::listing::Format;
use crate::serving::{EndSignals, listen};
use crate::{logging, progress};

/// The shop's books, as the project ships them.
const BOOKS: &str = include_str!("../../books/bookshop.beancount");
const BOOKS_NAME: &str = "bookshop.beancount";

/// Small segments: the demo's journal is a few kilobytes.
const SEGMENT_BYTES: u64 = 1 << 20;

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArguments {
    /// Where the journal lies; running the demo on it again changes nothing
    #[arg(long, default_value = "./pacioli-demo", value_name = "DIR")]
    data_dir: PathBuf,
    /// The address and port [default: 127.0.0.1:7400, or with --exit any free port]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// End instead of going on serving
    #[arg(long)]
    exit: bool,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: DemoArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    logging::start("warn");
    let port = if arguments.exit { 0 } else { 7400 };
    let wanted = arguments
        .listen
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)));
    if !wanted.ip().is_loopback() {
        return Err(CommandError::NotLoopback { address: wanted });
    }
    let signals = EndSignals::take()?;
    let (listener, address) = listen(wanted).await?;
    let mut config = Config::new(&arguments.data_dir);
    config.segment_bytes = SEGMENT_BYTES;

    let (end, ended) = oneshot::channel();
    let open = move || Engine::open(config);
    let serving = ledger_server::serve(Limits::default(), listener, open, async {
        let _ = ended.await;
    });
    let mut serving = std::pin::pin!(serving);
    let showing = async {
        let server = format!("http://{address}");
        show(&server, &arguments.data_dir, out).await?;
        if !arguments.exit {
            tell_what_next(&server, out)?;
            signals.first().await;
        }
        Ok(())
    };
    let shown: Result<(), CommandError> = tokio::select! {
        ended_early = &mut serving => return Ok(ended_early?),
        shown = showing => shown,
    };
    // Nobody is left to hear it only if the server has ended, which is what is waited for.
    let _ = end.send(());
    serving.await?;
    shown
}

async fn show(server: &str, data_dir: &Path, out: &mut impl Write) -> Result<(), CommandError> {
    writeln!(
        out,
        "A server is running at {server} on the data directory {}.\n",
        data_dir.display()
    )?;
    let client = Client::connect(ClientOptions::new(server).connections(1)).await?;
    let before = client.list_ledgers().await?.receipt.sequence;

    writeln!(
        out,
        "1. The books of a bookshop are imported through gRPC ({BOOKS_NAME}).\n"
    )?;
    prepare(&client).await?;
    let books = beancount::read(Path::new(BOOKS_NAME), BOOKS)?;
    let bar = progress::bar("posting", 0);
    let imported = import(&client, &books.transactions, 64, &bar).await?;
    writeln!(
        out,
        "   {} transactions in {} transfers: {} posted now, {} there before\n",
        imported.transactions,
        imported.transfers,
        imported.transactions_new,
        imported.transactions - imported.transactions_new,
    )?;

    writeln!(
        out,
        "2. An evening at the shop: reservations, a refund, a refusal.\n"
    )?;
    evening::happen(&client).await?.write(Format::Table, out)?;

    writeln!(
        out,
        "\n3. The trial balance, and the proof that debits equal credits.\n"
    )?;
    trial_balance::print(&client, &[], At::Now, Format::Table, out).await?;

    let after = client.list_ledgers().await?.receipt.sequence;
    writeln!(
        out,
        "\nThe journal holds {after} events, of which this run added {}.",
        after.get() - before.get()
    )?;
    Ok(())
}

/// Registers the shop's ledgers and creates the accounts that have limits.
async fn prepare(client: &Client) -> Result<(), CommandError> {
    let ledgers = evening::ledgers();
    let statuses = client.register_ledgers(&ledgers).await?.value;
    for (ledger, status) in ledgers.into_iter().zip(statuses) {
        if !matches!(status, LedgerStatus::Registered | LedgerStatus::Exists) {
            let code = ledger.code;
            return Err(CommandError::LedgerRefused { code, status });
        }
    }
    let accounts = evening::limited_accounts();
    let answers = client.create_accounts(&accounts).await?.value;
    for (account, answer) in accounts.iter().zip(answers) {
        let status = answer.status;
        if !matches!(status, AccountStatus::Created | AccountStatus::Exists) {
            let id = account.id.get();
            return Err(CommandError::AccountRefused { id, status });
        }
    }
    Ok(())
}

fn tell_what_next(server: &str, out: &mut impl Write) -> Result<(), CommandError> {
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "pacioli".to_owned());
    let server = match server {
        "http://127.0.0.1:7400" => String::new(),
        elsewhere => format!(" --server {elsewhere}"),
    };
    writeln!(
        out,
        "
It goes on serving until you press Ctrl-C. From another terminal:

  {program} balance{server} \"ref:Liabilities:Wallets:Chiara EUR\"
  {program} transfer show{server} \"ref:order 1047 wallet\"
  {program} transfer post{server} \"ref:order 1047 wallet\" --amount 12.50 --ref my-first-post
  {program} transfer post{server} \"ref:order 1047 wallet\" --amount 12.50 --ref my-first-post
  {program} trial-balance{server} --format csv
  {program} status{server}"
    )?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests;
