//! One call of gRPC that is answered by many messages.

use std::marker::PhantomData;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use h2::RecvStream;
use prost::Message;
use tokio::time::timeout;

use crate::ClientError;
use crate::connection::UnderWay;
use crate::error::DeadlinePassed;
use crate::exchange::{AnswerError, PREFIX_BYTES, end};
use crate::failure::{broken, unreadable};

#[cfg(test)]
mod tests;

/// The bytes of messages, as they come over a stream of HTTP/2.
pub(crate) struct Incoming {
    body: RecvStream,
    pieces: Pieces,
    _under_way: UnderWay,
}

impl Incoming {
    pub(crate) fn new(body: RecvStream, message_bytes_max: usize, under_way: UnderWay) -> Self {
        Self {
            body,
            pieces: Pieces::new(message_bytes_max),
            _under_way: under_way,
        }
    }

    /// The bytes of the next message; `None` at a good end.
    async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        loop {
            if let Some(message) = self.pieces.message()? {
                return Ok(Some(message));
            }
            let Some(data) = self.body.data().await else {
                self.pieces.check_end()?;
                let trailers = self.body.trailers().await.map_err(broken)?;
                return end(&trailers.unwrap_or_default()).map(|()| None);
            };
            let data = data.map_err(broken)?;
            // The window is for what is on its way, not for what is here.
            self.body
                .flow_control()
                .release_capacity(data.len())
                .map_err(broken)?;
            self.pieces.take(&data);
        }
    }
}

/// What has come and makes no message yet.
struct Pieces {
    bytes: BytesMut,
    message_bytes_max: usize,
}

impl Pieces {
    fn new(message_bytes_max: usize) -> Self {
        Self {
            bytes: BytesMut::new(),
            message_bytes_max,
        }
    }

    fn take(&mut self, data: &[u8]) {
        self.bytes.extend_from_slice(data);
    }

    /// The next message, if all of it is here.
    fn message(&mut self) -> Result<Option<Bytes>, ClientError> {
        let Some(mut prefix) = self.bytes.get(..PREFIX_BYTES) else {
            return Ok(None);
        };
        if prefix.get_u8() != 0 {
            return Err(wrong(AnswerError::Compressed));
        }
        let length = prefix.get_u32() as usize;
        if length > self.message_bytes_max {
            return Err(wrong(AnswerError::TooLarge));
        }
        if self.bytes.len() < PREFIX_BYTES + length {
            return Ok(None);
        }
        self.bytes.advance(PREFIX_BYTES);
        Ok(Some(self.bytes.split_to(length).freeze()))
    }

    fn check_end(&self) -> Result<(), ClientError> {
        match self.bytes.is_empty() {
            true => Ok(()),
            false => Err(wrong(AnswerError::Truncated)),
        }
    }
}

fn wrong(error: AnswerError) -> ClientError {
    unreadable("the answer cannot be understood", error)
}

/// The messages that answer a call.
pub(crate) struct Messages<M> {
    incoming: Incoming,
    /// For each message.
    deadline: Duration,
    message: PhantomData<fn() -> M>,
}

impl<M: Message + Default> Messages<M> {
    pub(crate) fn new(incoming: Incoming, deadline: Duration) -> Self {
        Self {
            incoming,
            deadline,
            message: PhantomData,
        }
    }

    /// The next message; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<M>, ClientError> {
        let waited = timeout(self.deadline, self.incoming.next()).await;
        let bytes = waited.map_err(|_elapsed| {
            ClientError::DeadlinePassed(Box::new(DeadlinePassed {
                deadline: self.deadline,
                attempts: 1,
                outcome_unknown: true,
                last: None,
            }))
        })??;
        bytes
            .map(M::decode)
            .transpose()
            .map_err(|error| unreadable("the answer is not the message that it should be", error))
    }
}
