//! What an operation of the engine that fails means to a client.

use ledger_engine::{Failure, QueryError, ReadError, Refused};
use ledger_proto::{Malformed, Refusal};

/// A request that was not admitted: nothing of it was applied.
pub(crate) fn refused(refused: Refused) -> Refusal {
    match refused {
        Refused::QueueFull {
            queue_bytes_max, ..
        } => Refusal::QueueFull {
            queue_bytes_max: queue_bytes_max as u64,
        },
        Refused::TooManyEvents { events_max, .. } => Malformed::TooMany {
            list: "events",
            count_max: events_max,
        }
        .into(),
        Refused::RebuildingIndex { done, of } => Refusal::RebuildingIndex { done, of },
        // A halted engine ends its process, and the next one may serve.
        Refused::Draining | Refused::Halted => Refusal::Draining,
        _ => Refusal::Bug {
            rule: "the server knows every refusal of its engine",
        },
    }
}

/// A request that was admitted and ended without an answer.
pub(crate) fn failed(failure: Failure) -> Refusal {
    match failure {
        Failure::NotDecided { deadline, time } => Refusal::NotDecided { deadline, time },
        Failure::RebuildingIndex { done, of } => Refusal::RebuildingIndex { done, of },
        Failure::StorageFull => Refusal::StorageFull,
        Failure::Limit { name, limit } => Refusal::Limit { name, limit },
        // Whatever else there may be: to say that nothing was applied would be a guess.
        _ => Refusal::OutcomeUnknown,
    }
}

/// Something that is recorded could not be read.
pub(crate) fn unreadable(error: ReadError) -> Refusal {
    // The operator needs the file and the place in it; the client only that it is not its fault.
    tracing::error!(
        error = &error as &dyn std::error::Error,
        "the journal cannot be read"
    );
    match error {
        ReadError::Journal { sequence, .. } | ReadError::Contradiction { sequence } => {
            Refusal::Damaged { sequence }
        }
        _ => Refusal::Bug {
            rule: "what the engine tells of can be read",
        },
    }
}

/// A question over many accounts could not be answered. It changes nothing, so nothing of it can
/// have been applied.
pub(crate) fn unanswered(error: QueryError) -> Refusal {
    match error {
        QueryError::Refused(error) => refused(error),
        QueryError::Read(error) => unreadable(error),
        QueryError::Failed(_) => Refusal::Draining,
        _ => Refusal::Bug {
            rule: "the server knows every failure of its engine",
        },
    }
}
