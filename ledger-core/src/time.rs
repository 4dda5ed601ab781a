//! Journal time and positions in the journal.

use core::fmt;

/// Nanoseconds since the Unix epoch, 1 … 2⁶³ − 1; `0` is an absent field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Timestamp(u64);

impl Timestamp {
    /// No time: the value of an absent field, and the time before the first event.
    pub const ZERO: Self = Self(0);
    /// The last moment that can be told.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// Wraps nanoseconds as they came; the range is judged later.
    #[must_use]
    pub const fn new(nanoseconds: u64) -> Self {
        Self(nanoseconds)
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether this is the value of an absent field.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The next moment.
    ///
    /// # Panics
    /// At the end of time, in the year 2262.
    #[must_use]
    pub fn next(self) -> Self {
        assert!(self < Self::MAX, "journal time has reached its end");
        Self(self.0 + 1)
    }

    /// This moment and `seconds` more, or `None` past [`Timestamp::MAX`].
    #[must_use]
    pub fn checked_add_seconds(self, seconds: u32) -> Option<Self> {
        let nanoseconds = u64::from(seconds) * 1_000_000_000;
        self.0
            .checked_add(nanoseconds)
            .map(Self)
            .filter(|&time| time <= Self::MAX)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The position of an event in the journal: 1, 2, 3 … without gaps; `0` is before the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Sequence(u64);

impl Sequence {
    /// The position before the first event.
    pub const ZERO: Self = Self(0);

    /// Wraps a position.
    #[must_use]
    pub const fn new(position: u64) -> Self {
        Self(position)
    }

    /// The position as a number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The next position.
    ///
    /// # Panics
    /// After 2⁶⁴ − 1 events.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add(1).expect("sequences do not run out"))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
