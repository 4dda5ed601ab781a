//! How fast each tenth of a run was.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

#[cfg(test)]
mod tests;

/// Notes how far a run is, now and then.
#[derive(Debug)]
pub(crate) struct Pace {
    begun: Instant,
    /// Seconds since it began, and how many transfers were done.
    seen: Mutex<Vec<(f64, u64)>>,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self {
            begun: Instant::now(),
            seen: Mutex::default(),
        }
    }

    pub(crate) fn note(&self, done: u64) {
        let at = self.begun.elapsed().as_secs_f64();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((at, done));
    }

    /// The transfers a second in each tenth of `total`.
    pub(crate) fn tenths(&self, total: u64) -> Vec<f64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        tenths(&seen, total)
    }
}

fn tenths(seen: &[(f64, u64)], total: u64) -> Vec<f64> {
    let tenth = total as f64 / 10.0;
    let times: Vec<f64> = (0..=10u32)
        .map(|number| time_of(seen, tenth * f64::from(number)))
        .collect();
    times
        .windows(2)
        .map(|pair| tenth / (pair[1] - pair[0]))
        .collect()
}

/// When so many were done, on the straight line between what was seen before and after.
fn time_of(seen: &[(f64, u64)], done: f64) -> f64 {
    let after = seen.partition_point(|&(_, seen)| (seen as f64) < done);
    let Some(&(time, reached)) = seen.get(after) else {
        return seen.last().map_or(0.0, |&(time, _)| time);
    };
    let Some(&(before, had)) = after.checked_sub(1).and_then(|before| seen.get(before)) else {
        return time;
    };
    let share = (done - had as f64) / (reached - had) as f64;
    before + share * (time - before)
}
