//! A clock that stands still until it is moved, for tests and simulations.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ledger_core::Timestamp;

use super::Clock;

/// A clock that stands still until it is moved.
pub struct SimulatedClock {
    hands: Mutex<Hands>,
    sleepers: Mutex<Vec<Arc<dyn Fn() + Send + Sync>>>,
}

#[derive(Clone, Copy)]
struct Hands {
    wall: Timestamp,
    monotonic: Duration,
}

impl SimulatedClock {
    /// A clock that shows `wall`.
    #[must_use]
    pub fn new(wall: Timestamp) -> Self {
        Self {
            hands: Mutex::new(Hands {
                wall,
                monotonic: Duration::ZERO,
            }),
            sleepers: Mutex::new(Vec::new()),
        }
    }

    /// Lets time pass: both clocks go on by `time`.
    ///
    /// # Panics
    /// Past the end of time.
    pub fn advance(&self, time: Duration) {
        self.change(|hands| {
            hands.monotonic += time;
            hands.wall = ahead(hands.wall, time);
        });
    }

    /// Sets the wall clock, as an operator or a time server would: the monotonic one stays.
    pub fn set_wall(&self, wall: Timestamp) {
        self.change(|hands| hands.wall = wall);
    }

    fn change(&self, change: impl FnOnce(&mut Hands)) {
        change(&mut self.hands.lock().unwrap_or_else(PoisonError::into_inner));
        let sleepers = self
            .sleepers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for wake in sleepers {
            wake();
        }
    }

    fn hands(&self) -> Hands {
        *self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `wall` and `time` more.
fn ahead(wall: Timestamp, time: Duration) -> Timestamp {
    let nanoseconds = u64::try_from(time.as_nanos()).expect("a simulated step fits 64 bits");
    Timestamp::new(
        wall.get()
            .checked_add(nanoseconds)
            .expect("simulated time stays in range"),
    )
}

impl Clock for SimulatedClock {
    fn wall(&self) -> Timestamp {
        self.hands().wall
    }

    fn monotonic(&self) -> Duration {
        self.hands().monotonic
    }

    fn when_moved(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        self.sleepers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(wake);
    }
}

impl fmt::Debug for SimulatedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hands = self.hands();
        f.debug_struct("SimulatedClock")
            .field("wall", &hands.wall)
            .field("monotonic", &hands.monotonic)
            .finish_non_exhaustive()
    }
}
