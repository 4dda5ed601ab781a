//! `pacioli bench`: how fast transfers are, with a sync for every acknowledgement.

use std::io::Write;
use std::path::{Path, PathBuf};

use ledger_benches::{
    BenchOptions, BenchResult, IdOrder, Phase, Progress, ServerProcess, Workload,
};
use tempfile::TempDir;

use crate::command_error::CommandError;
use crate::listing::{Field, Format, Listing};
use crate::progress;

/// What `bench` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Starts a server process of its own on a temporary directory, drives it through the gRPC client, \
and checks at the end that the balances add up to what was acknowledged.")]
pub(crate) struct BenchArguments {
    /// How many transfers
    #[arg(long, default_value_t = 1_000_000)]
    transfers: u64,
    /// How many transfers go into a call
    #[arg(long, default_value_t = 8190)]
    batch: usize,
    /// How many callers wait for answers at once
    #[arg(long, default_value_t = 4)]
    concurrency: usize,
    /// How many connections the calls are spread over
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// How many accounts value moves between
    #[arg(long, default_value_t = 10_000)]
    accounts: u64,
    /// uniform, hot, two-phase or linked
    #[arg(long, default_value_t)]
    workload: Workload,
    /// Whether ids grow with time or are random: time or random
    #[arg(long, default_value_t)]
    id_order: IdOrder,
    /// What everything is drawn from
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Let concurrent calls of one transfer each travel together
    #[arg(long)]
    coalesce: bool,
    /// Drive this server instead of a new one
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Where the temporary directory is made [default: the system's]
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    data_dir: Option<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command. Blocks: the load generator makes a runtime of its own.
pub(crate) fn run(arguments: BenchArguments, out: &mut impl Write) -> Result<(), CommandError> {
    let own = match &arguments.server {
        None => Some(start_server(arguments.data_dir.as_deref())?),
        Some(_) => None,
    };
    let server = match (&own, &arguments.server) {
        (Some((_, own)), _) => own.address(),
        (None, Some(server)) => server,
        (None, None) => unreachable!("a server is given or started"),
    };
    let mut options = BenchOptions::new(server);
    options.transfers = arguments.transfers;
    options.batch = arguments.batch;
    options.concurrency = arguments.concurrency;
    options.connections = arguments.connections;
    options.accounts = arguments.accounts;
    options.workload = arguments.workload;
    options.id_order = arguments.id_order;
    options.seed = arguments.seed;
    options.coalesce = arguments.coalesce;

    let bar = progress::bar("", 0);
    let mut result = ledger_benches::run(&options, &|progress: Progress| {
        bar.set_message(match progress.phase {
            Phase::Accounts => "accounts",
            Phase::Transfers => "transfers",
            _ => "checking",
        });
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    })?;
    bar.finish_and_clear();
    if let Some((data_dir, own)) = own {
        result.server_rss_bytes_max = own.memory_bytes_max();
        let bytes = own.disk_bytes().map_err(|source| CommandError::File {
            path: data_dir.path().to_owned(),
            source,
        })?;
        result.disk_bytes_per_transfer = Some(bytes as f64 / result.transfers as f64);
        // It has nothing to lose: the directory goes with it.
        own.kill();
    }
    print(&result, arguments.format, out)
}

/// Starts this very program as a server, on a new directory in `parent`.
fn start_server(parent: Option<&Path>) -> Result<(TempDir, ServerProcess), CommandError> {
    let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
    let data_dir = TempDir::with_prefix_in("pacioli-bench-", &parent).map_err(|source| {
        let path = parent.clone();
        CommandError::File { path, source }
    })?;
    let program = std::env::current_exe().map_err(CommandError::ServerProcess)?;
    let server = ServerProcess::start(&program, data_dir.path());
    Ok((data_dir, server.map_err(CommandError::ServerProcess)?))
}

fn print(result: &BenchResult, format: Format, out: &mut impl Write) -> Result<(), CommandError> {
    if format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, result).map_err(std::io::Error::from)?;
        return Ok(writeln!(out)?);
    }
    let milliseconds = |value: f64| Field::text(format!("{value:.3}"));
    let latency = &result.latency_ms;
    let told = [
        ("workload", Field::text(result.workload)),
        ("id_order", Field::text(result.id_order)),
        ("batch", Field::Count(result.batch as u64)),
        ("concurrency", Field::Count(result.concurrency as u64)),
        ("connections", Field::Count(result.connections as u64)),
        ("accounts", Field::Count(result.accounts)),
        ("seed", Field::Count(result.seed)),
        ("coalesce", Field::Flag(result.coalesce)),
        ("transfers", Field::Count(result.transfers)),
        ("calls", Field::Count(result.calls)),
        ("seconds", Field::text(format!("{:.3}", result.seconds))),
        (
            "transfers_per_second",
            Field::text(format!("{:.0}", result.transfers_per_second)),
        ),
        ("latency_ms_p50", milliseconds(latency.p50)),
        ("latency_ms_p90", milliseconds(latency.p90)),
        ("latency_ms_p99", milliseconds(latency.p99)),
        ("latency_ms_p99_9", milliseconds(latency.p99_9)),
        ("latency_ms_max", milliseconds(latency.max)),
        (
            "disk_bytes_per_transfer",
            result
                .disk_bytes_per_transfer
                .map_or(Field::Absent, |bytes| Field::text(format!("{bytes:.1}"))),
        ),
        (
            "server_rss_bytes_max",
            result
                .server_rss_bytes_max
                .map_or(Field::Absent, Field::Count),
        ),
        ("balanced", Field::Flag(result.balanced)),
    ];
    let mut listing = Listing::new(&told.each_ref().map(|(name, _)| *name));
    listing.push(told.map(|(_, field)| field).into());
    Ok(listing.write_records(format, out)?)
}
