//! One HTTP/2 connection at a time to a server: made when it is needed, and again after it broke.

mod life;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use h2::client::SendRequest;
use http::HeaderMap;
use tokio::sync::Mutex as AsyncMutex;

use crate::ClientError;
use crate::exchange::{exchange, send};
use crate::server::Server;
use crate::streaming::Incoming;

/// A place for one connection to a server.
///
/// Calls go straight to the connection's streams; no task and no queue stands between them but
/// the one task that reads and writes the socket.
#[derive(Debug)]
pub(crate) struct Connection {
    server: Arc<Server>,
    link: Arc<Link>,
    /// Held while a connection is made, so that many callers make one.
    making: AsyncMutex<()>,
}

/// What the calls and the task of a connection share.
#[derive(Debug, Default)]
struct Link {
    live: Mutex<Option<Live>>,
    calls: AtomicUsize,
}

/// The connection that is there.
#[derive(Clone, Debug)]
struct Live {
    /// Tells it from those before and after it.
    number: u64,
    sender: SendRequest<Bytes>,
}

impl Link {
    fn live(&self) -> MutexGuard<'_, Option<Live>> {
        // It is replaced whole.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection takes no more calls. Another that was made since stays.
    fn forget(&self, number: u64) {
        let mut live = self.live();
        if live.as_ref().is_some_and(|live| live.number == number) {
            *live = None;
        }
    }
}

impl Connection {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self {
            server: Arc::clone(server),
            link: Arc::default(),
            making: AsyncMutex::default(),
        }
    }

    /// How many calls are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.link.calls.load(Ordering::Relaxed)
    }

    /// Makes one attempt. `message` is framed already.
    pub(crate) async fn attempt(
        &self,
        path: &'static str,
        metadata: &HeaderMap,
        message: Bytes,
    ) -> Result<Bytes, ClientError> {
        let _under_way = UnderWay::begin(&self.link);
        let sender = self.open().await?;
        let request = self.server.request(path, metadata);
        exchange(sender, request, message, self.server.answer_bytes_max()).await
    }

    /// Makes one attempt at a call that is answered by many messages.
    pub(crate) async fn attempt_stream(
        &self,
        path: &'static str,
        message: Bytes,
    ) -> Result<Incoming, ClientError> {
        let under_way = UnderWay::begin(&self.link);
        let sender = self.open().await?;
        let request = self.server.request(path, &HeaderMap::new());
        let body = send(sender, request, message).await?;
        Ok(Incoming::new(
            body,
            self.server.answer_bytes_max(),
            under_way,
        ))
    }

    /// A connection that takes a call, made now if there is none.
    pub(crate) async fn open(&self) -> Result<SendRequest<Bytes>, ClientError> {
        loop {
            let live = self.link.live().clone();
            let (Live { number, sender }, is_new) = match live {
                Some(live) => (live, false),
                None => (self.make().await?, true),
            };
            match sender.ready().await {
                Ok(sender) => return Ok(sender),
                Err(error) => {
                    self.link.forget(number);
                    if is_new {
                        return Err(self.server.unreachable(error));
                    }
                    // It broke, or the server takes no more calls on it. Nothing of this call was
                    // sent, so a new connection may have it.
                    tracing::debug!(%error, "the connection takes no more calls");
                }
            }
        }
    }

    async fn make(&self) -> Result<Live, ClientError> {
        let _making = self.making.lock().await;
        if let Some(live) = &*self.link.live() {
            return Ok(live.clone());
        }
        let (sender, connection) = self.server.connect().await?;
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let live = Live {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            sender,
        };
        *self.link.live() = Some(live.clone());
        tokio::spawn(life::live(
            connection,
            Arc::downgrade(&self.link),
            live.number,
        ));
        Ok(live)
    }
}

/// Counts a call for as long as it is under way, however it ends.
pub(crate) struct UnderWay(Arc<Link>);

impl UnderWay {
    fn begin(link: &Arc<Link>) -> Self {
        link.calls.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(link))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}
