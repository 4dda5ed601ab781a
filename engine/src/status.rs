//! How the engine is, for operators and for the health of the server.

use std::time::Duration;

use ledger_core::{Sequence, Timestamp};

/// Whether requests are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// They are.
    Serving,
    /// The engine is being shut down; what was admitted is still answered.
    Draining,
    /// A write or a sync failed; nothing is taken until the process is started again.
    Halted,
    /// The engine was shut down.
    Stopped,
}

/// Why the engine takes nothing any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Halt {
    /// It was shut down, on purpose.
    Stopped,
    /// A write or a sync of the journal failed. It is never tried again: the next start reads
    /// from the device what is there.
    JournalFailed,
    /// An event that must be there could not be read, so the next decision could not be made.
    JournalUnreadable,
    /// The device does not hold what was written to it: found when a finished part of the journal
    /// was read back. The log names the file and the place.
    JournalDamaged,
    /// The amounts in the journal do not add up to the totals in it: found when a snapshot was
    /// derived. The log names the account or the ledger.
    BooksDiffer,
    /// A thread of the engine panicked.
    Panicked,
}

/// How the engine is at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct EngineStatus {
    /// Whether requests are taken.
    pub health: Health,
    /// The random name of this database, given when it was initialised.
    pub database_id: u128,
    /// Which history of it this is.
    pub epoch: u128,
    /// The newest event on stable storage.
    pub durable: Sequence,
    /// Journal time as of that event.
    pub time: Timestamp,
    /// The hash of the newest durable frame.
    pub frame_hash: [u8; 32],
    /// What is in work, in bytes.
    pub queued_bytes: usize,
    /// What may be in work, in bytes.
    pub queue_bytes_max: usize,
    /// What is in work, in requests.
    pub queued_requests: usize,
    /// Frames made durable since the start.
    pub frames: u64,
    /// Accounts.
    pub accounts: u64,
    /// The most accounts.
    pub accounts_max: u64,
    /// Transfers created.
    pub transfers: u64,
    /// Holds that are open.
    pub open_holds: u64,
    /// The most holds open at once.
    pub open_holds_max: u64,
    /// Segments that are still in the form they were written in.
    pub segments_unsealed: u64,
    /// Segments that are sealed.
    pub segments_sealed: u64,
    /// What the journal takes on the disk, in bytes, space allocated ahead included.
    pub journal_bytes: u64,
    /// Files of the index of old events.
    pub runs: u64,
    /// What they take on the disk, in bytes.
    pub runs_bytes: u64,
    /// What their filters and fences take in memory, in bytes.
    pub runs_memory_bytes: u64,
    /// The newest event that the index covers without a gap.
    pub indexed: Sequence,
    /// The first event whose ids are in memory. The index has to reach to it.
    pub recent_from: Sequence,
    /// How files are read back from the device: the name of a [`ReadBack`](crate::vfs::ReadBack).
    pub read_back: &'static str,
    /// Names in the directory.
    pub directory_names: u64,
    /// The most names in the directory.
    pub directory_names_max: u64,
    /// What does not work as it should, and why.
    pub degraded: Vec<Degraded>,
}

/// Something that does not work as it should while the engine goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Degraded {
    /// The wall clock jumped ahead and is not followed until an operator accepts it.
    ClockNotFollowed {
        /// How far it is ahead.
        ahead: Duration,
    },
    /// The disk refuses more space for the journal: writes are refused when what is prepared is
    /// used up.
    SegmentNotPrepared {
        /// What the disk said.
        kind: std::io::ErrorKind,
    },
    /// The disk has not finished the frame that is being written for longer than a second: what
    /// waits for it piles up to the bound of the queue.
    DiskStalled {
        /// How long it has taken so far.
        time: Duration,
    },
    /// Finished segments cannot be sealed; it is tried again. From eight of them on writes are
    /// slowed down.
    SealingFailed {
        /// What the file system said.
        kind: std::io::ErrorKind,
    },
    /// Writes are slowed down to the pace at which finished segments are sealed.
    SealingBehind {
        /// Segments that are not sealed.
        segments: u64,
    },
    /// Files of the index cannot be written; it is tried again.
    IndexNotWritten {
        /// What the file system said.
        kind: std::io::ErrorKind,
    },
    /// The index of old ids is being rebuilt from the journal. Until it covers everything that is
    /// no longer in memory, writes are refused.
    IndexRebuilding {
        /// The newest event that it covers without a gap.
        done: Sequence,
        /// The event that it has to cover.
        of: Sequence,
    },
    /// No snapshot can be taken; it is tried again.
    SnapshotNotTaken {
        /// What the file system said.
        kind: std::io::ErrorKind,
    },
    /// The directory of names is being rebuilt from the journal.
    DirectoryRebuilding {
        /// How far it has come.
        at: Sequence,
        /// How far it has to go.
        of: Sequence,
    },
    /// There are more names than the directory may keep.
    DirectoryIncomplete {
        /// How many it may keep.
        names_max: u64,
    },
    /// The directory of names cannot be opened.
    DirectoryUnavailable,
}
