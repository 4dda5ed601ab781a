//! Every error that the server itself makes, and the one place where such an error becomes a
//! status of gRPC.

use std::collections::HashMap;
use std::fmt::Display;
use std::time::{Duration, UNIX_EPOCH};

use ledger_core::{Sequence, Timestamp};
use thiserror::Error;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{FieldPath, Malformed, Reason};

/// The domain of `google.rpc.ErrorInfo` in every error that the server makes.
pub(crate) const DOMAIN: &str = "pacioli";
/// The key in its metadata that says, with the value `false`, that nothing was applied.
pub(crate) const APPLIED: &str = "applied";
/// The key in its metadata that names the limit that is reached.
pub(crate) const LIMIT: &str = "limit";
/// The key in its metadata that holds the line of history that the server is on, in hexadecimal.
pub(crate) const EPOCH: &str = "epoch";
/// The key in its metadata that holds the last event that both lines of history have in common.
pub(crate) const FORK_SEQUENCE: &str = "fork_sequence";

/// An error that the server makes. All but [`Refusal::OutcomeUnknown`] and
/// [`Refusal::Unanswered`] say that nothing of the request was applied; no other error may become
/// one of these.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The request cannot be understood.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Too much is waiting already.
    #[error("too much is waiting already, {queue_bytes_max} bytes at most: try again in a moment")]
    QueueFull {
        /// The most that may wait.
        queue_bytes_max: u64,
    },
    /// A limit of the server is reached.
    #[error("the limit {name} of {limit} is reached")]
    Limit {
        /// Its name in the configuration.
        name: &'static str,
        /// Its value.
        limit: u64,
    },
    /// The message is larger than the server accepts.
    #[error("the message is larger than {bytes_max} bytes: send its events in several requests")]
    MessageTooLarge {
        /// The most that it may be.
        bytes_max: usize,
    },
    /// The request's deadline passed before it was decided.
    #[error("not decided: the deadline {} had passed at {}", moment(.deadline), moment(.time))]
    NotDecided {
        /// The deadline.
        deadline: Timestamp,
        /// When the request was looked at.
        time: Timestamp,
    },
    /// There is no room on the disk.
    #[error("there is no room for what would be recorded: make room on the disk of the server")]
    StorageFull,
    /// A page token belongs to another line of history.
    #[error("the database was restored since, {}: ask for the first page again", told(.fork))]
    EpochChanged {
        /// The line of history that the server is on.
        epoch: u128,
        /// The last event that both have in common; `None` if the server does not know the other
        /// line of history.
        fork: Option<Sequence>,
    },
    /// A position or a time that the journal has not reached.
    #[error("{at} is beyond the end: the journal is at event {sequence} and time {}", moment(.time))]
    BeyondEnd {
        /// The field.
        at: FieldPath,
        /// The newest event.
        sequence: Sequence,
        /// Its journal time.
        time: Timestamp,
    },
    /// The clock of the server cannot be trusted. Reserved: a server whose clock it does not trust
    /// does not start, or goes on without following it.
    #[error("the clock of the server cannot be trusted: its operator has to accept it")]
    Clock,
    /// The server has not recovered yet.
    #[error("the server is starting")]
    Starting,
    /// The server ends.
    #[error("the server is ending")]
    Draining,
    /// The index of old ids is being rebuilt. Nothing is decided without it.
    #[error("the index of old ids is being rebuilt, at event {done} of {of}: try again later")]
    RebuildingIndex {
        /// The newest event that it covers without a gap.
        done: Sequence,
        /// The event that it has to cover.
        of: Sequence,
    },
    /// The operating system refuses to open or read a file for the moment. Nothing is wrong with it.
    #[error(
        "the server cannot read a file for the moment, because too many are open or there is no \
         memory: try again"
    )]
    ReadRefused,
    /// The write failed half-way.
    #[error("the outcome is unknown: the server ended before the answer was on stable storage")]
    OutcomeUnknown,
    /// The answer did not come in time, and what was admitted is not taken back.
    #[error("the outcome is unknown: there was no answer within {waited_s} seconds")]
    Unanswered {
        /// How long the server waited.
        waited_s: u64,
    },
    /// Something that is recorded cannot be read.
    #[error("event {sequence} cannot be read any more: run `pacioli verify` on the server")]
    Damaged {
        /// Where reading failed.
        sequence: Sequence,
    },
    /// A file that an answer needs cannot be read, or is not what was written.
    #[error("a file of the database cannot be read: the log of the server names it")]
    FileUnreadable,
    /// There is nothing yet that a snapshot could hold.
    #[error("the journal is empty: there is nothing to take a snapshot of")]
    JournalEmpty,
    /// Another snapshot has the name.
    #[error("the snapshot at event {sequence} has that name: choose another one")]
    NameTaken {
        /// The event with which the other one ends.
        sequence: Sequence,
    },
    /// A receiver took nothing for so long that it was given up.
    #[error("nothing was taken for {waited_s} seconds: ask again, and go on from what is held")]
    ReaderStalled {
        /// How long the server waited.
        waited_s: u64,
    },
    /// The server contradicts itself.
    #[error("a bug in the server: {rule}")]
    Bug {
        /// The rule that does not hold.
        rule: &'static str,
    },
}

