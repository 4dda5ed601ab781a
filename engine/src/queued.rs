//! What waits for the writer, and what waits to be handed over when it is durable.

use ledger_core::{Sequence, Timestamp};

use crate::query::{Chunk, ChunkQuestion};
use crate::resolver::Resolution;
use crate::{Body, Command, Context, Failure, Receipt, Reply};

/// A request that was admitted.
pub(crate) struct Queued {
    pub(crate) ask: Ask,
    pub(crate) weight_bytes: usize,
}

/// What is asked, and who waits for it.
pub(crate) enum Ask {
    /// A client's request.
    Request {
        command: Command,
        context: Context,
        /// What was found of its old ids.
        resolution: Resolution,
        promise: Promise<Reply>,
    },
    /// A reader asks for the newest state of accounts.
    Chunk {
        question: ChunkQuestion,
        promise: Promise<Chunk>,
    },
}

/// An answer that waits until what it tells is durable.
pub(crate) struct Ready {
    pub(crate) weight_bytes: usize,
    pub(crate) answer: Answer,
}

pub(crate) enum Answer {
    Reply {
        result: Result<Body, Failure>,
        /// The newest event that the answer knows of, and its time.
        sequence: Sequence,
        time: Timestamp,
        promise: Promise<Reply>,
    },
    Chunk {
        chunk: Chunk,
        promise: Promise<Chunk>,
    },
}

/// Somebody waits for an answer. Whatever happens gets one: a promise that is dropped tells that
/// the outcome is unknown.
pub(crate) struct Promise<T>(Option<Take<T>>);

/// Takes an answer.
type Take<T> = Box<dyn FnOnce(Result<T, Failure>) + Send>;

impl<T> Promise<T> {
    /// Promises to call `take` exactly once.
    pub(crate) fn new(take: impl FnOnce(Result<T, Failure>) + Send + 'static) -> Self {
        Self(Some(Box::new(take)))
    }

    /// Gives the answer.
    pub(crate) fn keep(mut self, result: Result<T, Failure>) {
        if let Some(take) = self.0.take() {
            take(result);
        }
    }

    /// Takes the promise back, because the request is refused on the spot.
    fn withdraw(&mut self) {
        self.0 = None;
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if let Some(take) = self.0.take() {
            take(Err(Failure::OutcomeUnknown));
        }
    }
}

impl Queued {
    /// Answers that it was not decided.
    pub(crate) fn fail(self, failure: Failure) {
        match self.ask {
            Ask::Request { promise, .. } => promise.keep(Err(failure)),
            Ask::Chunk { promise, .. } => promise.keep(Err(failure)),
        }
    }

    /// Takes the promise of an answer back, because the request is refused on the spot.
    pub(crate) fn withdraw(mut self) {
        match &mut self.ask {
            Ask::Request { promise, .. } => promise.withdraw(),
            Ask::Chunk { promise, .. } => promise.withdraw(),
        }
    }
}

impl Ready {
    /// Hands the answer over. `epoch` and `frame_hash` tell where the journal stands.
    pub(crate) fn release(self, epoch: u128, frame_hash: [u8; 32]) {
        match self.answer {
            Answer::Reply {
                result,
                sequence,
                time,
                promise,
            } => {
                let receipt = Receipt {
                    epoch,
                    sequence,
                    time,
                    frame_hash,
                };
                promise.keep(result.map(|body| Reply { receipt, body }));
            }
            Answer::Chunk { chunk, promise } => promise.keep(Ok(chunk)),
        }
    }
}
