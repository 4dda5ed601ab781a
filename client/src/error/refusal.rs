//! What the server says when it refuses a call.

use std::fmt;
use std::time::Duration;

use ledger_core::Sequence;
use ledger_proto::Reason;

/// A refusal: the server says that the attempt changed nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// Why; `None` is a reason that this version of the client does not know.
    pub reason: Option<Reason>,
    /// The name of the limit that is reached, with [`Reason::Limit`].
    pub limit: Option<Box<str>>,
    /// Why, and what to do, in the server's words.
    pub message: Box<str>,
    /// The fields that are at fault.
    pub violations: Vec<Violation>,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// The last event that the database has in common with the line of history that the request
    /// was of, with [`Reason::EpochChanged`], if the server knows it.
    pub fork: Option<Sequence>,
    /// Whether an earlier attempt of the same call ended without an answer, so that the call as a
    /// whole may have taken effect.
    pub earlier_attempt_unknown: bool,
}

impl Refusal {
    /// Whether what stands in the way goes away by itself: known to do so, or said to by a newer
    /// server that asks for a later attempt.
    pub(super) fn is_passing(&self) -> bool {
        match self.reason {
            None => self.retry_after.is_some(),
            // Reads end in milliseconds.
            Some(Reason::Limit) => self.limit.as_deref() == Some("reads_max"),
            Some(reason) => matches!(
                reason,
                Reason::QueueFull
                    | Reason::Starting
                    | Reason::Draining
                    | Reason::RebuildingIndex
                    | Reason::ReadRefused
            ),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Some(reason) if self.message.is_empty() => write!(f, "the server refused: {reason}")?,
            None if self.message.is_empty() => f.write_str("the server refused")?,
            _ => f.write_str(&self.message)?,
        }
        for Violation { field, description } in &self.violations {
            // Most messages name the field already.
            if !self.message.contains(&**field) {
                write!(f, "; {field}: {description}")?;
            }
        }
        if self.earlier_attempt_unknown {
            f.write_str(
                "; an earlier attempt got no answer, so the call may have taken effect: make it \
                 again with the same ids, or look them up",
            )?;
        }
        Ok(())
    }
}

/// A field of a request that the server could not accept.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Violation {
    /// The field, such as `transfers[3].code`.
    pub field: Box<str>,
    /// What is wrong with it.
    pub description: Box<str>,
}
