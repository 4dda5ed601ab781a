//! What to send, how much of it, and where.

use crate::{BenchError, IdOrder, Workload};

/// What to send, how much of it, and where.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BenchOptions {
    /// Such as `http://127.0.0.1:7400`.
    pub server: String,
    /// How many transfers in all.
    pub transfers: u64,
    /// How many transfers a call brings.
    pub batch: usize,
    /// How many callers there are; each makes its next call when the one before is answered.
    pub concurrency: usize,
    /// How many HTTP/2 connections the calls are spread over.
    pub connections: usize,
    /// How many accounts value moves between.
    pub accounts: u64,
    /// What the transfers are like.
    pub workload: Workload,
    /// How their ids follow one another.
    pub id_order: IdOrder,
    /// What all of it is drawn from. The same seed on the same database sends the same transfers,
    /// which exist by then.
    pub seed: u64,
    /// Whether the calls, of one transfer each, travel together.
    pub coalesce: bool,
    /// How many threads make the calls.
    pub threads: usize,
}

impl BenchOptions {
    /// A million transfers between 10 000 accounts, in batches of 8190, four at a time.
    #[must_use]
    pub fn new(server: impl Into<String>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            server: server.into(),
            transfers: 1_000_000,
            batch: 8190,
            concurrency: 4,
            connections: 1,
            accounts: 10_000,
            workload: Workload::default(),
            id_order: IdOrder::default(),
            seed: 42,
            coalesce: false,
            // The server wants its share of the machine.
            threads: (cores / 2).max(1),
        }
    }

    /// The most transfers that a request may hold.
    pub const BATCH_MAX: usize = ledger_client::Coalesce::EVENTS_MAX;

    pub(crate) fn check(&self) -> Result<(), BenchError> {
        let at_least = |option, value: u64, least| {
            if value < least {
                Err(BenchError::TooFew {
                    option,
                    value,
                    least,
                })
            } else {
                Ok(())
            }
        };
        at_least("transfers", self.transfers, 1)?;
        at_least(
            "batch",
            self.batch as u64,
            if self.workload == Workload::Linked {
                2
            } else {
                1
            },
        )?;
        at_least("concurrency", self.concurrency as u64, 1)?;
        at_least("connections", self.connections as u64, 1)?;
        at_least("threads", self.threads as u64, 1)?;
        let hot = if self.workload == Workload::Hot {
            Workload::HOT_ACCOUNTS
        } else {
            0
        };
        at_least("accounts", self.accounts, (hot + 1).max(2))?;
        let too_many = |option, value, most| {
            if value > most {
                Err(BenchError::TooMany {
                    option,
                    value,
                    most,
                })
            } else {
                Ok(())
            }
        };
        too_many(
            "batch",
            self.batch as u64,
            if self.coalesce {
                1
            } else {
                Self::BATCH_MAX as u64
            },
        )?;
        too_many("accounts", self.accounts, u64::from(u32::MAX))
    }
}
