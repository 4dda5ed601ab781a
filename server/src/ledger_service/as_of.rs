//! The moment that a question looks at, and the receipt that tells of it.

use ledger_engine::{Engine, Moment};
use ledger_proto::{At, Receipt};

/// The point of a request as the engine takes it.
pub(super) fn at(point: At) -> ledger_engine::At {
    match point {
        At::Now => ledger_engine::At::Now,
        At::Sequence(sequence) => ledger_engine::At::Sequence(sequence),
        At::Time(time) => ledger_engine::At::Time(time),
    }
}

/// The field of a request that holds its point.
pub(super) fn field(point: At) -> &'static str {
    match point {
        At::Time(_) => "at_time",
        _ => "at_sequence",
    }
}

/// What an answer about a moment rests on. The hash is that of the newest frame, and taken last:
/// that frame covers at least the moment, and most likely events after it.
pub(super) fn receipt(engine: &Engine, epoch: u128, as_of: Moment) -> Receipt {
    Receipt {
        epoch,
        sequence: as_of.sequence,
        time: as_of.time,
        frame_hash: engine.status().frame_hash,
    }
}
