//! What the operator decides about the engine. Every limit has a name and a unit.

use std::path::PathBuf;
use std::time::Duration;

use crate::OpenError;
use crate::journal::{BLOCK_BYTES, EVENT_BYTES_MAX, Preparation, REQUEST_BYTES_MAX};

/// How an engine is to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the journal and the directory lie; made if it does not exist.
    pub data_dir: PathBuf,
    /// The size of an active segment, in bytes.
    pub segment_bytes: u64,
    /// How old an active segment may become before it is rolled, if it is not empty.
    pub segment_age_max: Duration,
    /// How much the journal grows, at least, before a snapshot is taken by itself, in bytes; it
    /// also grows by as much as the last one is long.
    pub snapshot_growth_bytes_min: u64,
    /// The most bytes of requests that may wait or be in work at once. A request counts until its
    /// reply is handed over.
    pub queue_bytes_max: usize,
    /// The most bytes of events in one frame.
    pub frame_bytes_max: usize,
    /// How long after the last frame of a burst a mark follows.
    pub mark_delay: Duration,
    /// The most accounts.
    pub accounts_max: u64,
    /// The most holds open at once.
    pub open_holds_max: u64,
    /// The most work of one page of a list, in units of about ten microseconds: the page ends
    /// early when it is done.
    pub page_units_max: u64,
    /// The most account names that the directory keeps; further ones are read from the journal
    /// and are not found by prefix. Zero means that there is no directory.
    pub directory_names_max: u64,
    /// The memory that the directory may use as its cache, in bytes.
    pub directory_cache_bytes: u64,
    /// The longest that one call of the directory may take.
    pub directory_call_max: Duration,
    /// Where the directory lies; in the data directory if this is `None`.
    pub directory_path: Option<PathBuf>,
    /// Start although the clock is far ahead of the journal or behind it.
    pub accept_clock: bool,
    /// What a panic of an engine thread leads to.
    pub on_panic: OnPanic,
    /// Who prepares the space in front of the journal's end, and who seals and indexes behind it.
    pub preparation: Preparation,
}

/// What a panic in the writer or the syncer leads to. The state in memory may be half changed by
/// then, so nothing that it says may be believed any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnPanic {
    /// The process ends at once, by our own decision.
    Abort,
    /// The engine is poisoned and the process lives: for tests, which share a process.
    Poison,
}

/// The smallest segment: for tests that roll over often.
const SEGMENT_BYTES_MIN: u64 = 64 << 10;
/// The largest segment that the journal's format can index.
const SEGMENT_BYTES_MAX: u64 = (4 << 30) - BLOCK_BYTES as u64;
/// The smallest limit of a frame: one request of a few events.
const FRAME_BYTES_MIN: usize = 2 * BLOCK_BYTES;

const _: () = assert!(REQUEST_BYTES_MAX + EVENT_BYTES_MAX + BLOCK_BYTES <= FRAME_BYTES_MIN);

impl Config {
    /// The most ids or events that one request may carry.
    pub const EVENTS_PER_REQUEST_MAX: usize = 8192;
    /// The most accounts that the writer looks at in one turn, and so the most ids of one
    /// [`Command::LookupAccounts`](crate::Command::LookupAccounts) or
    /// [`Command::GetBalances`](crate::Command::GetBalances). More are looked up by
    /// [`Engine::lookup_accounts`](crate::Engine::lookup_accounts).
    pub const ACCOUNTS_PER_TURN: usize = 4096;

    /// The defaults, in `data_dir`.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            ..Self::default()
        }
    }

    /// Whether the values make sense together.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let refuse_if = |defect: bool, name, value, rule| match defect {
            true => Err(OpenError::Config { name, value, rule }),
            false => Ok(()),
        };
        let block = BLOCK_BYTES as u64;
        let segment = self.segment_bytes;
        refuse_if(
            !segment.is_multiple_of(block),
            "segment_bytes",
            segment,
            "a multiple of 4096",
        )?;
        refuse_if(
            segment < SEGMENT_BYTES_MIN,
            "segment_bytes",
            segment,
            "at least 65536, so that a frame fits beside what is kept in reserve",
        )?;
        refuse_if(
            segment > SEGMENT_BYTES_MAX,
            "segment_bytes",
            segment,
            "at most 4294963200, since positions in a segment have 32 bits",
        )?;
        refuse_if(
            self.frame_bytes_max < FRAME_BYTES_MIN,
            "frame_bytes_max",
            self.frame_bytes_max as u64,
            "at least 8192, so that a request fits",
        )?;
        refuse_if(
            self.queue_bytes_max == 0,
            "queue_bytes_max",
            0,
            "more than zero",
        )?;
        refuse_if(
            self.page_units_max == 0,
            "page_units_max",
            0,
            "more than zero, so that a list comes to its end",
        )
    }

    pub(crate) fn directory_path(&self) -> PathBuf {
        self.directory_path
            .clone()
            .unwrap_or_else(|| self.data_dir.join("directory"))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("pacioli-data"),
            segment_bytes: 64 << 20,
            segment_age_max: Duration::from_secs(3600),
            snapshot_growth_bytes_min: 1 << 30,
            queue_bytes_max: 64 << 20,
            frame_bytes_max: 8 << 20,
            mark_delay: Duration::from_millis(10),
            accounts_max: 10_000_000,
            open_holds_max: 10_000_000,
            page_units_max: 32_768,
            directory_names_max: 1_000_000,
            directory_cache_bytes: 64 << 20,
            directory_call_max: Duration::from_secs(2),
            directory_path: None,
            accept_clock: false,
            on_panic: OnPanic::Abort,
            preparation: Preparation::Background,
        }
    }
}
