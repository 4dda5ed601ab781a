//! Calls with bytes that no generated client would send.

use bytes::{Buf, BufMut, Bytes};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
    transport::Channel,
};

/// Sends bytes as they are.
pub struct Raw {
    client: Grpc<Channel>,
}

impl Raw {
    pub fn new(channel: Channel) -> Self {
        let client = Grpc::new(channel).max_decoding_message_size(64 << 20);
        Self { client }
    }

    pub fn compressed(self, encoding: CompressionEncoding) -> Self {
        Self {
            client: self.client.send_compressed(encoding),
        }
    }

    /// Calls a method of the ledger service.
    pub async fn call(&mut self, method: &str, bytes: &[u8]) -> Result<Bytes, Status> {
        self.call_at(&format!("/pacioli.v1.LedgerService/{method}"), bytes)
            .await
    }

    pub async fn call_at(&mut self, path: &str, bytes: &[u8]) -> Result<Bytes, Status> {
        self.client.ready().await.expect("connected");
        let path = PathAndQuery::try_from(path).expect("a path");
        let request = Request::new(Bytes::copy_from_slice(bytes));
        Ok(self.client.unary(request, path, Bare).await?.into_inner())
    }
}

impl Raw {
    /// Begins a call whose messages come as the test wants.
    pub async fn drip(
        &mut self,
        method: &str,
        messages: ReceiverStream<Bytes>,
    ) -> Result<Bytes, Status> {
        self.client.ready().await.expect("connected");
        let path = format!("/pacioli.v1.LedgerService/{method}");
        let path = PathAndQuery::try_from(path).expect("a path");
        let answer = self
            .client
            .client_streaming(Request::new(messages), path, Bare)
            .await?;
        Ok(answer.into_inner())
    }
}

/// Bytes as they are.
#[derive(Clone, Copy)]
struct Bare;

impl Codec for Bare {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, bytes: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(bytes);
        Ok(())
    }
}

impl Decoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
