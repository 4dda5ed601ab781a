//! The way of a request into the engine and of its answer back.

use std::sync::Arc;

use ledger_engine::{Body, Command, Context, Engine, Reply, Request};
use ledger_proto::{Receipt, Refusal};
use tokio::sync::oneshot;

use crate::{desk::Desk, failure};

/// What a request weighs in the engine's queue even if it carries nothing.
const WEIGHT_BYTES_MIN: usize = 256;

/// Asks the engine and waits for its answer. Whoever stops waiting stops only that: a request that
/// was admitted is decided.
pub(crate) async fn ask(
    desk: &Desk,
    command: Command,
    context: Context,
    weight_bytes: usize,
) -> Result<(Receipt, Body), Refusal> {
    let weight_bytes = WEIGHT_BYTES_MIN + weight_bytes;
    let (answered, answer) = oneshot::channel();
    desk.engine()?
        .submit(
            Request {
                command,
                context,
                weight_bytes,
            },
            move |answer| {
                // Nobody waits any more: the answer is not needed, what was decided stays.
                let _ = answered.send(answer);
            },
        )
        .map_err(failure::refused)?;
    let Reply { receipt, body } = answer
        .await
        .map_err(|_| Refusal::OutcomeUnknown)?
        .map_err(failure::failed)?;
    Ok((wire_receipt(&receipt), body))
}

/// Asks something that needs the journal's files, on a thread that may wait for them. No more than
/// [`Limits::readers_max`](crate::Limits::readers_max) of them read at once, and no more than
/// [`Limits::reads_max`](crate::Limits::reads_max) questions read or wait for one.
pub(crate) async fn read<T: Send + 'static>(
    desk: &Arc<Desk>,
    question: impl FnOnce(&Engine) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    const CLOSED: Refusal = Refusal::Bug {
        rule: "reads are counted for as long as the server lives",
    };
    let engine = desk.engine()?.clone();
    let place = Arc::clone(&desk.reads)
        .try_acquire_owned()
        .map_err(|_| Refusal::Limit {
            name: "reads_max",
            limit: desk.limits.reads_max as u64,
        })?;
    let reader = Arc::clone(&desk.readers)
        .acquire_owned()
        .await
        .map_err(|_| CLOSED)?;
    let reading = tokio::task::spawn_blocking(move || {
        // Whoever stops waiting does not stop the reading, which is counted until it ends.
        let _counted = (place, reader);
        question(&engine)
    });
    reading.await.unwrap_or(Err(Refusal::Bug {
        rule: "reading the journal does not panic",
    }))
}

/// The engine's receipt as it goes over the wire.
pub(crate) fn wire_receipt(receipt: &ledger_engine::Receipt) -> Receipt {
    Receipt {
        epoch: receipt.epoch,
        sequence: receipt.sequence,
        time: receipt.time,
        frame_hash: receipt.frame_hash,
    }
}

/// The answer of the engine is to another question than was asked.
pub(crate) const MISFIT: Refusal = Refusal::Bug {
    rule: "the engine answers what it was asked",
};
