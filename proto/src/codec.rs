//! Messages to and from gRPC frames, for the generated halves of the services.

use std::marker::PhantomData;

use bytes::Buf;
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use crate::{Malformed, Refusal, message::Message};

/// What a buffer starts with: enough for a small message; room for a large one is made at once.
/// Allocators hand out pieces below a kilobyte without any search.
const BUFFER_BYTES: usize = 512;
/// Unary calls yield when the message is whole, whatever this is.
const YIELD_BYTES: usize = 32 * 1024;

/// The server's codec: a message that cannot be understood is a refused request.
pub(crate) type ServerCodec<T, U> = MessageCodec<T, U, ByServer>;
/// The client's codec: an answer that cannot be understood leaves the outcome unknown.
pub(crate) type ClientCodec<T, U> = MessageCodec<T, U, ByClient>;

/// What it means to whoever reads it that a message is malformed.
pub(crate) trait Reading: Send + 'static {
    fn status(malformed: Malformed) -> Status;
}

/// Requests are read by the server.
#[derive(Debug)]
pub(crate) struct ByServer;

impl Reading for ByServer {
    fn status(malformed: Malformed) -> Status {
        Refusal::Malformed(malformed).into()
    }
}

/// Answers are read by the client.
#[derive(Debug)]
pub(crate) struct ByClient;

impl Reading for ByClient {
    fn status(malformed: Malformed) -> Status {
        // No details: only the server can say that nothing was applied.
        Status::internal(format!("the answer cannot be understood: {malformed}"))
    }
}

/// Encodes `T`, decodes `U`.
#[derive(Debug)]
pub(crate) struct MessageCodec<T, U, R> {
    encoded: PhantomData<fn() -> T>,
    decoded: PhantomData<fn() -> (U, R)>,
}

impl<T, U, R> Default for MessageCodec<T, U, R> {
    fn default() -> Self {
        Self {
            encoded: PhantomData,
            decoded: PhantomData,
        }
    }
}

impl<T, U, R> Codec for MessageCodec<T, U, R>
where
    T: Message + Send + 'static,
    U: Message + Send + 'static,
    R: Reading,
{
    type Encode = T;
    type Decode = U;
    type Encoder = MessageEncoder<T>;
    type Decoder = MessageDecoder<U, R>;

    fn encoder(&mut self) -> Self::Encoder {
        MessageEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        MessageDecoder(PhantomData)
    }
}

/// Writes messages.
#[derive(Debug)]
pub(crate) struct MessageEncoder<T>(PhantomData<fn() -> T>);

impl<T: Message> Encoder for MessageEncoder<T> {
    type Item = T;
    type Error = Status;

    fn encode(&mut self, message: T, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(message.room());
        message.write(buffer);
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
    }
}

/// Reads messages.
#[derive(Debug)]
pub(crate) struct MessageDecoder<U, R>(PhantomData<fn() -> (U, R)>);

impl<U: Message, R: Reading> Decoder for MessageDecoder<U, R> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let length = buffer.remaining();
        let message = if buffer.chunk().len() == length {
            let message = U::read(buffer.chunk());
            buffer.advance(length);
            message
        } else {
            U::read(&buffer.copy_to_bytes(length))
        };
        message.map(Some).map_err(R::status)
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
    }
}
