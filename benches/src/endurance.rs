//! Whether a database stays what it was while its history grows: as fast, as small, and as sure of
//! its oldest ids.
//!
//! A server of the run's own is filled at full speed; then it is ended and started again, once with
//! all that it has and once without its index runs and its directory, and each time transfers from
//! the whole of its history are sent again. Every one of them must be answered `exists`, with the
//! moment at which it was created.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger_core::Timestamp;
use serde::Serialize;

use crate::load::Load;
use crate::pace::Pace;
use crate::run::{drive, runtime};
use crate::{
    BenchError, BenchOptions, Generator, IdOrder, Latency, Phase, Progress, ServerProcess, Workload,
};

mod retry;
mod settling;

pub use retry::Reopened;

/// What to fill a database with, and where.
#[derive(Clone, Debug)]
pub struct EnduranceOptions {
    /// The load. Its `server` is not used: the run starts its own.
    pub load: BenchOptions,
    /// The `pacioli` to run.
    pub program: PathBuf,
    /// An empty or missing directory, for the database.
    pub data_dir: PathBuf,
    /// How many transfers of the history are sent again after each start.
    pub retries: u64,
}

/// What a run found.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct EnduranceResult {
    /// What the transfers were like.
    pub workload: Workload,
    /// How their ids followed one another.
    pub id_order: IdOrder,
    /// How many transfers a call brought.
    pub batch: usize,
    /// How many callers there were.
    pub concurrency: usize,
    /// How many accounts value moved between.
    pub accounts: u64,
    /// How many transfers were acknowledged.
    pub transfers: u64,
    /// From the first call to the last answer.
    pub seconds: f64,
    /// Acknowledged transfers a second.
    pub transfers_per_second: f64,
    /// The same in each tenth of the run.
    pub tenths_per_second: Vec<f64>,
    /// The last tenth as a share of the first.
    pub last_tenth_of_first: f64,
    /// Of calls.
    pub latency_ms: Latency,
    /// The longest time in which no call was answered.
    pub stall_ms_max: f64,
    /// The most memory that the server had resident.
    pub server_rss_bytes_max: Option<u64>,
    /// What the data directory held for each transfer, once nothing changed there any more.
    pub disk_bytes_per_transfer: f64,
    /// How long after the last answer that was.
    pub settled_after_seconds: f64,
    /// After a clean end, with all files in place.
    pub reopened: Reopened,
    /// After the index runs and the directory of names were deleted.
    pub rebuilt: Reopened,
}

/// Runs it. Blocks, as [`run`](crate::run()) does.
///
/// # Errors
/// See [`BenchError`]; an old transfer that is not answered as it was at first is one.
pub fn endure(
    options: &EnduranceOptions,
    on_progress: &(dyn Fn(Progress) + Sync),
) -> Result<EnduranceResult, BenchError> {
    let mut load_options = options.load.clone();
    load_options.check()?;
    if load_options.workload == Workload::Linked {
        return Err(BenchError::ChainsAreNotRepeated);
    }
    std::fs::create_dir_all(&options.data_dir).map_err(BenchError::Server)?;
    let runtime = runtime(&load_options)?;
    let start = || ServerProcess::start(&options.program, &options.data_dir);

    let server = start().map_err(BenchError::Server)?;
    load_options.server = server.address().to_owned();
    let load = Load::new(&load_options, Generator::new(&load_options));
    let load = Arc::new(load.remembering(options.retries));
    let pace = Pace::new();
    let measured = runtime.block_on(drive(&load_options, &load, &|progress| {
        if progress.phase == Phase::Transfers {
            pace.note(progress.done);
        }
        on_progress(progress);
    }))?;
    let settled = settling::wait(&server).map_err(BenchError::Server)?;
    let server_rss_bytes_max = server.memory_bytes_max();
    end(server)?;

    let old = load.remembered();
    let again = |options: &BenchOptions| -> Result<Reopened, BenchError> {
        let begun = Instant::now();
        let server = start().map_err(BenchError::Server)?;
        let opened = begun.elapsed();
        let mut options = options.clone();
        options.server = server.address().to_owned();
        let reopened = runtime.block_on(retry::all(&options, &old, begun, opened, on_progress))?;
        let reopened = Reopened {
            server_rss_bytes_max: server.memory_bytes_max(),
            ..reopened
        };
        end(server)?;
        Ok(reopened)
    };
    let reopened = again(&load_options)?;
    forget_index(&options.data_dir).map_err(BenchError::Server)?;
    let rebuilt = again(&load_options)?;

    let seconds = measured.elapsed.as_secs_f64();
    let tenths = pace.tenths(measured.transfers);
    Ok(EnduranceResult {
        workload: load_options.workload,
        id_order: load_options.id_order,
        batch: load_options.batch,
        concurrency: load_options.concurrency,
        accounts: load_options.accounts,
        transfers: measured.transfers,
        seconds,
        transfers_per_second: measured.transfers as f64 / seconds,
        last_tenth_of_first: tenths[9] / tenths[0],
        tenths_per_second: tenths,
        latency_ms: measured.latency,
        stall_ms_max: milliseconds(measured.silence),
        server_rss_bytes_max,
        disk_bytes_per_transfer: settled.disk_bytes as f64 / measured.transfers as f64,
        settled_after_seconds: settled.after.as_secs_f64(),
        reopened,
        rebuilt,
    })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn end(server: ServerProcess) -> Result<(), BenchError> {
    let status = server.end().map_err(BenchError::Server)?;
    if status.success() {
        Ok(())
    } else {
        Err(BenchError::ServerEnded(status))
    }
}

/// Deletes what a database can make again from its journal: the index runs and the directory.
fn forget_index(data_dir: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(data_dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "directory" {
            std::fs::remove_dir_all(entry.path())?;
        } else if name.to_string_lossy().starts_with("run-") {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A transfer of the history: its place in the run, and when it was created.
type Old = (u64, Timestamp);
