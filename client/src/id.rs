//! Ids that grow with time.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(test)]
mod tests;

/// The random bits below the time.
const RANDOM_BITS: u32 = 80;
const RANDOM_MASK: u128 = (1 << RANDOM_BITS) - 1;
/// The last millisecond that fits above the random bits, in the year 10889.
const MILLISECONDS_MAX: u64 = (1 << (128 - RANDOM_BITS)) - 1;

/// Makes 128-bit ids that grow with time, laid out like a ULID:
///
/// ```text
/// bits 127 … 80   milliseconds since the Unix epoch
/// bits  79 …  0   random, drawn anew in each millisecond; counted up within one
/// ```
///
/// # Invariants
/// - Each id is larger than the one before, also when the clock stands still or steps back: the
///   generator then counts on from its newest id, and a full random part carries into the time.
/// - Neither zero nor the maximum, which the ledger reserves.
///
/// Generators do not know of each other. Two that draw in the same millisecond collide with a
/// chance of about 2⁻⁸⁰ for each pair of ids.
///
/// Ids that grow with time are the cheap ones: the ledger tells from their range alone that it
/// has not seen them.
///
/// ```
/// let mut ids = ledger_client::IdGenerator::new();
/// let first = ids.next_id();
/// assert!(ids.next_id() > first);
/// ```
#[derive(Debug)]
pub struct IdGenerator {
    newest: u128,
}

impl IdGenerator {
    /// A generator that has made nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { newest: 0 }
    }

    /// The next id, larger than all before.
    ///
    /// # Panics
    /// If the operating system has no random bytes to give.
    pub fn next_id(&mut self) -> u128 {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let milliseconds = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        self.next_at(milliseconds, random_bits)
    }

    fn next_at(&mut self, milliseconds: u64, random: impl FnOnce() -> u128) -> u128 {
        let time = u128::from(milliseconds.min(MILLISECONDS_MAX)) << RANDOM_BITS;
        self.newest = if time > self.newest {
            time | (random() & RANDOM_MASK)
        } else {
            self.newest + 1
        };
        assert!(
            self.newest < u128::MAX,
            "ids that grow with time have reached their end"
        );
        self.newest
    }
}

impl Default for IdGenerator {
    fn default() -> Self {
        Self::new()
    }
}

fn random_bits() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    u128::from_le_bytes(bytes)
}

/// An id from the generator that the whole process shares: larger than every one that any thread
/// drew from it before.
///
/// ```
/// use ledger_core::TransferId;
///
/// let id = TransferId::new(ledger_client::time_ordered_id());
/// assert!(TransferId::new(ledger_client::time_ordered_id()) > id);
/// ```
///
/// # Panics
/// If the operating system has no random bytes to give.
#[must_use]
pub fn time_ordered_id() -> u128 {
    static SHARED: Mutex<IdGenerator> = Mutex::new(IdGenerator::new());
    // A panic cannot leave the generator half-changed: its one field is written in one go.
    SHARED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .next_id()
}
