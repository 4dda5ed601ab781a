//! Where the server is, and what a request to it looks like.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use http::header::{CONTENT_TYPE, HeaderValue, TE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Request, Uri};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::{ClientError, ClientOptions};

/// How much one answer may be ahead of its reader.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
/// How much all answers of a connection together may be ahead of their readers.
const CONNECTION_WINDOW_BYTES: u32 = 32 << 20;
/// The largest frame that the server may send: a usual answer is one.
const FRAME_BYTES_MAX: u32 = 1 << 20;
/// Where a server listens unless it is told otherwise.
const PORT: u16 = 7400;

/// Where the server is and how it is spoken to.
#[derive(Debug)]
pub(crate) struct Server {
    /// As it was given.
    url: Box<str>,
    /// Host and port.
    address: Box<str>,
    root: Uri,
    headers: HeaderMap,
    connect_timeout: Duration,
    answer_bytes_max: usize,
}

impl Server {
    pub(crate) fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let address = || ClientError::Address {
            server: options.server.as_str().into(),
        };
        let root: Uri = options.server.parse().map_err(|_| address())?;
        let authority = root.authority().ok_or_else(address)?;
        if root.scheme_str() != Some("http")
            || authority.host().is_empty()
            || authority.as_str().contains('@')
            || root.path_and_query().is_some_and(|it| it.as_str() != "/")
        {
            return Err(address());
        }
        let host = authority.host();
        let port = authority.port_u16().unwrap_or(PORT);
        let agent = concat!("pacioli-client/", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            url: options.server.as_str().into(),
            address: format!("{host}:{port}").into(),
            headers: HeaderMap::from_iter([
                (CONTENT_TYPE, HeaderValue::from_static("application/grpc")),
                (TE, HeaderValue::from_static("trailers")),
                (USER_AGENT, HeaderValue::from_static(agent)),
            ]),
            root,
            connect_timeout: options.connect_timeout,
            answer_bytes_max: options.answer_bytes_max,
        })
    }

    /// The largest answer that is accepted.
    pub(crate) fn answer_bytes_max(&self) -> usize {
        self.answer_bytes_max
    }

    /// The head of a request to the method at `path`.
    pub(crate) fn request(&self, path: &'static str, metadata: &HeaderMap) -> Request<()> {
        let mut uri = self.root.clone().into_parts();
        uri.path_and_query = Some(PathAndQuery::from_static(path));
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_parts(uri).expect("the root is absolute");
        *request.headers_mut() = self.headers.clone();
        for (name, value) in metadata {
            request.headers_mut().insert(name, value.clone());
        }
        request
    }

    /// Makes a connection.
    pub(crate) async fn connect(
        &self,
    ) -> Result<(SendRequest<Bytes>, h2::client::Connection<TcpStream, Bytes>), ClientError> {
        let connecting = async {
            let socket = TcpStream::connect(&*self.address)
                .await
                .map_err(|error| self.unreachable(error))?;
            // A request is one write; waiting for more would only delay it.
            socket
                .set_nodelay(true)
                .map_err(|error| self.unreachable(error))?;
            h2::client::Builder::new()
                .initial_window_size(STREAM_WINDOW_BYTES)
                .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
                .max_frame_size(FRAME_BYTES_MAX)
                .enable_push(false)
                .handshake(socket)
                .await
                .map_err(|error| self.unreachable(error))
        };
        match timeout(self.connect_timeout, connecting).await {
            Ok(connected) => connected,
            Err(elapsed) => Err(self.unreachable(elapsed)),
        }
    }

    /// Nobody answers there, and nothing was sent.
    pub(crate) fn unreachable(&self, source: impl Error + Send + Sync + 'static) -> ClientError {
        ClientError::Unreachable {
            server: self.url.clone(),
            source: Arc::new(source),
        }
    }
}
