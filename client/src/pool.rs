//! Several connections to one server, since each of them is one lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::HeaderMap;

use crate::ClientError;
use crate::connection::Connection;
use crate::retry::{TimeLimit, until_answered};
use crate::server::Server;
use crate::streaming::Incoming;

#[cfg(test)]
mod tests;

/// Several connections to one server. A call goes over the one with the fewest calls under way;
/// among equals they take turns, so that a call that is made again meets another connection.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    connections: Arc<[Connection]>,
    turn: Arc<AtomicUsize>,
}

impl Pool {
    /// A pool whose connections are made when they are needed.
    pub(crate) fn lazy(server: Server, connections: usize) -> Self {
        let server = Arc::new(server);
        Self {
            connections: (0..connections.max(1))
                .map(|_| Connection::new(&server))
                .collect(),
            turn: Arc::default(),
        }
    }

    /// A pool whose first connection is there.
    pub(crate) async fn connect(server: Server, connections: usize) -> Result<Self, ClientError> {
        let pool = Self::lazy(server, connections);
        pool.connections[0].open().await?;
        Ok(pool)
    }

    /// Calls the server until it answers, the call fails for good, or its time is up. `message` is
    /// framed already.
    pub(crate) async fn call(
        &self,
        limit: TimeLimit,
        path: &'static str,
        metadata: &HeaderMap,
        message: Bytes,
    ) -> Result<Bytes, ClientError> {
        until_answered(limit, || {
            self.pick().attempt(path, metadata, message.clone())
        })
        .await
    }

    /// Makes a call that is answered by many messages, until the server begins to answer, the call
    /// fails for good, or its time is up.
    pub(crate) async fn stream(
        &self,
        limit: TimeLimit,
        path: &'static str,
        message: Bytes,
    ) -> Result<Incoming, ClientError> {
        until_answered(limit, || self.pick().attempt_stream(path, message.clone())).await
    }

    fn pick(&self) -> &Connection {
        let count = self.connections.len();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let loads = self.connections.iter().map(Connection::under_way);
        &self.connections[least_loaded(loads, turn % count)]
    }
}

/// The place of the smallest load, the first at or after `turn` among equals.
fn least_loaded(loads: impl ExactSizeIterator<Item = usize>, turn: usize) -> usize {
    let count = loads.len();
    loads
        .enumerate()
        .min_by_key(|&(place, load)| (load, (place + count - turn) % count))
        .map(|(place, _)| place)
        .expect("a pool has at least one connection")
}
