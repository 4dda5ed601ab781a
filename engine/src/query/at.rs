//! The moment that a question is about.

use ledger_core::{Sequence, Timestamp};

/// The moment that a question is about.
///
/// A sequence or a time inside a request means the moment before that request: what was decided
/// together is seen together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum At {
    /// The newest durable event.
    #[default]
    Now,
    /// After the event with this sequence; zero is before the first. A sequence beyond the end is
    /// [`ReadError::BeyondEnd`](crate::ReadError::BeyondEnd).
    Sequence(Sequence),
    /// After the last event whose journal time is not later than this. A time that has not come
    /// yet is [`QueryError::NotYet`](crate::QueryError::NotYet), because more may still happen
    /// before it.
    Time(Timestamp),
}

/// What an answer is as of.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Moment {
    /// The last event that the answer takes into account; zero if it is before the first. It is
    /// the last one of its request.
    pub sequence: Sequence,
    /// The journal time of that event.
    pub time: Timestamp,
}
