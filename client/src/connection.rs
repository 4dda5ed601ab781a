//! One HTTP/2 connection: bytes of a request out, bytes of its answer in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Extensions, Request};

use crate::failure::meaning;
use crate::verbatim::VerbatimCodec;
use crate::{ClientError, ClientOptions};

/// How much one answer may be ahead of its reader.
const STREAM_WINDOW_BYTES: u32 = 4 * 1024 * 1024;
/// How much all answers of a connection together may be ahead of their readers.
const CONNECTION_WINDOW_BYTES: u32 = 32 * 1024 * 1024;
/// How long a connection may be silent before it is asked whether it lives.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long it then has to answer; after that its calls fail and may be made again elsewhere.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the server is and how connections to it are made.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    endpoint: Endpoint,
    answer_bytes_max: usize,
}

impl Server {
    pub(crate) fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let address = || ClientError::Address {
            server: options.server.as_str().into(),
        };
        let endpoint = Endpoint::from_shared(options.server.clone()).map_err(|_| address())?;
        let uri = endpoint.uri();
        if uri.scheme_str() != Some("http") || uri.host().is_none() || uri.path() != "/" {
            return Err(address());
        }
        let agent = concat!("pacioli-client/", env!("CARGO_PKG_VERSION"));
        let endpoint = endpoint
            .user_agent(agent)
            .map_err(|_| address())?
            .connect_timeout(options.connect_timeout)
            .tcp_nodelay(true)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT);
        Ok(Self {
            endpoint,
            answer_bytes_max: options.answer_bytes_max,
        })
    }

    /// A connection that is made with the first call, and made anew with the first call after it
    /// broke.
    pub(crate) fn connect_lazily(&self) -> Connection {
        self.connection(self.endpoint.connect_lazy())
    }

    /// A connection that is there.
    pub(crate) async fn connect(&self) -> Result<Connection, ClientError> {
        let channel = self
            .endpoint
            .connect()
            .await
            .map_err(|source| ClientError::Unreachable {
                server: self.endpoint.uri().to_string().trim_end_matches('/').into(),
                source: Arc::new(source),
            })?;
        Ok(self.connection(channel))
    }

    fn connection(&self, channel: Channel) -> Connection {
        Connection {
            grpc: tonic::client::Grpc::new(channel)
                .max_decoding_message_size(self.answer_bytes_max)
                // What the server takes is the server's to say.
                .max_encoding_message_size(usize::MAX),
            under_way: AtomicUsize::new(0),
        }
    }
}

/// One HTTP/2 connection. It breaks and heals by itself; a call that it loses fails.
#[derive(Debug)]
pub(crate) struct Connection {
    grpc: tonic::client::Grpc<Channel>,
    under_way: AtomicUsize,
}

impl Connection {
    /// How many calls are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Makes one attempt.
    pub(crate) async fn attempt(
        &self,
        path: PathAndQuery,
        metadata: MetadataMap,
        message: Bytes,
    ) -> Result<Bytes, ClientError> {
        let _under_way = UnderWay::begin(&self.under_way);
        let mut grpc = self.grpc.clone();
        grpc.ready()
            .await
            .map_err(|error| meaning(tonic::Status::from_error(error.into())))?;
        let request = Request::from_parts(metadata, Extensions::default(), message);
        let answer = grpc
            .unary(request, path, VerbatimCodec)
            .await
            .map_err(meaning)?;
        Ok(answer.into_inner())
    }
}

/// Counts a call for as long as it is under way, however it ends.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
