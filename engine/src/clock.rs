//! What the engine knows of time: a wall clock, which people set, and a monotonic one, which
//! nobody can. Journal time is made of both and follows neither blindly.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ledger_core::Timestamp;

mod guard;
mod simulated;

pub use guard::ClockStep;
pub(crate) use guard::{ClockGuard, check_ahead, check_start};
pub use simulated::SimulatedClock;

/// A source of time.
pub trait Clock: Send + Sync {
    /// Nanoseconds since the Unix epoch, as the machine believes. May jump, either way.
    fn wall(&self) -> Timestamp;

    /// Time since some fixed moment. Never goes back, and does not follow a set clock.
    fn monotonic(&self) -> Duration;

    /// Asks to be called whenever this clock was moved by hand, so that a sleeper looks again.
    /// A clock that nobody moves by hand has nothing to call.
    fn when_moved(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        drop(wake);
    }
}

/// The clocks of the machine.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// The clocks of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        // A clock before 1970 reads as the first moment: journal time then stands still, which is
        // what a clock that is behind means anyway.
        let nanoseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(1, |since| {
                u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
            });
        Timestamp::new(nanoseconds).min(Timestamp::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
