//! How long nobody was answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The longest time between two answers, to whomever they were. A call may wait long because many
/// wait; when nobody is answered, the server stalls.
#[derive(Debug)]
pub(crate) struct Silence {
    origin: Instant,
    /// When the last answer came, in microseconds from the origin.
    last: AtomicU64,
    longest: AtomicU64,
}

impl Silence {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
            last: AtomicU64::new(0),
            longest: AtomicU64::new(0),
        }
    }

    /// From here on silence counts.
    pub(crate) fn begin(&self) {
        self.last.store(self.now(), Ordering::Relaxed);
    }

    /// Somebody was answered.
    pub(crate) fn end(&self) {
        let now = self.now();
        let last = self.last.fetch_max(now, Ordering::Relaxed);
        self.longest
            .fetch_max(now.saturating_sub(last), Ordering::Relaxed);
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_micros(self.longest.load(Ordering::Relaxed))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
