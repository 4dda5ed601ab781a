//! How the server is.

use ledger_core::{Sequence, Timestamp};
use ledger_proto::{Receipt, v1};

use crate::calls::receipt;
use crate::{Client, ClientError};

/// How the server is.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ServerStatus {
    /// The newest event that is on stable storage.
    pub receipt: Receipt,
    /// What the server is to its database.
    pub role: Role,
    /// Whether it does its work.
    pub health: Health,
    /// Names the database for ever.
    pub database_id: u128,
    /// Of the server, such as `0.1.0`.
    pub version: Box<str>,
    /// Of the journal's format.
    pub journal_format_version: u32,
    /// Requests admitted and not answered.
    pub queue_requests: u64,
    /// Their size.
    pub queue_bytes: u64,
    /// The most that is admitted.
    pub queue_bytes_max: u64,
    /// Segments that are still in the form they were written in.
    pub segments_unsealed: u64,
    /// Segments that are sealed.
    pub segments_sealed: u64,
    /// How sealed segments were read back from the device; empty if none was sealed yet.
    pub read_back: Box<str>,
    /// What the journal takes on the disk, space allocated ahead included.
    pub journal_bytes: u64,
    /// Frames made durable since the start: each was one write and one sync.
    pub frames: u64,
    /// Accounts.
    pub accounts: u64,
    /// The most accounts.
    pub accounts_max: u64,
    /// Transfers that were created.
    pub transfers: u64,
    /// Reservations that are open.
    pub open_holds: u64,
    /// The most open reservations.
    pub open_holds_max: u64,
    /// Names in the directory.
    pub directory_names: u64,
    /// The most names in the directory.
    pub directory_names_max: u64,
    /// Files of the index of sealed segments.
    pub runs: u64,
    /// What they take on the disk.
    pub runs_bytes: u64,
    /// What their filters take in memory.
    pub runs_filter_bytes: u64,
    /// The newest event that they cover.
    pub runs_through: Sequence,
    /// How far the index is, while it is being rebuilt; until then writes are refused.
    pub rebuilding: Option<Rebuilding>,
    /// Snapshots.
    pub snapshots: u64,
    /// What they take on the disk.
    pub snapshots_bytes: u64,
    /// The newest event that the newest of them holds; zero if there is none.
    pub newest_snapshot: Sequence,
    /// The lines of history that led here, the first one first; the last is that of the receipt.
    pub lineage: Vec<Epoch>,
    /// What does not work as it should. Empty when all is well.
    pub degraded: Vec<Degradation>,
    /// Connections that are open.
    pub connections: u64,
    /// When the server started, by its own clock.
    pub started: Timestamp,
}

/// How far the rebuilding of the index is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Rebuilding {
    /// How many events are done.
    pub done: u64,
    /// How many there are to do.
    pub of: u64,
}

/// A line of history. A restore begins a new one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Epoch {
    /// Names it.
    pub epoch: u128,
    /// The one that it goes on from; 0 for the first.
    pub parent: u128,
    /// The last event that it has in common with its parent; zero for the first.
    pub fork: Sequence,
}

/// Something that does not work as it should, while the server serves.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Degradation {
    /// What, such as `directory`.
    pub what: Box<str>,
    /// Why, and what helps.
    pub why: Box<str>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$word_doc])* $word,)*
            /// A newer server says something that this version of the client does not know.
            Unknown,
        }

        impl $name {
            /// The word for people.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                    Self::Unknown => "unknown",
                }
            }

            fn of(number: i32) -> Self {
                match v1::$name::try_from(number) {
                    $(Ok(v1::$name::$word) => Self::$word,)*
                    _ => Self::Unknown,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

words! {
    /// What a server is to its database.
    Role {
        /// The only server: it decides, and nothing follows it.
        Single = "single",
    }
}

words! {
    /// Whether a server does its work.
    Health {
        /// It does.
        Serving = "serving",
        /// It ends: what was admitted is answered, nothing more is admitted.
        Draining = "draining",
        /// A write failed half-way. Nothing more is decided; the server ends.
        Halted = "halted",
    }
}

impl Client {
    /// How the server is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status(&self) -> Result<ServerStatus, ClientError> {
        let status = self
            .calls
            .call(self.deadline(), &v1::GetStatusRequest {})
            .await?;
        let queue = status.queue.unwrap_or_default();
        let journal = status.journal.unwrap_or_default();
        let state = status.state.unwrap_or_default();
        let runs = status.runs.unwrap_or_default();
        let snapshots = status.snapshots.unwrap_or_default();
        Ok(ServerStatus {
            receipt: receipt(status.receipt)?,
            role: Role::of(status.role),
            health: Health::of(status.health),
            database_id: status.database_id.map_or(0, u128::from),
            version: status.version.into_boxed_str(),
            journal_format_version: status.journal_format_version,
            queue_requests: queue.requests,
            queue_bytes: queue.bytes,
            queue_bytes_max: queue.bytes_max,
            segments_unsealed: journal.segments_unsealed,
            segments_sealed: journal.segments_sealed,
            read_back: journal.read_back.into_boxed_str(),
            journal_bytes: journal.bytes,
            frames: journal.frames,
            accounts: state.accounts,
            accounts_max: state.accounts_max,
            transfers: state.transfers,
            open_holds: state.open_holds,
            open_holds_max: state.open_holds_max,
            directory_names: state.directory_names,
            directory_names_max: state.directory_names_max,
            runs: runs.runs,
            runs_bytes: runs.bytes,
            runs_filter_bytes: runs.filter_bytes,
            runs_through: Sequence::new(runs.through_sequence),
            rebuilding: (runs.rebuilding_of != 0).then_some(Rebuilding {
                done: runs.rebuilding_done,
                of: runs.rebuilding_of,
            }),
            snapshots: snapshots.snapshots,
            snapshots_bytes: snapshots.bytes,
            newest_snapshot: Sequence::new(snapshots.newest_sequence),
            lineage: status.lineage.into_iter().map(epoch).collect(),
            degraded: status
                .degraded
                .into_iter()
                .map(|degradation| Degradation {
                    what: degradation.what.into_boxed_str(),
                    why: degradation.why.into_boxed_str(),
                })
                .collect(),
            connections: status.connections,
            started: Timestamp::new(status.started),
        })
    }
}

fn epoch(wire: v1::Epoch) -> Epoch {
    Epoch {
        epoch: wire.epoch.map_or(0, u128::from),
        parent: wire.parent.map_or(0, u128::from),
        fork: Sequence::new(wire.fork_sequence),
    }
}
