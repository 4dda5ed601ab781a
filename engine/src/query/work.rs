//! How much work a page may take.

/// What one page may still do: [`Config::page_units_max`](crate::Config::page_units_max).
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    left: u64,
}

/// A single event that is read: a block of the journal, verified.
const EVENT: u64 = 1;
/// Postings are read by the block; so many come with one unit.
const POSTINGS_PER_UNIT: u64 = 256;
/// Events that are read one after the other; so many come with one unit.
const SCANNED_PER_UNIT: u64 = 32;

impl Work {
    /// So many units.
    pub(super) const fn new(units: u64) -> Self {
        Self { left: units }
    }

    /// Whether nothing is left.
    pub(super) const fn is_done(self) -> bool {
        self.left == 0
    }

    /// An event is read by itself.
    pub(super) fn read_event(&mut self) {
        self.spend(EVENT);
    }

    /// Postings are looked up.
    pub(super) fn read_postings(&mut self, postings: usize) {
        self.spend(1 + postings as u64 / POSTINGS_PER_UNIT);
    }

    /// Neighbouring events are read.
    pub(super) fn scan(&mut self, events: u64) {
        self.spend(1 + events / SCANNED_PER_UNIT);
    }

    fn spend(&mut self, units: u64) {
        self.left = self.left.saturating_sub(units);
    }
}
