//! From what gRPC says of a failed attempt to what it means. The only module that reads statuses.

use std::error::Error;
use std::sync::Arc;

use ledger_proto::Explanation;
use tonic::{Code, Status};

use crate::ClientError;
use crate::error::{Refusal, Unanswered, Violation};

#[cfg(test)]
mod tests;

/// What a failed attempt means. Only an error of the server's own that says so is a refusal;
/// whatever else it is, nobody knows what happened.
pub(crate) fn meaning(status: Status) -> ClientError {
    if let Some(explanation) = Explanation::of(&status).filter(|it| it.nothing_applied) {
        let Explanation {
            reason,
            retry_after,
            limit,
            fork,
            fields,
            ..
        } = explanation;
        let violation = |(field, description)| Violation { field, description };
        return ClientError::Refused(Box::new(Refusal {
            reason,
            limit,
            message: status.message().into(),
            violations: fields.into_iter().map(violation).collect(),
            retry_after,
            fork,
            earlier_attempt_unknown: false,
        }));
    }
    ClientError::Unanswered(Box::new(Unanswered {
        message: if status.message().is_empty() {
            status.code().description().into()
        } else {
            status.message().into()
        },
        passing: passes(status.code()),
        source: None,
    }))
}

/// The stream or the whole connection broke.
pub(crate) fn broken(error: h2::Error) -> ClientError {
    foreign("the connection broke", error, true)
}

/// An answer came that breaks the contract; the next one would too.
pub(crate) fn unreadable(
    what: &'static str,
    source: impl Error + Send + Sync + 'static,
) -> ClientError {
    foreign(what, source, false)
}

/// What happened is not known, and neither is it the server's own word.
pub(crate) fn foreign(
    what: &'static str,
    source: impl Error + Send + Sync + 'static,
    passing: bool,
) -> ClientError {
    let source = Some(Arc::new(source) as _);
    ClientError::Unanswered(Box::new(Unanswered {
        message: what.into(),
        source,
        passing,
    }))
}

/// Whether a failure that is not the server's own word may pass by itself. A request that was too
/// large, or that the other side does not know, will be so again.
const fn passes(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::Unknown
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::Internal
    )
}
