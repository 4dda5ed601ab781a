//! A clock that is not believed, as people read it.

use std::time::Duration;

use ledger_core::Timestamp;
use ledger_engine::ClockStep;

use crate::moment_text::moment_text;

/// By how much the clock is off the journal, and what to do; `act` is what could be done all the
/// same.
pub(crate) fn clock_text(step: ClockStep, journal: Timestamp, act: &str) -> String {
    let off = match step {
        ClockStep::Ahead(by) => format!("{} ahead", rough(by)),
        ClockStep::Behind(by) => format!("{} behind", rough(by)),
    };
    format!(
        "the clock is {off} of the journal, whose newest time is {}: set it right, or {act} with \
         --accept-clock if it is right",
        moment_text(journal)
    )
}

/// A duration in its largest unit of which there are two at least.
fn rough(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, "days"), (3600, "hours"), (60, "minutes")];
    let unit = units.into_iter().find(|(long, _)| seconds / long >= 2);
    let (long, unit) = unit.unwrap_or((1, "seconds"));
    format!("{} {unit}", seconds / long)
}

#[cfg(test)]
mod tests;
