//! How an operation of the engine fails. A business refusal is a status, not one of these.

use std::time::Duration;

use ledger_core::{Sequence, Timestamp};
use thiserror::Error;

use crate::{FilterError, RunError};

/// A request was not admitted: nothing of it was applied, and nothing ever will be.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Refused {
    /// Too many bytes are waiting. Try again in a moment.
    #[error("the queue is full: {queued_bytes} of at most {queue_bytes_max} bytes are in work")]
    QueueFull {
        /// What is in work.
        queued_bytes: usize,
        /// `queue_bytes_max` of the configuration.
        queue_bytes_max: usize,
    },
    /// More ids or events than one request may carry.
    #[error("a request carries at most {events_max} events; this one has {events}")]
    TooManyEvents {
        /// What this one carries.
        events: usize,
        /// [`Config::EVENTS_PER_REQUEST_MAX`](crate::Config::EVENTS_PER_REQUEST_MAX), or for
        /// accounts [`Config::ACCOUNTS_PER_TURN`](crate::Config::ACCOUNTS_PER_TURN).
        events_max: usize,
    },
    /// The index of old ids is being rebuilt from the journal. Nothing is decided without it, since
    /// a retry of something old would not be known. Reads of accounts go on.
    #[error("the index of old ids is being rebuilt: at event {done} of {of}")]
    RebuildingIndex {
        /// The newest event that it covers without a gap.
        done: Sequence,
        /// The event that it has to cover.
        of: Sequence,
    },
    /// The engine is being shut down.
    #[error("the engine is shutting down")]
    Draining,
    /// The engine has halted: a write or a sync failed.
    #[error("the engine has halted")]
    Halted,
}

/// An admitted request ended without an answer.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The engine halted before the answer was on stable storage. It may have been applied or
    /// not; asking again with the same ids is safe.
    #[error("the outcome is unknown: the engine halted before the answer was durable")]
    OutcomeUnknown,
    /// The request's deadline passed before it was decided; nothing was applied.
    #[error("not decided: the deadline {deadline} had passed at {time}")]
    NotDecided {
        /// The deadline of the request.
        deadline: Timestamp,
        /// The journal time at which it was looked at.
        time: Timestamp,
    },
    /// There is no space to record what would be decided; nothing was applied.
    #[error(
        "the journal has no space for this request: make room on the disk of the data directory"
    )]
    StorageFull,
    /// A part of the index of old ids turned out to be unreadable and is being rebuilt from the
    /// journal; nothing was applied.
    #[error("the index of old ids is being rebuilt: at event {done} of {of}")]
    RebuildingIndex {
        /// The newest event that it covers without a gap.
        done: Sequence,
        /// The event that it has to cover.
        of: Sequence,
    },
    /// A file that the answer needs can for the moment not be opened or read, because too many files
    /// are open or there is no memory; nothing was applied.
    #[error("a file cannot be read for the moment: too many are open, or there is no memory")]
    ReadRefused,
    /// A limit is reached; nothing was applied.
    #[error("the limit {name} of {limit} is reached")]
    Limit {
        /// Its name in the configuration.
        name: &'static str,
        /// Its value.
        limit: u64,
    },
}

/// The journal could not be read where it was asked for.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The sequence is not durable, or is zero.
    #[error("there is no event {sequence}: the newest durable one is {durable}")]
    BeyondEnd {
        /// What was asked for.
        sequence: Sequence,
        /// The newest event that can be read.
        durable: Sequence,
    },
    /// A part of the journal that must be there cannot be read or does not verify.
    #[error(
        "event {sequence} cannot be read from the journal: stop the server and run `pacioli verify`"
    )]
    Journal {
        /// The event asked for, or the last of those asked for.
        sequence: Sequence,
        /// What is wrong, and where.
        source: crate::journal::JournalReadError,
    },
    /// An event was read whose content contradicts what is known of it.
    #[error("event {sequence} contradicts the state: stop the server and run `pacioli verify`")]
    Contradiction {
        /// The event.
        sequence: Sequence,
    },
}

/// A question about accounts or about the past could not be answered. It changed nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QueryError {
    /// It was not admitted.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It was admitted and then ended.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The journal could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An index run could not be read.
    #[error(transparent)]
    Index(#[from] RunError),
    /// The filter makes no sense.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// No page of this list ended where this one is to begin.
    #[error("no page of this list told this position")]
    Position,
    /// It takes more work than an answer may take, and there is no page on which to go on.
    #[error("the limit {name} of {limit} is reached")]
    Limit {
        /// Its name in the configuration.
        name: &'static str,
        /// Its value.
        limit: u64,
    },
    /// The moment asked for has not come yet: more may still happen before it.
    #[error("the time {time} has not come yet: the journal is at {now}")]
    NotYet {
        /// What was asked for.
        time: Timestamp,
        /// Journal time.
        now: Timestamp,
    },
}

/// The directory could not answer. Nothing depends on it but finding accounts by name.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// It is being rebuilt from the journal.
    #[error("the directory of names is being rebuilt: at event {at} of {of}")]
    Rebuilding {
        /// How far it has come.
        at: Sequence,
        /// How far it has to go.
        of: Sequence,
    },
    /// There are more names than it may keep, so its answer would have gaps.
    #[error("the directory of names is limited to {names_max} names, and there are more")]
    Incomplete {
        /// `directory_names_max` of the configuration.
        names_max: u64,
    },
    /// It did not answer in time.
    #[error("the directory of names did not answer within {limit:?}")]
    TimedOut {
        /// `directory_call_max` of the configuration.
        limit: Duration,
    },
    /// It is closed, or cannot be opened.
    #[error("the directory of names is not available")]
    Unavailable,
}

/// The database could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A value of the configuration makes no sense.
    #[error("{name} is {value}; it must be {rule}")]
    Config {
        /// The field.
        name: &'static str,
        /// Its value.
        value: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// The data directory cannot be recovered, or is in use.
    #[error(transparent)]
    Recovery(#[from] crate::journal::RecoveryError),
    /// The clock of the machine does not fit the journal.
    #[error(
        "the clock is {step} of the journal, whose newest time is {journal}: set it right, or start with --accept-clock if it is right"
    )]
    Clock {
        /// How far it is off.
        step: crate::clock::ClockStep,
        /// The newest time in the journal.
        journal: Timestamp,
    },
    /// A thread could not be started.
    #[error("a thread of the engine could not be started")]
    Thread(#[source] std::io::Error),
    /// The machine gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Randomness,
}
