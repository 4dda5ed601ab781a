//! What an operation of the engine that fails means to a client.

use std::{error::Error, io::ErrorKind};

use ledger_engine::{
    Engine, EngineStatus, Failure, FilterError, QueryError, ReadError, Refused,
    backup::BackupError,
    snapshot::{CreateSnapshotError, DeriveError},
    vfs,
};
use ledger_proto::{FieldPath, Malformed, Refusal};

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
        Failure::ReadRefused => Refusal::ReadRefused,
        Failure::Limit { name, limit } => Refusal::Limit { name, limit },
        // Whatever else there may be: to say that nothing was applied would be a guess.
        _ => Refusal::OutcomeUnknown,
    }
}

/// Something that is recorded could not be read.
pub(crate) fn unreadable(error: ReadError) -> Refusal {
    if let Some(refused) = read_refused(&error) {
        return refused;
    }
    // The operator needs the file and the place in it; the client only that it is not its fault.
    tracing::error!(error = &error as &dyn Error, "the journal cannot be read");
    match error {
        ReadError::Journal { sequence, .. } | ReadError::Contradiction { sequence } => {
            Refusal::Damaged { sequence }
        }
        _ => Refusal::Bug {
            rule: "what the engine tells of can be read",
        },
    }
}

/// A question about accounts or the past could not be answered. It changes nothing, so nothing of
/// it can have been applied. `point` is the field that says what moment it is about.
pub(crate) fn unanswered(engine: &Engine, point: FieldPath, error: QueryError) -> Refusal {
    let beyond = || {
        let EngineStatus { durable, time, .. } = engine.status();
        Refusal::BeyondEnd {
            at: point,
            sequence: durable,
            time,
        }
    };
    match error {
        QueryError::Refused(error) => refused(error),
        QueryError::Read(ReadError::BeyondEnd { .. }) | QueryError::NotYet { .. } => beyond(),
        QueryError::Read(error) => unreadable(error),
        QueryError::Failed(Failure::RebuildingIndex { done, of }) => {
            Refusal::RebuildingIndex { done, of }
        }
        QueryError::Failed(Failure::ReadRefused) => Refusal::ReadRefused,
        QueryError::Failed(_) => Refusal::Draining,
        QueryError::Index(error) => file_unreadable(&error),
        QueryError::Filter(error) => senseless(&error).into(),
        QueryError::Position => Malformed::PageToken.into(),
        QueryError::Limit { name, limit } => Refusal::Limit { name, limit },
        _ => Refusal::Bug {
            rule: "the server knows every failure of its engine",
        },
    }
}

/// A snapshot was not taken.
pub(crate) fn no_snapshot(error: CreateSnapshotError) -> Refusal {
    match error {
        CreateSnapshotError::Name { .. } => Malformed::Senseless {
            at: FieldPath::of("name"),
            why: "a snapshot's name has 1 to 64 letters, digits, dots, dashes and underscores",
        }
        .into(),
        CreateSnapshotError::NameTaken { sequence } => Refusal::NameTaken { sequence },
        CreateSnapshotError::Empty => Refusal::JournalEmpty,
        CreateSnapshotError::Ended(_) => Refusal::Draining,
        CreateSnapshotError::NotSealed { kind } => not_sealed(kind),
        CreateSnapshotError::Derive(DeriveError::Io { source, .. })
            if source.kind() == ErrorKind::StorageFull =>
        {
            Refusal::StorageFull
        }
        error => file_unreadable(&error),
    }
}

/// The files of a backup cannot be told or read.
pub(crate) fn no_backup(error: BackupError) -> Refusal {
    match error {
        BackupError::Ended(_) => Refusal::Draining,
        BackupError::NotSealed { kind } => not_sealed(kind),
        error => file_unreadable(&error),
    }
}

/// The end of the journal cannot be sealed for the moment: for want of space, or of what reading
/// takes.
fn not_sealed(kind: ErrorKind) -> Refusal {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Refusal::StorageFull,
        _ => Refusal::ReadRefused,
    }
}

/// What an error means that comes of a refusal to open or read a file for the moment. It says
/// nothing of the file.
pub(crate) fn read_refused(error: &(dyn Error + 'static)) -> Option<Refusal> {
    vfs::is_passing(error).then(|| {
        tracing::warn!(error, "a file cannot be read for the moment");
        Refusal::ReadRefused
    })
}

/// The operator needs the file and the place in it; the client only that it is not its fault.
fn file_unreadable(error: &(dyn Error + 'static)) -> Refusal {
    if let Some(refused) = read_refused(error) {
        return refused;
    }
    tracing::error!(error, "a file of the database cannot be read");
    Refusal::FileUnreadable
}

/// A filter that the engine finds no sense in, by the names that its fields have on the wire.
fn senseless(error: &FilterError) -> Malformed {
    let at = FieldPath::of(wire_field(error.field()));
    match *error {
        FilterError::EmptyRange { .. } => Malformed::Senseless {
            at,
            why: "nothing lies in the range: its min is above its max",
        },
        FilterError::ImpossibleValue { .. } => Malformed::Senseless {
            at,
            why: "it holds a value that nothing can have",
        },
        FilterError::Exclusive { with, .. } => Malformed::Exclusive {
            at,
            with: FieldPath::of(wire_field(with)),
        },
        FilterError::TooManyValues {
            field, values_max, ..
        } => Malformed::TooMany {
            list: wire_field(field),
            count_max: values_max,
        },
        FilterError::TooLong {
            bytes, bytes_max, ..
        } => Malformed::TextTooLong {
            at,
            bytes,
            bytes_max,
        },
        FilterError::ReservedFlag { .. } => Malformed::Senseless {
            at,
            why: "a bit without a meaning is set",
        },
        _ => Malformed::Senseless {
            at,
            why: "nothing can match it",
        },
    }
}

/// The field of a request that the engine's filter calls otherwise.
fn wire_field(field: &'static str) -> &'static str {
    match field {
        "accounts" => "filter.account_ids",
        "debit_accounts" => "filter.debit_account_ids",
        "credit_accounts" => "filter.credit_account_ids",
        "ledgers" => "filter.ledgers",
        "codes" => "filter.codes",
        "user_data_128" => "filter.user_data_128",
        "user_data_64" => "filter.user_data_64",
        "user_data_32" => "filter.user_data_32",
        "references" => "filter.references",
        "groups" => "filter.group_ids",
        "pending_ids" => "filter.pending_ids",
        "reverses_ids" => "filter.reverses_ids",
        "states" => "filter.states",
        "age_s" => "filter.age_s_max",
        "amounts" => "filter.amount",
        "name_prefix" => "filter.name_prefix",
        "flags" => "filter.flags_set",
        "without_flags" => "filter.flags_clear",
        "created" => "filter.created",
        // Of the history of an account.
        "account" => "account_id",
        // Ranges of times that are malformed do not come as far as the engine.
        other => other,
    }
}
