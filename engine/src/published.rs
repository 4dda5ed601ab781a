//! What everybody may see: how far the journal is durable, and how the engine is doing. Written
//! by whoever made a frame durable, read by everybody.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ledger_core::{Sequence, State, Timestamp};

use crate::Lineage;

/// See the module.
pub(crate) struct Published {
    pub(crate) database: u128,
    pub(crate) epoch: u128,
    pub(crate) lineage: Lineage,
    newest: Mutex<Newest>,
    frames: AtomicU64,
    /// When the append that is under way began.
    appending: Mutex<Option<Instant>>,
    accounts: AtomicU64,
    transfers: AtomicU64,
    open_holds: AtomicU64,
    /// How far the wall clock is ahead of what is followed, in nanoseconds; zero if it is not.
    clock_ahead: AtomicU64,
    clock_accepted: AtomicBool,
    /// Somebody wants the segment that is appended to left, so that it is sealed.
    roll_asked: AtomicBool,
    /// The first event whose ids are in memory.
    recent_from: AtomicU64,
}

/// The end of the durable journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Newest {
    pub(crate) sequence: Sequence,
    pub(crate) time: Timestamp,
    pub(crate) hash: [u8; 32],
}

/// What the writer last said of the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Counts {
    pub(crate) accounts: u64,
    pub(crate) transfers: u64,
    pub(crate) open_holds: u64,
}

impl Published {
    pub(crate) fn new(database: u128, lineage: Lineage, newest: Newest) -> Self {
        Self {
            database,
            epoch: lineage.epoch(),
            lineage,
            newest: Mutex::new(newest),
            frames: AtomicU64::new(0),
            appending: Mutex::new(None),
            accounts: AtomicU64::new(0),
            transfers: AtomicU64::new(0),
            open_holds: AtomicU64::new(0),
            clock_ahead: AtomicU64::new(0),
            clock_accepted: AtomicBool::new(false),
            roll_asked: AtomicBool::new(false),
            recent_from: AtomicU64::new(1),
        }
    }

    /// The end of the durable journal.
    pub(crate) fn newest(&self) -> Newest {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that another frame is durable.
    pub(crate) fn advance(&self, newest: Newest) {
        let mut before = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(
            newest.sequence >= before.sequence,
            "what is durable stays durable"
        );
        *before = newest;
        self.frames.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells that an append began, or that it is over.
    pub(crate) fn set_appending(&self, since: Option<Instant>) {
        *self
            .appending
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// How long the append that is under way has taken so far.
    pub(crate) fn appending_for(&self) -> Option<Duration> {
        let since = *self
            .appending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        since.map(|since| since.elapsed())
    }

    /// Every read passes here before it looks at anything. On one node what is durable here is
    /// durable everywhere, so there is nothing to ask; with more than one, this is where a reader
    /// makes sure that nobody else has become the one who decides.
    pub(crate) fn confirm_read(&self) -> Newest {
        self.newest()
    }

    /// Frames made durable since the start.
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Tells how many things there are, ahead of the disk by at most the frames in work.
    pub(crate) fn count(&self, state: &State) {
        self.accounts
            .store(state.account_count() as u64, Ordering::Relaxed);
        self.transfers
            .store(state.transfer_count(), Ordering::Relaxed);
        self.open_holds
            .store(state.open_holds() as u64, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            accounts: self.accounts.load(Ordering::Relaxed),
            transfers: self.transfers.load(Ordering::Relaxed),
            open_holds: self.open_holds.load(Ordering::Relaxed),
        }
    }

    /// The first event whose ids are in memory; the index must reach to it.
    pub(crate) fn recent_from(&self) -> Sequence {
        Sequence::new(self.recent_from.load(Ordering::Acquire))
    }

    pub(crate) fn set_recent_from(&self, recent_from: Sequence) {
        self.recent_from.store(recent_from.get(), Ordering::Release);
    }

    /// Tells how far the wall clock is ahead, if it is not followed.
    pub(crate) fn set_clock_ahead(&self, ahead: Option<Duration>) {
        let nanoseconds = ahead.map_or(0, |ahead| {
            u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX)
        });
        self.clock_ahead.store(nanoseconds, Ordering::Relaxed);
    }

    pub(crate) fn clock_ahead(&self) -> Option<Duration> {
        let nanoseconds = self.clock_ahead.load(Ordering::Relaxed);
        (nanoseconds != 0).then(|| Duration::from_nanos(nanoseconds))
    }

    /// Asks the writer to go on in another segment; it will see it at its next look.
    pub(crate) fn ask_roll(&self) {
        self.roll_asked.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked, and the writer has not done it.
    pub(crate) fn is_roll_asked(&self) -> bool {
        self.roll_asked.load(Ordering::Relaxed)
    }

    /// Tells that the writer does what was asked.
    pub(crate) fn take_roll_asked(&self) {
        self.roll_asked.store(false, Ordering::Relaxed);
    }

    /// An operator believes the wall clock; the writer will see it at its next look.
    pub(crate) fn accept_clock(&self) {
        self.clock_accepted.store(true, Ordering::Relaxed);
    }

    /// Whether an operator said so since the last time this was asked.
    pub(crate) fn take_clock_accepted(&self) -> bool {
        // Mostly nobody did, and a load costs less than a swap on every request.
        self.clock_accepted.load(Ordering::Relaxed)
            && self.clock_accepted.swap(false, Ordering::Relaxed)
    }
}
