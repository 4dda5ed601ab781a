//! Every limit of the transport, with a name and a unit.

use std::time::Duration;

/// What the server grants its clients. The limits of the ledger itself are the engine's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Connections in all. Those beyond are closed at once.
    pub connections_max: usize,
    /// Connections from one address. Those beyond are closed at once.
    pub connections_per_address_max: usize,
    /// Calls at once on one connection; a client queues what is beyond.
    pub streams_per_connection_max: u32,
    /// Calls that a client may reset before they were looked at, until its connection is closed.
    pub pending_resets_max: usize,
    /// Calls that the server had to reset because of what the client sent, until its connection
    /// is closed.
    pub error_resets_max: usize,
    /// The headers of one call, in bytes, as HTTP/2 counts them.
    pub header_bytes_max: u32,
    /// A request, in bytes, packed or not.
    pub request_bytes_max: usize,
    /// An answer, in bytes: pages are cut before that. Clients accept 4 MiB by default.
    pub answer_bytes_max: usize,
    /// Requests that are being received, of all clients together, in bytes.
    pub receiving_bytes_max: usize,
    /// The time until a connection has sent the first 33 bytes that HTTP/2 asks for.
    pub handshake_timeout: Duration,
    /// The time that a call may take, the receiving of its request included. What was admitted is
    /// decided all the same; its client is told that the outcome is unknown.
    pub request_timeout: Duration,
    /// How long a connection may be silent until it is asked whether it lives.
    pub keepalive_interval: Duration,
    /// How long it may take to answer that.
    pub keepalive_timeout: Duration,
    /// How long a connection may live until its client is asked to make a new one.
    pub connection_age_max: Duration,
    /// How long the calls on it may then still take.
    pub connection_age_grace: Duration,
    /// The bytes that a client may have sent ahead on one call.
    pub stream_window_bytes: u32,
    /// The bytes that a client may have sent ahead on one connection.
    pub connection_window_bytes: u32,
    /// The largest frame that a client may send.
    pub frame_bytes_max: u32,
    /// What is buffered of one answer on its way out.
    pub send_buffer_bytes_max: usize,
    /// Threads that read files for answers, at once.
    pub readers_max: usize,
    /// Questions that are read for by those threads or wait for one. Those beyond are refused.
    pub reads_max: usize,
    /// Snapshots that are taken on demand at once. Those beyond are refused.
    pub snapshots_max: usize,
    /// Backups that are sent at once. Those beyond are refused.
    pub backups_max: usize,
    /// Verifications at once. Those beyond are refused.
    pub verifications_max: usize,
    /// The time that a snapshot on demand may take until its client is told that the outcome is
    /// unknown. It is taken all the same.
    pub snapshot_timeout: Duration,
    /// How long a client may take nothing of a backup or a verification until it is given up.
    pub stream_stall_max: Duration,
    /// How long an ending server waits for the calls that it has.
    pub drain_timeout: Duration,
    /// How long an ending server waits for connections to close after that.
    pub close_timeout: Duration,
    /// How long the engine may work on something without finishing a frame until the server says
    /// that it is not serving.
    pub stall_max: Duration,
}

impl Limits {
    /// The most rows of a trial balance in one answer: with the longest names, and the proofs of
    /// [`Limits::TRIAL_BALANCE_LEDGERS_MAX`] ledgers, they stay below the largest answer.
    pub const TRIAL_BALANCE_ROWS_MAX: usize = 7000;
    /// The most ledgers that one trial balance can be asked for.
    pub const TRIAL_BALANCE_LEDGERS_MAX: usize = 4096;
    /// The most that a page may hold of anything.
    pub const PAGE_SIZE_MAX: u32 = 8192;
    /// The page size of a client that asks for none.
    pub const PAGE_SIZE_DEFAULT: u32 = 100;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 2048,
            connections_per_address_max: 1024,
            streams_per_connection_max: 512,
            pending_resets_max: 100,
            error_resets_max: 1024,
            header_bytes_max: 16 << 10,
            request_bytes_max: 8 << 20,
            answer_bytes_max: 3_670_016,
            receiving_bytes_max: 256 << 20,
            handshake_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            keepalive_interval: Duration::from_secs(30),
            keepalive_timeout: Duration::from_secs(20),
            connection_age_max: Duration::from_secs(4 * 3600),
            connection_age_grace: Duration::from_secs(90),
            stream_window_bytes: 4 << 20,
            connection_window_bytes: 16 << 20,
            frame_bytes_max: 1 << 20,
            send_buffer_bytes_max: 1 << 20,
            readers_max: 4,
            reads_max: 1024,
            snapshots_max: 1,
            backups_max: 2,
            verifications_max: 1,
            snapshot_timeout: Duration::from_secs(3600),
            stream_stall_max: Duration::from_secs(60),
            drain_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(5),
            stall_max: Duration::from_secs(5),
        }
    }
}
