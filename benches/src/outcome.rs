//! What a run found.

use serde::Serialize;

use crate::{IdOrder, Latency, Workload};

/// What a run found.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct BenchResult {
    /// What the transfers were like.
    pub workload: Workload,
    /// How their ids followed one another.
    pub id_order: IdOrder,
    /// How many transfers a call brought.
    pub batch: usize,
    /// How many callers there were.
    pub concurrency: usize,
    /// How many connections the calls were spread over.
    pub connections: usize,
    /// How many accounts value moved between.
    pub accounts: u64,
    /// What all of it was drawn from.
    pub seed: u64,
    /// Whether calls travelled together.
    pub coalesce: bool,
    /// How many transfers were acknowledged.
    pub transfers: u64,
    /// How many calls they took.
    pub calls: u64,
    /// From the first call to the last answer.
    pub seconds: f64,
    /// Acknowledged transfers a second.
    pub transfers_per_second: f64,
    /// Of calls.
    pub latency_ms: Latency,
    /// Whether the books added up to what was acknowledged. A run in which they did not is an
    /// error, so this is true; it is here for whoever keeps only the result.
    pub balanced: bool,
    /// What the data directory grew by for each transfer; filled in by whoever sees it.
    pub disk_bytes_per_transfer: Option<f64>,
    /// The most memory that the server had resident; filled in by whoever sees it.
    pub server_rss_bytes_max: Option<u64>,
}
