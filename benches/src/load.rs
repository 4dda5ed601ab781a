//! The callers: each makes its next call when the one before is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ledger_client::{Client, CreateOptions};
use ledger_core::{Timestamp, TransferAnswer, TransferStatus};
use tokio::task::JoinSet;

use crate::generator::Act;
use crate::latency::{Latencies, Stopwatch};
use crate::remembered::Remembered;
use crate::silence::Silence;
use crate::{BenchError, BenchOptions, Generator, Latency};

/// What all callers share.
#[derive(Debug)]
pub(crate) struct Load {
    generator: Generator,
    transfers: u64,
    batch: u64,
    coalesce: bool,
    next_unit: AtomicU64,
    acknowledged: AtomicU64,
    calls: AtomicU64,
    failed: AtomicBool,
    latencies: Latencies,
    silence: Silence,
    remembered: Remembered,
}

/// What was acknowledged in all.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Acknowledged {
    /// What moved for good.
    pub(crate) posted: u128,
    /// What was reserved and has not been posted.
    pub(crate) pending: u128,
}

impl Acknowledged {
    fn count(&mut self, act: Act, answer: &TransferAnswer) {
        let amount = answer.amount.get();
        match act {
            Act::Move => self.posted += amount,
            Act::Reserve => self.pending += amount,
            Act::Post => {
                self.pending -= amount;
                self.posted += amount;
            }
        }
    }
}

/// What the callers measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) acknowledged: Acknowledged,
    pub(crate) elapsed: Duration,
    pub(crate) transfers: u64,
    pub(crate) calls: u64,
    pub(crate) latency: Latency,
    /// The longest time in which no call at all was answered.
    pub(crate) silence: Duration,
}

impl Load {
    pub(crate) fn new(options: &BenchOptions, generator: Generator) -> Self {
        Self {
            generator,
            transfers: options.transfers,
            batch: options.batch as u64,
            coalesce: options.coalesce,
            next_unit: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            latencies: Latencies::new(),
            silence: Silence::new(),
            remembered: Remembered::none(),
        }
    }

    /// Keeps when `count` of the transfers were created, evenly spread over all of them.
    pub(crate) fn remembering(mut self, count: u64) -> Self {
        self.remembered = Remembered::new(self.transfers, count);
        self
    }

    /// What was kept, once all callers are done.
    pub(crate) fn remembered(&self) -> Vec<(u64, Timestamp)> {
        self.remembered.take()
    }

    pub(crate) fn generator(&self) -> Generator {
        self.generator
    }

    /// How many transfers are acknowledged so far.
    pub(crate) fn done(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Runs all callers to the end, or to the first error.
    pub(crate) async fn run(
        self: Arc<Self>,
        client: Client,
        concurrency: usize,
    ) -> Result<Measured, BenchError> {
        let begun = Instant::now();
        self.silence.begin();
        let mut callers = JoinSet::new();
        for _ in 0..concurrency {
            let load = Arc::clone(&self);
            let client = client.clone();
            callers.spawn(async move {
                let outcome = load.call(&client).await;
                if outcome.is_err() {
                    load.failed.store(true, Ordering::Relaxed);
                }
                outcome
            });
        }
        let mut acknowledged = Acknowledged::default();
        while let Some(caller) = callers.join_next().await {
            // A caller that panics has found a bug of the generator, which must not pass.
            let part =
                caller.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
            acknowledged.posted += part.posted;
            acknowledged.pending += part.pending;
        }
        Ok(Measured {
            acknowledged,
            elapsed: begun.elapsed(),
            transfers: self.acknowledged.load(Ordering::Relaxed),
            calls: self.calls.load(Ordering::Relaxed),
            latency: self.latencies.summary(),
            silence: self.silence.longest(),
        })
    }

    /// One caller: takes the next part of the run that nobody has taken, until none is left.
    async fn call(&self, client: &Client) -> Result<Acknowledged, BenchError> {
        let unit = self.generator.unit();
        let mut acknowledged = Acknowledged::default();
        let mut stopwatch = Stopwatch::new(&self.latencies);
        while !self.failed.load(Ordering::Relaxed) {
            let mut first = self.next_unit.fetch_add(1, Ordering::Relaxed) * unit;
            let end = self.transfers.min(first.saturating_add(unit));
            if first >= end {
                break;
            }
            while first < end {
                let count = self.batch.min(end - first);
                self.make(client, first, count, &mut acknowledged, &mut stopwatch)
                    .await?;
                self.acknowledged.fetch_add(count, Ordering::Relaxed);
                self.calls.fetch_add(1, Ordering::Relaxed);
                first += count;
            }
        }
        Ok(acknowledged)
    }

    /// Makes one call and takes its answer apart.
    async fn make(
        &self,
        client: &Client,
        first: u64,
        count: u64,
        acknowledged: &mut Acknowledged,
        stopwatch: &mut Stopwatch<'_>,
    ) -> Result<(), BenchError> {
        let contradiction = if self.coalesce {
            let transfer = self.generator.transfer(first, true);
            let begun = Instant::now();
            let answer = client.create_transfer(transfer).await?;
            self.answered(begun, stopwatch);
            self.take(first, &answer.value, acknowledged)?;
            answer.contradiction
        } else {
            let transfers = self.generator.transfers(first, count);
            let begun = Instant::now();
            let answer = client
                .create_transfers(transfers, &CreateOptions::default())
                .await?;
            self.answered(begun, stopwatch);
            for (index, answer) in (first..).zip(&answer.value.answers) {
                self.take(index, answer, acknowledged)?;
            }
            answer.contradiction
        };
        contradiction.map_or(Ok(()), |contradiction| {
            Err(BenchError::Contradiction(contradiction))
        })
    }

    fn answered(&self, begun: Instant, stopwatch: &mut Stopwatch<'_>) {
        stopwatch.record(begun.elapsed());
        self.silence.end();
    }

    fn take(
        &self,
        index: u64,
        answer: &TransferAnswer,
        acknowledged: &mut Acknowledged,
    ) -> Result<(), BenchError> {
        if answer.status == TransferStatus::Created {
            acknowledged.count(self.generator.act(index), answer);
            self.remembered.note(index, answer.timestamp);
            return Ok(());
        }
        let id = self.generator.transfer(index, true).id;
        Err(BenchError::Transfer {
            id,
            status: answer.status,
        })
    }
}
