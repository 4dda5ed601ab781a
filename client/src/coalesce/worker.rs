//! What takes batches to the server, one after the other.

use std::pin::pin;
use std::sync::Arc;

use tokio::time::{Instant, sleep_until};

use super::batch::Batch;
use super::gathering::Gathering;
use super::{Carrier, Shared};
use crate::{Answer, ClientError};
use ledger_core::TransferAnswers;

/// Takes one batch after the other for as long as the coalescer is there.
pub(super) async fn work(shared: Arc<Shared>, carrier: Arc<impl Carrier>) {
    let _ended = Ended(&shared);
    while let Some(gathering) = shared.next().await {
        let unanswered = Unanswered(Arc::clone(&gathering.batch));
        let outcome = carry(&shared, &*carrier, gathering).await;
        unanswered.0.answer(outcome);
    }
}

async fn carry(
    shared: &Shared,
    carrier: &impl Carrier,
    gathering: Gathering,
) -> Result<Answer<TransferAnswers>, ClientError> {
    let Gathering {
        options,
        transfers,
        batch,
        ..
    } = gathering;
    let Some(limit) = batch.latest_limit() else {
        // Everybody went away since the batch was taken.
        return Err(ClientError::Closed {
            outcome_unknown: false,
        });
    };
    let count = transfers.len();
    let mut answer = pin!(carrier.carry(transfers, &options, limit));
    let mut own_end = batch.expire(Instant::now(), 1);
    loop {
        let queued_end = shared.queue().earliest_end().unwrap_or(own_end);
        tokio::select! {
            biased;
            outcome = &mut answer => {
                let outcome = outcome?;
                assert_eq!(
                    outcome.value.answers.len(),
                    count,
                    "an answer has been checked to hold one status for each transfer"
                );
                return Ok(outcome);
            }
            () = shared.sooner.notified() => {}
            () = sleep_until(own_end.min(queued_end)) => {
                let now = Instant::now();
                own_end = batch.expire(now, 1);
                shared.expire(now);
            }
        }
    }
}

/// Answers a batch whose worker was ended by its runtime in the middle of it.
struct Unanswered(Arc<Batch>);

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.0.answer(Err(ClientError::Closed {
            outcome_unknown: true,
        }));
    }
}

/// Tells those who wait that nobody will come.
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.queue().worker_ends();
    }
}
