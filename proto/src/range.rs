//! Ranges of times, positions and amounts, and the order of a list.

use ledger_core::{Amount, Sequence, Timestamp};

use crate::{FieldPath, Malformed, v1};

/// A range, both ends among it. What is absent does not limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Range<T> {
    /// The smallest.
    pub min: Option<T>,
    /// The greatest.
    pub max: Option<T>,
}

impl<T> Default for Range<T> {
    /// Leaves nothing out.
    fn default() -> Self {
        Self {
            min: None,
            max: None,
        }
    }
}

impl<T: Copy + Ord> Range<T> {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.min.is_none() && self.max.is_none()
    }

    /// The range, unless nothing lies in it; `at` names it then.
    fn sensible(self, at: FieldPath) -> Result<Self, Malformed> {
        match (self.min, self.max) {
            (Some(min), Some(max)) if min > max => Err(Malformed::Senseless {
                at,
                why: "nothing lies in the range: its min is above its max",
            }),
            _ => Ok(self),
        }
    }
}

impl Range<Timestamp> {
    /// The range as a message; absent if it leaves nothing out.
    #[must_use]
    pub fn wire(self) -> Option<v1::TimeRange> {
        (!self.is_whole()).then(|| v1::TimeRange {
            min: self.min.map_or(0, Timestamp::get),
            max: self.max.map_or(0, Timestamp::get),
        })
    }

    /// The range of a message; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A range that nothing lies in.
    pub fn read(wire: Option<v1::TimeRange>, at: FieldPath) -> Result<Self, Malformed> {
        let v1::TimeRange { min, max } = wire.unwrap_or_default();
        let set = |time: u64| (time != 0).then(|| Timestamp::new(time));
        Self {
            min: set(min),
            max: set(max),
        }
        .sensible(at)
    }
}

impl Range<Sequence> {
    /// The range as a message; absent if it leaves nothing out.
    #[must_use]
    pub fn wire(self) -> Option<v1::SequenceRange> {
        (!self.is_whole()).then(|| v1::SequenceRange {
            min: self.min.map_or(0, Sequence::get),
            max: self.max.map_or(0, Sequence::get),
        })
    }

    /// The range of a message; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A range that nothing lies in.
    pub fn read(wire: Option<v1::SequenceRange>, at: FieldPath) -> Result<Self, Malformed> {
        let v1::SequenceRange { min, max } = wire.unwrap_or_default();
        let set = |sequence: u64| (sequence != 0).then(|| Sequence::new(sequence));
        Self {
            min: set(min),
            max: set(max),
        }
        .sensible(at)
    }
}

impl Range<Amount> {
    /// The range as a message; absent if it leaves nothing out.
    #[must_use]
    pub fn wire(self) -> Option<v1::AmountRange> {
        // Here absent means without an end, so a 0 that is meant is present.
        let present = |amount: Option<Amount>| amount.map(|amount| amount.get().into());
        (!self.is_whole()).then(|| v1::AmountRange {
            min: present(self.min),
            max: present(self.max),
        })
    }

    /// The range of a message; `at` names it where it is malformed.
    ///
    /// # Errors
    /// A range that nothing lies in.
    pub fn read(wire: Option<v1::AmountRange>, at: FieldPath) -> Result<Self, Malformed> {
        let v1::AmountRange { min, max } = wire.unwrap_or_default();
        let set = |amount: Option<v1::Uint128>| amount.map(|amount| Amount::new(amount.into()));
        Self {
            min: set(min),
            max: set(max),
        }
        .sensible(at)
    }
}

impl Range<u64> {
    /// The range of two fields of a message; `at` names it where it is malformed.
    pub(crate) fn read(min: u64, max: Option<u64>, at: FieldPath) -> Result<Self, Malformed> {
        Self {
            min: (min != 0).then_some(min),
            max,
        }
        .sensible(at)
    }
}

/// The order of a list: that of the journal, or the reverse.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Direction {
    /// In the order of the journal.
    #[default]
    OldestFirst,
    /// Against the order of the journal.
    NewestFirst,
}

impl From<Direction> for v1::Direction {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::OldestFirst => Self::OldestFirst,
            Direction::NewestFirst => Self::NewestFirst,
        }
    }
}

impl Direction {
    /// The direction with the number of an enum's field.
    ///
    /// # Errors
    /// A number without a meaning.
    pub fn read(number: i32) -> Result<Self, Malformed> {
        match v1::Direction::try_from(number) {
            Ok(v1::Direction::Unspecified | v1::Direction::OldestFirst) => Ok(Self::OldestFirst),
            Ok(v1::Direction::NewestFirst) => Ok(Self::NewestFirst),
            Err(_) => Err(Malformed::UnknownNumber {
                at: FieldPath::of("direction"),
                number: number.into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
