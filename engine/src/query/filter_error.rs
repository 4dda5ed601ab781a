//! Filters that make no sense.

use thiserror::Error;

/// A filter makes no sense. It is told so, and never answered with an empty page.
///
/// `field` is the name of the field in the filter; in a list, of the list.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The smallest value is above the greatest one.
    #[error("`{field}` is a range that nothing lies in: its min is above its max")]
    EmptyRange {
        /// The field.
        field: &'static str,
    },
    /// A value that nothing can have: zero or an empty text, which stand for an absent value, or
    /// the reserved greatest id.
    #[error("`{field}` holds a value that nothing can have")]
    ImpossibleValue {
        /// The field.
        field: &'static str,
    },
    /// Nothing can match two fields at once.
    #[error("nothing can match both `{field}` and `{with}`")]
    Exclusive {
        /// The field.
        field: &'static str,
        /// The field that it excludes.
        with: &'static str,
    },
    /// More values than a field may hold.
    #[error("`{field}` holds {values} values; at most {values_max} are allowed")]
    TooManyValues {
        /// The field.
        field: &'static str,
        /// How many it holds.
        values: usize,
        /// How many it may hold.
        values_max: usize,
    },
    /// A text is longer than anything that it could match.
    #[error("`{field}` is {bytes} bytes long; at most {bytes_max} are allowed")]
    TooLong {
        /// The field.
        field: &'static str,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        bytes_max: usize,
    },
    /// A bit is set that has no meaning.
    #[error("`{field}` has a bit set that has no meaning")]
    ReservedFlag {
        /// The field.
        field: &'static str,
    },
}

impl FilterError {
    /// The field that makes no sense; of two that exclude each other, the first.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::EmptyRange { field }
            | Self::ImpossibleValue { field }
            | Self::Exclusive { field, .. }
            | Self::TooManyValues { field, .. }
            | Self::TooLong { field, .. }
            | Self::ReservedFlag { field } => field,
        }
    }
}
