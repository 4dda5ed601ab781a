//! Transfers of which a run keeps when they were created, to ask for them again later.

use std::sync::{Mutex, PoisonError};

use ledger_core::Timestamp;

/// Some of a run's transfers, evenly spread, each with the moment of its creation.
#[derive(Debug)]
pub(crate) struct Remembered {
    /// Every how many transfers one is kept; zero keeps none.
    every: u64,
    moments: Mutex<Vec<(u64, Timestamp)>>,
}

impl Remembered {
    pub(crate) fn none() -> Self {
        Self {
            every: 0,
            moments: Mutex::default(),
        }
    }

    /// Keeps `count` of `transfers`, or all where there are fewer.
    pub(crate) fn new(transfers: u64, count: u64) -> Self {
        Self {
            every: transfers.checked_div(count).map_or(0, |every| every.max(1)),
            moments: Mutex::default(),
        }
    }

    /// The transfer at `index` was created at `moment`.
    pub(crate) fn note(&self, index: u64, moment: Timestamp) {
        if self.every != 0 && index.is_multiple_of(self.every) {
            self.moments().push((index, moment));
        }
    }

    /// What was kept, in the order of the run.
    pub(crate) fn take(&self) -> Vec<(u64, Timestamp)> {
        let mut moments = std::mem::take(&mut *self.moments());
        moments.sort_unstable();
        moments
    }

    fn moments(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Timestamp)>> {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
