//! `pacioli-endurance`: fills a database at full speed, and asks it for its oldest transfers.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use ledger_benches::{
    BenchError, BenchOptions, EnduranceOptions, EnduranceResult, IdOrder, Phase, Progress,
    Reopened, Workload, endure,
};

/// Whether a database stays as fast, as small and as sure of its oldest ids while it grows
#[derive(Debug, Parser)]
#[command(
    name = "pacioli-endurance",
    after_help = "\
Fills a new database at full speed, ends the server and starts it again, once with all its files \
and once without its index runs and its directory of names, and sends transfers from the whole of \
its history again. Each must be answered `exists`, with the moment of its creation.

Exit codes: 0 all held, 1 it did not or could not be tried, 2 memory or disk passed its bound."
)]
struct Arguments {
    /// How many transfers
    #[arg(long, default_value_t = 100_000_000)]
    transfers: u64,
    /// How many accounts value moves between
    #[arg(long, default_value_t = 10_000)]
    accounts: u64,
    /// How many transfers go into a call
    #[arg(long, default_value_t = 8190)]
    batch: usize,
    /// How many callers wait for answers at once
    #[arg(long, default_value_t = 4)]
    concurrency: usize,
    /// How many connections the calls are spread over
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// uniform, hot or two-phase
    #[arg(long, default_value_t)]
    workload: Workload,
    /// Whether ids grow with time or are random: time or random
    #[arg(long, default_value_t)]
    id_order: IdOrder,
    /// What everything is drawn from
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// How many old transfers are sent again after each start
    #[arg(long, default_value_t = 10_000)]
    retries: u64,
    /// An empty or missing directory on the disk that is to be measured; it is left as it is
    #[arg(long)]
    data_dir: PathBuf,
    /// The server's program [default: pacioli beside this one]
    #[arg(long)]
    program: Option<PathBuf>,
    /// The most memory that the server may use, in bytes
    #[arg(long, default_value_t = 1_000_000_000)]
    memory_bytes_max: u64,
    /// The most disk that a transfer may take, in bytes
    #[arg(long, default_value_t = 250)]
    disk_bytes_max: u64,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = std::error::Error::source(&error);
            while let Some(error) = source {
                eprintln!("  because {error}");
                source = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, BenchError> {
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => std::env::current_exe()
            .map_err(BenchError::Server)?
            .with_file_name("pacioli"),
    };
    let mut load = BenchOptions::new("");
    load.transfers = arguments.transfers;
    load.accounts = arguments.accounts;
    load.batch = arguments.batch;
    load.concurrency = arguments.concurrency;
    load.connections = arguments.connections;
    load.workload = arguments.workload;
    load.id_order = arguments.id_order;
    load.seed = arguments.seed;
    let options = EnduranceOptions {
        load,
        program,
        data_dir: arguments.data_dir.clone(),
        retries: arguments.retries,
    };
    let bar = progress_bar();
    let result = endure(&options, &|progress: Progress| {
        bar.set_message(match progress.phase {
            Phase::Accounts => "accounts",
            Phase::Transfers => "transfers",
            Phase::Retrying => "retrying",
            _ => "checking",
        });
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    })?;
    bar.finish_and_clear();
    let memory_holds = result
        .server_rss_bytes_max
        .is_none_or(|bytes| bytes <= arguments.memory_bytes_max);
    let disk_holds = result.disk_bytes_per_transfer <= arguments.disk_bytes_max as f64;
    let mut out = io::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut out, &result)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
            .map_err(BenchError::Server)?;
    } else {
        print(&result, arguments, &mut out).map_err(BenchError::Server)?;
    }
    Ok(memory_holds && disk_holds)
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{msg:<12} {wide_bar:.green} {human_pos}/{human_len} {per_sec:>14} {eta:>4}";
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.expect("the template is sound"));
    bar
}

fn print(result: &EnduranceResult, arguments: &Arguments, out: &mut impl Write) -> io::Result<()> {
    let megabytes = |bytes: u64| format!("{:.0} MB", bytes as f64 / 1e6);
    let memory = |bytes: Option<u64>| bytes.map_or_else(|| "unknown".to_owned(), megabytes);
    writeln!(
        out,
        "transfers            {} between {} accounts, ids by {}",
        result.transfers, result.accounts, result.id_order
    )?;
    writeln!(
        out,
        "throughput           {:.0} transfers/s for {:.1} s",
        result.transfers_per_second, result.seconds
    )?;
    let fastest = result.tenths_per_second.iter().copied().fold(1.0, f64::max);
    for (number, &tenth) in (1..).zip(&result.tenths_per_second) {
        let length = (tenth / fastest * 40.0).round() as usize;
        let bar = "█".repeat(length);
        writeln!(out, "  tenth {number:>2}           {tenth:>9.0} {bar}")?;
    }
    writeln!(
        out,
        "last of first tenth  {:.1} % (to be at least 90 %)",
        result.last_tenth_of_first * 100.0
    )?;
    writeln!(
        out,
        "longest call         {:.0} ms; p50 {:.1} ms, p99 {:.1} ms",
        result.latency_ms.max, result.latency_ms.p50, result.latency_ms.p99
    )?;
    writeln!(
        out,
        "longest stall        {:.0} ms without an answer to anybody",
        result.stall_ms_max
    )?;
    writeln!(
        out,
        "memory (VmHWM)       {} (at most {})",
        memory(result.server_rss_bytes_max),
        megabytes(arguments.memory_bytes_max)
    )?;
    writeln!(
        out,
        "disk                 {:.1} B a transfer (at most {} B), settled after {:.1} s",
        result.disk_bytes_per_transfer, arguments.disk_bytes_max, result.settled_after_seconds
    )?;
    for (name, reopened) in [
        ("started again", &result.reopened),
        ("without its index", &result.rebuilt),
    ] {
        print_reopened(name, reopened, &memory(reopened.server_rss_bytes_max), out)?;
    }
    Ok(())
}

fn print_reopened(
    name: &str,
    reopened: &Reopened,
    memory: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(
        out,
        "{name:<20} listening after {:.1} s, writing after {:.1} s, memory {memory}",
        reopened.listening_after_seconds, reopened.writing_after_seconds
    )?;
    writeln!(
        out,
        "                     {} old transfers sent again in {:.1} s, all exist; longest call \
         {:.0} ms",
        reopened.retried, reopened.seconds, reopened.call_ms_max
    )
}
