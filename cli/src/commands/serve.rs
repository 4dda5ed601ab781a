//! `pacioli serve`: a server on a data directory.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use ledger_engine::{Config, Engine};
use ledger_server::Limits;
use tracing::warn;

use crate::command_error::CommandError;
use crate::serving::{EndSignals, listen};
use crate::{logging, open_files};

/// What `serve` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Says on standard output where it listens, and logs on standard error; PACIOLI_LOG says what, such \
as `debug` or `ledger_engine=trace`. SIGTERM and SIGINT end it: what was admitted is answered \
first. A second one ends it at once, which loses nothing that was acknowledged.")]
pub(crate) struct ServeArguments {
    /// Where the journal lies; made if it does not exist
    #[arg(long, default_value = "./pacioli-data", value_name = "DIR")]
    data_dir: PathBuf,
    /// The address and port; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:7400", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Listen off loopback though there is no TLS and no authentication yet
    #[arg(long)]
    insecure: bool,
    /// Start although the clock is far ahead of the journal or behind it
    #[arg(long)]
    accept_clock: bool,
    /// The size of a segment of the journal
    #[arg(long, value_name = "BYTES")]
    segment_bytes: Option<u64>,
    /// The most bytes of requests that wait or are in work; beyond, requests are refused
    #[arg(long, value_name = "BYTES")]
    queue_bytes_max: Option<usize>,
    /// The most accounts
    #[arg(long, value_name = "NUMBER")]
    accounts_max: Option<u64>,
    /// The most reservations open at once
    #[arg(long, value_name = "NUMBER")]
    open_holds_max: Option<u64>,
    /// The most connections; the limit of open files is raised as they need it, up to the hard limit
    #[arg(long, value_name = "NUMBER")]
    connections_max: Option<usize>,
    /// The most connections from one address
    #[arg(long, value_name = "NUMBER")]
    connections_per_address_max: Option<usize>,
}

/// Runs the command, until a signal or a failure ends it.
pub(crate) async fn run(
    arguments: ServeArguments,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    logging::start("info,sled=warn");
    let signals = EndSignals::take()?;
    let is_loopback = arguments.listen.ip().is_loopback();
    if !is_loopback && !arguments.insecure {
        let address = arguments.listen;
        return Err(CommandError::NotLoopback { address });
    }
    let (listener, address) = listen(arguments.listen).await?;
    if !is_loopback {
        warn!("INSECURE: whoever reaches {address} can move all value in this ledger");
    }
    let (config, mut limits) = settings(arguments);
    limits.connections_max = open_files::make_room(limits.connections_max);
    writeln!(out, "listening on http://{address}")?;
    out.flush()?;
    let open = move || Engine::open(config);
    ledger_server::serve(limits, listener, open, signals.first()).await?;
    Ok(())
}

fn settings(arguments: ServeArguments) -> (Config, Limits) {
    let mut config = Config::new(arguments.data_dir);
    config.accept_clock = arguments.accept_clock;
    let mut limits = Limits::default();
    fn set<T>(setting: &mut T, given: Option<T>) {
        if let Some(given) = given {
            *setting = given;
        }
    }
    set(&mut config.segment_bytes, arguments.segment_bytes);
    set(&mut config.queue_bytes_max, arguments.queue_bytes_max);
    set(&mut config.accounts_max, arguments.accounts_max);
    set(&mut config.open_holds_max, arguments.open_holds_max);
    set(&mut limits.connections_max, arguments.connections_max);
    set(
        &mut limits.connections_per_address_max,
        arguments.connections_per_address_max,
    );
    (config, limits)
}
