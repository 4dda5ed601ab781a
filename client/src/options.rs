//! How a client reaches its server, and how single calls are made.

use std::time::Duration;

use ledger_core::Timestamp;

use crate::Receipt;

/// How a client reaches its server.
///
/// ```
/// use std::time::Duration;
/// use ledger_client::{ClientOptions, Coalesce};
///
/// let options = ClientOptions::new("http://127.0.0.1:7400")
///     .connections(4)
///     .deadline(Duration::from_secs(5))
///     .coalesce(Coalesce::default());
/// assert_eq!(options.connections, 4);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// Such as `http://127.0.0.1:7400`.
    pub server: String,
    /// How many HTTP/2 connections calls are spread over. Each is one lock and one TCP window.
    pub connections: usize,
    /// How long a call may take in all, with its retries, before it fails.
    pub deadline: Duration,
    /// How long one attempt to reach the server may take.
    pub connect_timeout: Duration,
    /// Whether concurrent calls of [`create_transfer`](crate::Client::create_transfer) and
    /// [`create_chain`](crate::Client::create_chain) travel together.
    pub coalesce: Option<Coalesce>,
    /// The newest receipt of an earlier run, for the first answer to be compared with.
    pub known_receipt: Option<Receipt>,
    /// The largest answer that is accepted, in bytes.
    pub answer_bytes_max: usize,
}

impl ClientOptions {
    /// Two connections, 30 seconds for a call, no coalescing.
    #[must_use]
    pub fn new(server: impl Into<String>) -> Self {
        Self {
            server: server.into(),
            connections: 2,
            deadline: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            coalesce: None,
            known_receipt: None,
            answer_bytes_max: 4 * 1024 * 1024,
        }
    }

    /// Spreads calls over this many connections.
    ///
    /// # Panics
    /// If there is to be none.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Self {
        assert!(connections > 0, "a client has at least one connection");
        self.connections = connections;
        self
    }

    /// Gives every call this long, retries included.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Gathers concurrent calls into common requests.
    #[must_use]
    pub fn coalesce(mut self, coalesce: Coalesce) -> Self {
        self.coalesce = Some(coalesce);
        self
    }

    /// Compares the first answers with the newest receipt of an earlier run.
    #[must_use]
    pub fn known_receipt(mut self, receipt: Receipt) -> Self {
        self.known_receipt = Some(receipt);
        self
    }
}

/// How concurrent calls are gathered into common requests.
///
/// There is no timer: a call that finds a request free leaves at once, alone; while
/// `in_flight_max` requests are under way the calls that come gather for the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coalesce {
    /// The most transfers in one request; at most [`Coalesce::EVENTS_MAX`].
    pub events_max: usize,
    /// The most requests under way at once. More than a few only makes each of them smaller.
    pub in_flight_max: usize,
    /// The most transfers that wait for a request; a call beyond it is refused at once.
    pub waiting_events_max: usize,
}

impl Coalesce {
    /// The most events that the server takes in one request.
    pub const EVENTS_MAX: usize = 8192;
}

impl Default for Coalesce {
    fn default() -> Self {
        Self {
            events_max: 8190,
            in_flight_max: 2,
            waiting_events_max: 1 << 20,
        }
    }
}

/// How one call to create transfers is to be decided. Calls with equal options may travel in one
/// request; what differs here always travels apart.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct CreateOptions {
    /// Decide by the same rules and leave nothing behind.
    pub dry_run: bool,
    /// Tell the totals of both accounts after each transfer.
    pub return_balances: bool,
    /// The journal time after which nothing is decided any more; retries keep it. A lookup that
    /// is answered after it and does not know the id is final.
    pub deadline: Option<Timestamp>,
    /// Where the transfers came from, in the caller's terms; recorded with them.
    pub origin: Box<str>,
    /// The W3C trace context that the transfers belong to; recorded with them.
    pub traceparent: Option<Box<str>>,
}
