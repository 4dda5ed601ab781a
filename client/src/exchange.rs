//! One unary call of gRPC over an HTTP/2 stream: a framed message out, a framed message and a
//! status in.
//!
//! ```text
//! a framed message    0 (not compressed) · length, 4 bytes big-endian · the message
//! ```
//!
//! This is all of gRPC that the client needs. It is here, and not taken from a stack of layers
//! made for every shape of call, because small calls are what such layers cost most: two spawned
//! tasks, two queues and several boxes for each.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use h2::RecvStream;
use h2::client::SendRequest;
use http::{HeaderMap, Request, StatusCode};
use tonic::{Code, Status};

use crate::ClientError;
use crate::failure::{broken, foreign, meaning, unreadable};

#[cfg(test)]
mod tests;

/// What stands before a message.
pub(crate) const PREFIX_BYTES: usize = 5;

/// A message as it is sent: `encode` writes it, and about `room` bytes are made ready for it.
pub(crate) fn framed(room: usize, encode: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut bytes = BytesMut::with_capacity(PREFIX_BYTES + room);
    bytes.put_bytes(0, PREFIX_BYTES);
    encode(&mut bytes);
    let length = u32::try_from(bytes.len() - PREFIX_BYTES).expect("a message is below 4 GiB");
    bytes[1..PREFIX_BYTES].copy_from_slice(&length.to_be_bytes());
    bytes.freeze()
}

/// Makes a call and gives the bytes of the message that is its answer.
pub(crate) async fn exchange(
    sender: SendRequest<Bytes>,
    request: Request<()>,
    message: Bytes,
    answer_bytes_max: usize,
) -> Result<Bytes, ClientError> {
    let mut body = send(sender, request, message).await?;
    let answer = receive(&mut body, answer_bytes_max).await?;
    let trailers = body.trailers().await.map_err(broken)?.unwrap_or_default();
    end(&trailers).map(|()| answer)
}

/// Sends a message and gives the body of what comes back, once the server has begun to answer.
pub(crate) async fn send(
    mut sender: SendRequest<Bytes>,
    request: Request<()>,
    message: Bytes,
) -> Result<RecvStream, ClientError> {
    let (response, mut body) = sender.send_request(request, false).map_err(broken)?;
    body.send_data(message, true).map_err(broken)?;
    let (head, body) = response.await.map_err(broken)?.into_parts();
    if head.status != StatusCode::OK {
        return Err(no_grpc(head.status));
    }
    // An answer without a message has its status in front.
    match Status::from_header_map(&head.headers) {
        Some(status) => Err(refused(status)),
        None => Ok(body),
    }
}

/// Reads the whole body, which is one framed message, or nothing where the call failed.
async fn receive(body: &mut RecvStream, bytes_max: usize) -> Result<Bytes, ClientError> {
    let mut received = Received::default();
    while let Some(data) = body.data().await {
        let data = data.map_err(broken)?;
        // The window is for what is on its way, not for what is here.
        body.flow_control()
            .release_capacity(data.len())
            .map_err(broken)?;
        received.take(data, bytes_max)?;
    }
    received.message()
}

/// What has come of an answer.
#[derive(Debug, Default)]
struct Received {
    /// What came first; usually all there is, and then it is never copied.
    first: Bytes,
    more: BytesMut,
}

impl Received {
    fn take(&mut self, data: Bytes, bytes_max: usize) -> Result<(), ClientError> {
        if self.first.len() + self.more.len() + data.len() > PREFIX_BYTES + bytes_max {
            return Err(unreadable(
                "the answer cannot be taken in",
                AnswerError::TooLarge,
            ));
        }
        if self.first.is_empty() {
            self.first = data;
        } else {
            self.more.extend_from_slice(&data);
        }
        Ok(())
    }

    /// The message, without what stands before it; empty if nothing came at all.
    fn message(self) -> Result<Bytes, ClientError> {
        let broken = |error| unreadable("the answer cannot be understood", error);
        let mut whole = if self.more.is_empty() {
            self.first
        } else {
            let mut whole = BytesMut::with_capacity(self.first.len() + self.more.len());
            whole.extend_from_slice(&self.first);
            whole.extend_from_slice(&self.more);
            whole.freeze()
        };
        if whole.is_empty() {
            return Ok(whole);
        }
        if whole.len() < PREFIX_BYTES {
            return Err(broken(AnswerError::Truncated));
        }
        if whole.get_u8() != 0 {
            return Err(broken(AnswerError::Compressed));
        }
        let length = whole.get_u32() as usize;
        if length == whole.len() {
            Ok(whole)
        } else {
            Err(broken(AnswerError::Truncated))
        }
    }
}

/// What the trailers make of an answer.
pub(crate) fn end(trailers: &HeaderMap) -> Result<(), ClientError> {
    match Status::from_header_map(trailers) {
        Some(status) if status.code() == Code::Ok => Ok(()),
        Some(status) => Err(refused(status)),
        None => Err(unreadable(
            "the answer cannot be understood",
            AnswerError::NoStatus,
        )),
    }
}

/// A status that came without a message. Success without one is none.
fn refused(status: Status) -> ClientError {
    if status.code() == Code::Ok {
        return unreadable("the answer cannot be understood", AnswerError::Truncated);
    }
    meaning(status)
}

/// Something answered that is no server of gRPC, such as a proxy.
fn no_grpc(status: StatusCode) -> ClientError {
    let passing = matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    );
    foreign(
        "something that is no ledger server answered",
        NoGrpc { status },
        passing,
    )
}

/// An answer of HTTP alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("HTTP status {status}")]
struct NoGrpc {
    status: StatusCode,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    #[error("it is larger than `ClientOptions::answer_bytes_max`")]
    TooLarge,
    #[error("it is compressed, which was not asked for")]
    Compressed,
    #[error("its length is not what it says")]
    Truncated,
    #[error("it ends without a status")]
    NoStatus,
}
