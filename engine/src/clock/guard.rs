//! Keeps a wrong clock out of the journal: journal time only goes forward, so one jump ahead that
//! was followed would poison it for good.

use std::fmt;
use std::time::Duration;

use ledger_core::Timestamp;

use super::Clock;

/// How far the wall clock may get ahead of the monotonic one before it is no longer followed.
const STEP_MAX: Duration = Duration::from_secs(60);
/// How far ahead of the journal the clock may be at start.
const AHEAD_AT_START_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// How far behind the journal the clock may be at start.
const BEHIND_AT_START_MAX: Duration = Duration::from_secs(3600);

/// A wall clock that is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockStep {
    /// It is ahead of what is believed.
    Ahead(Duration),
    /// It is behind what is believed.
    Behind(Duration),
}

impl fmt::Display for ClockStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead(by) => write!(f, "{by:?} ahead"),
            Self::Behind(by) => write!(f, "{by:?} behind"),
        }
    }
}

/// Judges the clock at start against the newest time in the journal.
///
/// # Errors
/// How far the clock is off, if that is more than can be explained.
pub(crate) fn check_start(clock: &dyn Clock, journal: Timestamp) -> Result<(), ClockStep> {
    if journal.is_zero() {
        return Ok(());
    }
    let wall = clock.wall();
    check_ahead(wall, journal)?;
    let behind = Duration::from_nanos(journal.get().saturating_sub(wall.get()));
    if behind > BEHIND_AT_START_MAX {
        return Err(ClockStep::Behind(behind));
    }
    Ok(())
}

/// Judges whether the clock may be so far ahead of the newest time in the journal.
///
/// # Errors
/// How far it is, if that is more than can be explained.
pub(crate) fn check_ahead(wall: Timestamp, journal: Timestamp) -> Result<(), ClockStep> {
    let ahead = Duration::from_nanos(wall.get().saturating_sub(journal.get()));
    if !journal.is_zero() && ahead > AHEAD_AT_START_MAX {
        return Err(ClockStep::Ahead(ahead));
    }
    Ok(())
}

/// Follows the wall clock as long as it moves as the monotonic clock does.
///
/// What is remembered is the largest difference of the two that was ever believed, so a clock
/// that is set back and later set right again is believed both times.
#[derive(Debug)]
pub(crate) struct ClockGuard {
    /// Wall minus monotonic, in nanoseconds.
    offset: u64,
    /// How far the wall clock was beyond belief when it was last read.
    refused: Option<Duration>,
}

impl ClockGuard {
    /// Believes the clock as it stands.
    pub(crate) fn new(clock: &dyn Clock) -> Self {
        Self {
            offset: offset(clock),
            refused: None,
        }
    }

    /// The time to decide at. Not yet journal time, which also never goes back.
    pub(crate) fn now(&mut self, clock: &dyn Clock) -> Timestamp {
        // The monotonic clock is read first: a thread that is held up in between then sees a
        // wall clock that is ahead by that much, never one that is behind for no reason.
        let monotonic = nanoseconds(clock.monotonic());
        let wall = clock.wall();
        let offset = wall.get().saturating_sub(monotonic);
        let beyond = Duration::from_nanos(offset.saturating_sub(self.offset));
        if beyond > STEP_MAX {
            self.refused = Some(beyond);
            return Timestamp::new(self.offset.saturating_add(monotonic)).min(Timestamp::MAX);
        }
        self.refused = None;
        self.offset = self.offset.max(offset);
        wall
    }

    /// How far the wall clock is ahead of what is believed, if it is not followed.
    pub(crate) fn refused(&self) -> Option<Duration> {
        self.refused
    }

    /// Believes the clock as it stands from here on, because an operator said so.
    pub(crate) fn accept(&mut self, clock: &dyn Clock) {
        *self = Self::new(clock);
    }
}

fn offset(clock: &dyn Clock) -> u64 {
    let monotonic = nanoseconds(clock.monotonic());
    clock.wall().get().saturating_sub(monotonic)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
