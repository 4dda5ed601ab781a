//! A request while it is being received: one message of gRPC, bounded in size, and bounded together
//! with all others that are being received.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use ledger_proto::{Malformed, Refusal};
use tonic::Status;

use crate::desk::Desk;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a unary request on its way to the decoder.
///
/// A message that is announced as too large is refused before anything of it is kept, and what
/// follows the one message is refused too.
pub(crate) struct RequestBody<B> {
    body: B,
    framing: Framing,
    held_bytes: usize,
    desk: Arc<Desk>,
}

impl<B> RequestBody<B> {
    pub(crate) fn new(body: B, desk: Arc<Desk>) -> Self {
        Self {
            body,
            framing: Framing::default(),
            held_bytes: 0,
            desk,
        }
    }

    fn receive(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let limits = &self.desk.limits;
        self.framing.receive(data, limits.request_bytes_max)?;
        self.held_bytes += data.len();
        let all = self
            .desk
            .receiving_bytes
            .fetch_add(data.len(), Ordering::Relaxed)
            + data.len();
        if all > limits.receiving_bytes_max {
            return Err(Refusal::QueueFull {
                queue_bytes_max: limits.receiving_bytes_max as u64,
            });
        }
        Ok(())
    }
}

impl<B> Drop for RequestBody<B> {
    fn drop(&mut self) {
        self.desk
            .receiving_bytes
            .fetch_sub(self.held_bytes, Ordering::Relaxed);
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let Some(frame) = ready!(Pin::new(&mut this.body).poll_frame(context)) else {
            return Poll::Ready(None);
        };
        let frame = frame.map_err(Into::into).and_then(|frame| {
            if let Some(data) = frame.data_ref() {
                this.receive(data).map_err(Status::from)?;
            }
            Ok(frame)
        });
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How far the one message has come: a byte for its packing and four for its length, then itself.
#[derive(Default, Debug)]
struct Framing {
    head: [u8; 5],
    received_bytes: usize,
}

impl Framing {
    fn receive(&mut self, data: &[u8], bytes_max: usize) -> Result<(), Refusal> {
        let head_missing = self.head.len().saturating_sub(self.received_bytes);
        let head = &data[..head_missing.min(data.len())];
        let from = self.received_bytes.min(self.head.len());
        self.head[from..from + head.len()].copy_from_slice(head);
        self.received_bytes += data.len();
        if self.received_bytes < self.head.len() {
            return Ok(());
        }
        let [_, length @ ..] = self.head;
        let length = u32::from_be_bytes(length) as usize;
        if length > bytes_max {
            return Err(Refusal::MessageTooLarge { bytes_max });
        }
        if self.received_bytes > self.head.len() + length {
            return Err(Malformed::Framing.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
