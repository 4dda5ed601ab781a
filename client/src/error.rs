//! Why a call failed, whether to make it again, and whether something may have happened.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ledger_proto::Reason;

pub use refusal::{Refusal, Violation};

mod refusal;
#[cfg(test)]
mod tests;

/// Why a call gave no answer.
///
/// Two questions matter to the caller: [`is_retryable`](Self::is_retryable), may the same call
/// with the same ids succeed if it is made again; and
/// [`is_outcome_unknown`](Self::is_outcome_unknown), may it have taken effect all the same.
/// Making a call again is always safe as long as it keeps its ids.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address cannot be used. Nothing was sent.
    #[error("`{server}` is no address of a server: write it like http://127.0.0.1:7400")]
    Address {
        /// As it was given.
        server: Box<str>,
    },
    /// Nobody answers at the address. Nothing was sent.
    #[error(
        "no server answers at {server} ({source}): start one with `pacioli serve`, or name another"
    )]
    Unreachable {
        /// The address.
        server: Box<str>,
        /// What the network said.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The server refused, and says that this attempt changed nothing.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The attempt ended without an answer that says what happened.
    #[error("{0}")]
    Unanswered(Box<Unanswered>),
    /// The time given to the call ran out.
    #[error("{0}")]
    DeadlinePassed(Box<DeadlinePassed>),
    /// Too many calls wait for a coalesced request. Nothing was sent.
    #[error(
        "{waiting_events_max} transfers wait already (`Coalesce::waiting_events_max`): call more \
         slowly, or raise it"
    )]
    TooManyWaiting {
        /// The most that may wait.
        waiting_events_max: usize,
    },
    /// The runtime that the client was made in has ended.
    #[error("the runtime that the client was made in has ended: make a client in this one")]
    Closed {
        /// Whether the request had left.
        outcome_unknown: bool,
    },
}

impl ClientError {
    /// Whether the same call, with the same ids, may succeed if it is made again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Address { .. } | Self::Closed { .. } => false,
            Self::Unreachable { .. } | Self::DeadlinePassed(_) | Self::TooManyWaiting { .. } => {
                true
            }
            Self::Refused(refusal) => refusal.is_passing(),
            Self::Unanswered(unanswered) => unanswered.passing,
        }
    }

    /// Whether the call may have taken effect. `false` is a promise: nothing was applied.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::Address { .. } | Self::Unreachable { .. } | Self::TooManyWaiting { .. } => false,
            Self::Refused(refusal) => refusal.earlier_attempt_unknown,
            Self::Unanswered(_) => true,
            Self::DeadlinePassed(passed) => passed.outcome_unknown,
            Self::Closed { outcome_unknown } => *outcome_unknown,
        }
    }

    /// Why the server refused, if it did; after the deadline, why it refused last.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Refused(refusal) => refusal.reason,
            Self::DeadlinePassed(passed) => passed.last.as_ref()?.reason(),
            _ => None,
        }
    }

    /// Which fields of the request the server could not accept.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        match self {
            Self::Refused(refusal) => &refusal.violations,
            _ => &[],
        }
    }

    /// How long the server asks to wait before the call is made again.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }

    /// The same error at the end of a call one of whose attempts may have taken effect.
    pub(crate) fn after_unknown_attempt(mut self) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.earlier_attempt_unknown = true;
        }
        self
    }
}

/// An attempt that ended without an answer that says what happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unanswered {
    /// What is known of the cause.
    pub message: Box<str>,
    /// What the transport said.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
    /// Whether the cause is one that passes, such as a broken connection.
    pub(crate) passing: bool,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the outcome is unknown ({}", self.message)?;
        let mut cause = self
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static));
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        f.write_str("): make the call again with the same ids, or look them up")
    }
}

/// The time given to a call ran out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeadlinePassed {
    /// The time it was given.
    pub deadline: Duration,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether one of them may have taken effect.
    pub outcome_unknown: bool,
    /// How the last one failed, if it had failed by then.
    pub last: Option<ClientError>,
}

impl fmt::Display for DeadlinePassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no answer within {} s and {} attempts",
            self.deadline.as_secs_f64(),
            self.attempts
        )?;
        if let Some(last) = &self.last {
            write!(f, "; last: {last}")?;
        }
        if self.outcome_unknown {
            f.write_str(
                "; the outcome is unknown: make the call again with the same ids, or look them up",
            )
        } else {
            f.write_str("; nothing was applied")
        }
    }
}
