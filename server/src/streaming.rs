//! Answers of many messages, made on a thread that may wait for files and for the client.

use std::{sync::Arc, time::Duration};

use ledger_engine::Engine;
use ledger_proto::Refusal;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::desk::Desk;

/// The messages of an answer, on their way to the transport.
pub(crate) type Messages<M> = ReceiverStream<Result<M, Status>>;

/// How many messages may wait for the transport.
const WAITING_MAX: usize = 2;

/// Where the messages of an answer go.
pub(crate) struct Outgoing<M> {
    messages: mpsc::Sender<Result<M, Status>>,
    runtime: Handle,
    desk: Arc<Desk>,
    stall_max: Duration,
}

impl<M> Outgoing<M> {
    /// Waits until the transport takes a message.
    ///
    /// An error means that nothing more is to be sent: the server ends, the client went away, or it
    /// takes nothing.
    pub(crate) fn send(&self, message: M) -> Result<(), Refusal> {
        if self.desk.is_draining() {
            return Err(Refusal::Draining);
        }
        self.put(Ok(message))
    }

    fn put(&self, message: Result<M, Status>) -> Result<(), Refusal> {
        let sending = timeout(self.stall_max, self.messages.send(message));
        match self.runtime.block_on(sending) {
            Ok(Ok(())) => Ok(()),
            // Whoever went away hears nothing of this.
            Ok(Err(_)) => Err(Refusal::Draining),
            Err(_) => Err(Refusal::ReaderStalled {
                waited_s: self.stall_max.as_secs(),
            }),
        }
    }
}

/// A place among those that do something at once, for as long as what is returned lives.
pub(crate) fn place(
    places: &Arc<Semaphore>,
    name: &'static str,
    limit: usize,
) -> Result<OwnedSemaphorePermit, Refusal> {
    Arc::clone(places)
        .try_acquire_owned()
        .map_err(|_| Refusal::Limit {
            name,
            limit: limit as u64,
        })
}

/// Answers with what `tell` sends, on a thread of its own, until it ends. An error of it is the last
/// that the client hears.
pub(crate) fn stream<M: Send + 'static>(
    desk: &Arc<Desk>,
    place: OwnedSemaphorePermit,
    tell: impl FnOnce(&Engine, &Outgoing<M>) -> Result<(), Refusal> + Send + 'static,
) -> Result<Messages<M>, Refusal> {
    let engine = desk.engine()?.clone();
    let (messages, receiver) = mpsc::channel(WAITING_MAX);
    let outgoing = Outgoing {
        messages,
        runtime: Handle::current(),
        desk: Arc::clone(desk),
        stall_max: desk.limits.stream_stall_max,
    };
    // An ending server waits for it as for any other call.
    let call = Desk::begin_call(desk);
    tokio::task::spawn_blocking(move || {
        let _counted = (place, call);
        if let Err(refusal) = tell(&engine, &outgoing) {
            // If the client does not take this either, its stream ends without an end.
            let _ = outgoing.put(Err(refusal.into()));
        }
    });
    Ok(ReceiverStream::new(receiver))
}
