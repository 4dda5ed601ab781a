//! How long calls take.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

#[cfg(test)]
mod tests;

/// Latencies of calls in milliseconds.
#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize)]
pub struct Latency {
    /// Half of the calls took at most this.
    pub p50: f64,
    /// 90 of 100 took at most this.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1000.
    pub p99_9: f64,
    /// The longest.
    pub max: f64,
}

/// The latencies of all callers: a histogram of microseconds with three significant digits, which
/// holds any number of calls in a fixed space.
#[derive(Debug)]
pub(crate) struct Latencies {
    histogram: Mutex<Histogram<u64>>,
}

/// The longest latency that is told exactly; longer ones count as this.
const MICROSECONDS_MAX: u64 = 3_600_000_000;

impl Latencies {
    pub(crate) fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, MICROSECONDS_MAX, 3)
            .expect("the bounds and digits of the histogram are valid");
        Self {
            histogram: Mutex::new(histogram),
        }
    }

    pub(crate) fn summary(&self) -> Latency {
        let histogram = self
            .histogram
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let milliseconds = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        Latency {
            p50: milliseconds(0.5),
            p90: milliseconds(0.9),
            p99: milliseconds(0.99),
            p99_9: milliseconds(0.999),
            max: histogram.max() as f64 / 1000.0,
        }
    }

    fn add(&self, microseconds: &[u32]) {
        let mut histogram = self
            .histogram
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for &latency in microseconds {
            histogram.saturating_record(u64::from(latency));
        }
    }
}

/// One caller's newest latencies, on their way to all others': so the lock is rarely taken.
#[derive(Debug)]
pub(crate) struct Stopwatch<'a> {
    all: &'a Latencies,
    own: [u32; 64],
    count: usize,
}

impl<'a> Stopwatch<'a> {
    pub(crate) fn new(all: &'a Latencies) -> Self {
        Self {
            all,
            own: [0; 64],
            count: 0,
        }
    }

    pub(crate) fn record(&mut self, latency: Duration) {
        self.own[self.count] = u32::try_from(latency.as_micros()).unwrap_or(u32::MAX);
        self.count += 1;
        if self.count == self.own.len() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.all.add(&self.own[..self.count]);
        self.count = 0;
    }
}

impl Drop for Stopwatch<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}
