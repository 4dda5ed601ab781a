//! From what gRPC says of a failed attempt to what it means. The only module that reads statuses.

use std::error::Error;
use std::fmt;
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
        source: status
            .source()
            .is_some()
            .then(|| Arc::new(Cause(status)) as _),
    }))
}

/// An answer came that breaks the contract.
pub(crate) fn unreadable(
    what: &'static str,
    source: impl Error + Send + Sync + 'static,
) -> ClientError {
    ClientError::Unanswered(Box::new(Unanswered {
        message: what.into(),
        source: Some(Arc::new(source)),
        passing: false,
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

/// What made an attempt fail below gRPC. The status around it says nothing more.
#[derive(Debug)]
struct Cause(Status);

impl Cause {
    fn first(&self) -> &(dyn Error + 'static) {
        self.0
            .source()
            .expect("a cause is made only of a status that has one")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.first(), f)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.first().source()
    }
}
