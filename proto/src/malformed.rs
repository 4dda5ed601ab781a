//! What is wrong with a message that cannot be understood.

use prost::DecodeError;
use thiserror::Error;

use crate::FieldPath;

/// A message that cannot be turned into what it should stand for. Nothing of it was judged by the
/// ledger: this is about its shape, never a business answer.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Malformed {
    /// These bytes are not the message that they should be.
    #[error("{at}: {defect}")]
    Protobuf {
        /// Where the bytes went wrong, as far as it can be told.
        at: FieldPath,
        /// In what way.
        defect: Defect,
    },
    /// These bytes are not the message that they should be, as generated code has found.
    #[error("the bytes are no {message}: {source}")]
    Message {
        /// The message.
        message: &'static str,
        /// What was found, and where.
        source: DecodeError,
    },
    /// The body of the request is not one message in the framing of gRPC.
    #[error("the body of the request is not one gRPC message")]
    Framing,
    /// More events or ids than a request may hold.
    #[error("{list} holds more than {count_max} entries: send them in several requests")]
    TooMany {
        /// The list.
        list: &'static str,
        /// The most that it may hold.
        count_max: usize,
    },
    /// A number beyond what the field can hold.
    #[error("{at} is {number}, and the most is {number_max}")]
    NumberTooLarge {
        /// The field.
        at: FieldPath,
        /// What it holds.
        number: u64,
        /// The most that it may hold.
        number_max: u64,
    },
    /// A text so long that it cannot be meant.
    #[error("{at} has {bytes} bytes, and the most is {bytes_max}")]
    TextTooLong {
        /// The field.
        at: FieldPath,
        /// What it has.
        bytes: usize,
        /// The most that it may have.
        bytes_max: usize,
    },
    /// A number that stands for nothing that this version knows.
    #[error("{at} is {number}, which has no meaning here: the other side may be newer")]
    UnknownNumber {
        /// The field.
        at: FieldPath,
        /// What it holds.
        number: i64,
    },
    /// A field that must be there is not.
    #[error("{at} is absent")]
    Absent {
        /// The field.
        at: FieldPath,
    },
    /// A filter, or another question, that nothing can answer. It is told, and never answered with
    /// nothing.
    #[error("{at}: {why}")]
    Senseless {
        /// The field.
        at: FieldPath,
        /// Why.
        why: &'static str,
    },
    /// Two fields of a filter that nothing can match at once.
    #[error("nothing can match both {at} and {with}")]
    Exclusive {
        /// The field.
        at: FieldPath,
        /// The other one.
        with: FieldPath,
    },
    /// A page token that was not given for this question.
    #[error("page_token was not given for this question: ask for the first page without one")]
    PageToken,
    /// Two lists that go in parallel, or a list and its digest, do not fit.
    #[error("{at} does not fit the rest of the message")]
    Unfitting {
        /// The field.
        at: FieldPath,
    },
}

impl Malformed {
    /// The field that is at fault.
    #[must_use]
    pub const fn at(&self) -> FieldPath {
        match *self {
            Self::Message { message, .. } => FieldPath::of(message),
            Self::TooMany { list, .. } => FieldPath::of(list),
            Self::Framing => FieldPath::of("body"),
            Self::PageToken => FieldPath::of("page_token"),
            Self::Protobuf { at, .. }
            | Self::NumberTooLarge { at, .. }
            | Self::TextTooLong { at, .. }
            | Self::UnknownNumber { at, .. }
            | Self::Absent { at }
            | Self::Senseless { at, .. }
            | Self::Exclusive { at, .. }
            | Self::Unfitting { at } => at,
        }
    }
}

/// In what way bytes fail to be protobuf.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Defect {
    /// They end inside a field.
    #[error("the bytes end inside a field")]
    Truncated,
    /// A number does not end after ten bytes, or is beyond 64 bits.
    #[error("a number is longer than 64 bits")]
    Overlong,
    /// A field number is 0 or beyond 2²⁹ − 1, or the kind of a field does not exist.
    #[error("a field has an impossible number or kind")]
    Key,
    /// A known field is of another kind than it should be.
    #[error("a field is of the wrong kind")]
    Kind,
    /// The end of a group without its beginning, or of another one.
    #[error("a group ends that has not begun")]
    Group,
    /// Groups inside groups without end.
    #[error("groups are nested too deeply")]
    TooDeep,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
}