impl Refusal {
    /// The reason on the wire.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Malformed(_) => Reason::InvalidRequest,
            Self::QueueFull { .. } => Reason::QueueFull,
            Self::Limit { .. } => Reason::Limit,
            Self::MessageTooLarge { .. } => Reason::MessageTooLarge,
            Self::NotDecided { .. } => Reason::NotDecided,
            Self::StorageFull => Reason::StorageFull,
            Self::EpochChanged { .. } => Reason::EpochChanged,
            Self::BeyondEnd { .. } => Reason::BeyondEnd,
            Self::JournalEmpty => Reason::JournalEmpty,
            Self::NameTaken { .. } => Reason::NameTaken,
            Self::ReaderStalled { .. } => Reason::ReaderStalled,
            Self::RebuildingIndex { .. } => Reason::RebuildingIndex,
            Self::ReadRefused => Reason::ReadRefused,
            Self::Clock => Reason::Clock,
            Self::Starting => Reason::Starting,
            Self::Draining => Reason::Draining,
            Self::OutcomeUnknown | Self::Unanswered { .. } => Reason::OutcomeUnknown,
            Self::Damaged { .. } | Self::FileUnreadable => Reason::Damaged,
            Self::Bug { .. } => Reason::Bug,
        }
    }

    const fn code(&self) -> Code {
        match self {
            Self::Malformed(_) => Code::InvalidArgument,
            Self::QueueFull { .. } | Self::Limit { .. } | Self::MessageTooLarge { .. } => {
                Code::ResourceExhausted
            }
            Self::NotDecided { .. } => Code::DeadlineExceeded,
            Self::StorageFull | Self::EpochChanged { .. } | Self::Clock => Code::FailedPrecondition,
            Self::JournalEmpty => Code::FailedPrecondition,
            Self::NameTaken { .. } => Code::AlreadyExists,
            Self::ReaderStalled { .. } => Code::Aborted,
            Self::BeyondEnd { .. } => Code::OutOfRange,
            Self::Starting | Self::Draining | Self::RebuildingIndex { .. } | Self::ReadRefused => {
                Code::Unavailable
            }
            Self::OutcomeUnknown | Self::Unanswered { .. } => Code::Unknown,
            Self::Damaged { .. } | Self::FileUnreadable => Code::DataLoss,
            Self::Bug { .. } => Code::Internal,
        }
    }

    /// When it is worth trying again, where the server can tell.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::QueueFull { .. } => Some(Duration::from_millis(20)),
            Self::Limit { name, .. } if passes(name) => Some(Duration::from_secs(1)),
            Self::Starting | Self::Draining | Self::RebuildingIndex { .. } | Self::ReadRefused => {
                Some(Duration::from_secs(1))
            }
            // Never as it is: the message has to become smaller.
            Self::MessageTooLarge { .. } => None,
            _ => None,
        }
    }
}

/// Whether a limit that is reached passes while nobody does anything about it: open holds end, and
/// so do reads, backups, verifications, and writes amid a lookup. An account lasts for ever, and a request that is too
/// large for a frame or a page stays so; who was told to try those again would do it for nothing.
fn passes(limit: &str) -> bool {
    matches!(
        limit,
        "open_holds_max"
            | "reads_max"
            | "backups_max"
            | "verifications_max"
            | "snapshots_max"
            | "page_units_max"
    )
}

/// Where two lines of history part.
fn told(fork: &Option<Sequence>) -> String {
    match fork {
        Some(fork) => format!("to event {fork}"),
        None => "or is another one".into(),
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let mut metadata = HashMap::new();
        if refusal.reason() != Reason::OutcomeUnknown {
            metadata.insert(APPLIED.into(), "false".into());
        }
        match refusal {
            Refusal::Limit { name, .. } => {
                metadata.insert(LIMIT.into(), name.into());
            }
            Refusal::EpochChanged { epoch, fork } => {
                metadata.insert(EPOCH.into(), format!("{epoch:032x}"));
                metadata.extend(fork.map(|fork| (FORK_SEQUENCE.into(), fork.to_string())));
            }
            _ => {}
        }
        let mut details = ErrorDetails::with_error_info(refusal.reason().name(), DOMAIN, metadata);
        match &refusal {
            Refusal::Malformed(malformed) => {
                let at = malformed.at().to_string();
                details.add_bad_request_violation(at, malformed.to_string());
            }
            Refusal::BeyondEnd { at, .. } => {
                details.add_bad_request_violation(at.to_string(), refusal.to_string());
            }
            _ => {}
        }
        if let Some(delay) = refusal.retry_after() {
            details.set_retry_info(Some(delay));
        }
        Self::with_error_details(refusal.code(), refusal.to_string(), details)
    }
}

/// A moment as people read it.
fn moment(time: &Timestamp) -> impl Display {
    humantime::format_rfc3339_nanos(UNIX_EPOCH + Duration::from_nanos(time.get()))
}

#[cfg(test)]
mod tests;
