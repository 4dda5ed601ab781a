//! Slowing the writer down where sealing does not keep up. Not a stop: a short wait before each
//! frame, longer the more segments wait, so that the two rates meet.

use std::time::{Duration, Instant};

use super::Sealing;

/// From so many unsealed segments on, the one that is appended to among them, frames wait.
pub(crate) const UNSEALED_MAX: u64 = 8;
/// The pace that is kept where nothing was sealed yet, in bytes a second.
const UNKNOWN_RATE: u64 = 16 << 20;
/// What one frame waits at most for each segment above the bound.
const STEP: Duration = Duration::from_millis(20);
/// What one frame waits at most.
const LONGEST: Duration = Duration::from_millis(250);

/// When the newest frame was handed over, and how large it was.
#[derive(Debug)]
pub(crate) struct Slowing {
    newest: Option<(Instant, u64)>,
}

impl Slowing {
    pub(crate) fn new() -> Self {
        Self { newest: None }
    }

    /// Waits before a frame of `bytes` is handed over, if it has to.
    pub(crate) fn before_frame(&mut self, sealing: &Sealing, bytes: u64) {
        if sealing.backlog() + 1 < UNSEALED_MAX {
            self.newest = None;
            return;
        }
        let since = self.newest.map(|(at, bytes)| (at.elapsed(), bytes));
        let pause = pause(sealing.backlog() + 1, sealing.rate(), since);
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        self.newest = Some((Instant::now(), bytes));
    }
}

/// How long a frame waits: as long as the frame before it takes to be sealed, and longer as more
/// segments wait. So no more ids than those of some eight segments are ever in memory for want of
/// sealing.
fn pause(unsealed: u64, rate: u64, newest: Option<(Duration, u64)>) -> Duration {
    let Some((elapsed, bytes)) = newest else {
        return Duration::ZERO;
    };
    let above = unsealed.saturating_sub(UNSEALED_MAX);
    let rate = if rate == 0 { UNKNOWN_RATE } else { rate };
    // The rate itself at the bound, half of it eight segments above, at least a fourth.
    let share = rate.saturating_mul(8) / (8 + above.min(24));
    let nanoseconds = u128::from(bytes) * 1_000_000_000 / u128::from(share.max(1));
    let time = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
    let steps = u32::try_from(above + 1).unwrap_or(u32::MAX);
    let longest = STEP.saturating_mul(steps).min(LONGEST);
    time.saturating_sub(elapsed).min(longest)
}

#[cfg(test)]
mod tests;
