//! A run from its first account to the check of the books.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger_client::{Client, ClientOptions, Coalesce};
use tokio::runtime::Runtime;
use tokio::time::{MissedTickBehavior, interval};

use crate::check::{Books, balanced};
use crate::load::{Load, Measured};
use crate::{BenchError, BenchOptions, BenchResult, Generator, Phase, Progress, accounts};

/// How often progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// How long a call may take before the run fails. A server that is behind is waited for.
const DEADLINE: Duration = Duration::from_secs(120);

/// Drives a server and checks its books. Blocks: call it from a thread of its own, outside any
/// tokio runtime; it makes one.
///
/// `on_progress` is called from that thread about ten times a second.
///
/// # Errors
/// See [`BenchError`]. A transfer that is refused and books that do not add up are errors too.
pub fn run(
    options: &BenchOptions,
    on_progress: &(dyn Fn(Progress) + Sync),
) -> Result<BenchResult, BenchError> {
    options.check()?;
    let load = Arc::new(Load::new(options, Generator::new(options)));
    let measured = runtime(options)?.block_on(drive(options, &load, on_progress))?;
    let seconds = measured.elapsed.as_secs_f64();
    Ok(BenchResult {
        workload: options.workload,
        id_order: options.id_order,
        batch: options.batch,
        concurrency: options.concurrency,
        connections: options.connections,
        accounts: options.accounts,
        seed: options.seed,
        coalesce: options.coalesce,
        transfers: measured.transfers,
        calls: measured.calls,
        seconds,
        transfers_per_second: measured.transfers as f64 / seconds,
        latency_ms: measured.latency,
        balanced: true,
        disk_bytes_per_transfer: None,
        server_rss_bytes_max: None,
    })
}

pub(crate) fn runtime(options: &BenchOptions) -> Result<Runtime, BenchError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.threads)
        .thread_name("bench")
        .enable_all()
        .build()
        .map_err(BenchError::Threads)
}

/// Creates the accounts, lets the callers run, and checks the books.
pub(crate) async fn drive(
    options: &BenchOptions,
    load: &Arc<Load>,
    on_progress: &(dyn Fn(Progress) + Sync),
) -> Result<Measured, BenchError> {
    let generator = load.generator();
    let mut client_options = ClientOptions::new(options.server.as_str())
        .connections(options.connections)
        .deadline(DEADLINE);
    if options.coalesce {
        client_options = client_options.coalesce(Coalesce::default());
    }
    let client = Client::connect(client_options).await?;

    let created = AtomicU64::new(0);
    let creating = accounts::create(&client, &generator, options.accounts, &created);
    let told = |phase, done, total| on_progress(Progress { phase, done, total });
    watched(creating, || {
        told(
            Phase::Accounts,
            created.load(Ordering::Relaxed),
            options.accounts,
        );
    })
    .await?;

    let before = Books::told(&client, generator.ledger()).await?;
    let running = Arc::clone(load).run(client.clone(), options.concurrency);
    let measured = watched(running, || {
        told(Phase::Transfers, load.done(), options.transfers);
    })
    .await?;

    let checking = balanced(&client, generator.ledger(), before, measured.acknowledged);
    watched(checking, || told(Phase::Checking, 0, options.accounts)).await?;
    told(Phase::Checking, options.accounts, options.accounts);
    Ok(measured)
}

/// Waits for `work`, telling how far it is now, in between and at its end.
async fn watched<T>(work: impl Future<Output = T>, tell: impl Fn()) -> T {
    let mut work = std::pin::pin!(work);
    let mut ticks = interval(PROGRESS_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            done = &mut work => {
                tell();
                return done;
            }
            _ = ticks.tick() => tell(),
        }
    }
}
