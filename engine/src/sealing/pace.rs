//! How fast to write in the background: somewhat faster than the log, so that it never piles up,
//! and no faster, so that the disk is there for the log.

use std::time::{Duration, Instant};

use crate::journal::PIECE_BYTES;

/// The least pace, in bytes a second. An idle disk may as well be used.
const LEAST: u64 = 64 << 20;

/// Paces the writing of one file.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When the newest piece was begun, and what was written and appended by then.
    since: Instant,
    written: u64,
    appended: u64,
    waited: Duration,
}

impl Pace {
    /// Begins a file when `appended` bytes had been appended to the journal.
    pub(crate) fn new(now: Instant, appended: u64) -> Self {
        Self {
            since: now,
            written: 0,
            appended,
            waited: Duration::ZERO,
        }
    }

    /// How long to wait now that so much is written, if another piece is and it went fast. The
    /// more files wait behind this one, the faster it may go.
    pub(crate) fn pause(
        &mut self,
        now: Instant,
        written: u64,
        appended: u64,
        backlog: u64,
    ) -> Option<Duration> {
        let piece = written.saturating_sub(self.written);
        if piece < PIECE_BYTES {
            return None;
        }
        let took = now.saturating_duration_since(self.since);
        let inflow = appended.saturating_sub(self.appended);
        // What the log may have taken for one piece here: two thirds of it, and less if more waits.
        let pace = per_second(inflow, took)
            .saturating_mul(3)
            .saturating_mul(backlog.max(1))
            / 2;
        let budget = time_for(piece, pace.max(LEAST));
        let pause = budget.saturating_sub(took);
        self.since = now + pause;
        self.written = written;
        self.appended = appended;
        self.waited += pause;
        (!pause.is_zero()).then_some(pause)
    }

    /// All the pauses so far.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }
}

fn per_second(bytes: u64, time: Duration) -> u64 {
    let nanoseconds = time.as_nanos().max(1);
    u64::try_from(u128::from(bytes) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
}

fn time_for(bytes: u64, per_second: u64) -> Duration {
    let nanoseconds = u128::from(bytes) * 1_000_000_000 / u128::from(per_second.max(1));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
