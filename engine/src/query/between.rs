//! Ranges in filters.

/// The values from `min` to `max`, both included. What is absent does not limit; without either,
/// everything matches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Between<T> {
    /// The smallest value that matches.
    pub min: Option<T>,
    /// The greatest value that matches.
    pub max: Option<T>,
}

impl<T: Ord> Between<T> {
    /// Whether `value` is in the range.
    pub fn contains(&self, value: &T) -> bool {
        self.min.as_ref().is_none_or(|min| min <= value)
            && self.max.as_ref().is_none_or(|max| value <= max)
    }

    /// Whether every value is in the range.
    pub const fn is_unlimited(&self) -> bool {
        self.min.is_none() && self.max.is_none()
    }

    /// Whether no value can be in the range.
    pub(crate) fn is_empty(&self) -> bool {
        matches!((&self.min, &self.max), (Some(min), Some(max)) if min > max)
    }
}
