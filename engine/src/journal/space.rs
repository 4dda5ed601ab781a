//! Journal space that is allocated, filled with zeros and synced before it is needed.
//!
//! An append must change no metadata, never wait for the disk to find room and never learn in the
//! middle of a frame that there is none. So a thread keeps [`AHEAD_BYTES_MAX`] ready in front of
//! the appends, in pieces of at most [`PIECE_BYTES`], each synced, so that the sync of a frame
//! never queues behind hundreds of megabytes. It goes exactly as fast as frames come.
//!
//! A request is decided only if its worst case fits ([`Space::fits`]). Where the disk is full this
//! says so, tries again every second, and says no more so when there is room.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::meta::MetaFile;
use crate::vfs::{Vfs, VfsFile};

mod fill;

pub(super) use fill::{fill_ahead, start};

/// How much is written between two syncs in the background.
pub const PIECE_BYTES: u64 = 4 << 20;
/// How much stands ready in front of the appends, if the segments are that large.
pub const AHEAD_BYTES_MAX: u64 = 64 << 20;
/// How long after a refusal of the disk it is asked again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Whether frames fit the space that stands ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    /// They do.
    Fits,
    /// They will: the zeros in front of them are being written. Wait, do not refuse.
    Soon,
    /// The disk has no room. Refuse; it clears when there is room again.
    Full,
}

/// Who keeps the space ready, and seals what is finished.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Preparation {
    /// A thread.
    #[default]
    Background,
    /// Whoever asks or appends: no thread, so that a run can be repeated call by call.
    Inline,
}

/// The space in front of the appends. Shared by the writer, who asks, the syncer, who uses it, and
/// the thread that keeps it ready.
#[derive(Debug)]
pub struct Space {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    meta: Arc<MetaFile>,
    segment_bytes: u64,
    preparation: Preparation,
    state: Mutex<State>,
    changed: Condvar,
    /// Held while space is being made, which is done by one at a time.
    filling: Mutex<()>,
}

#[derive(Debug)]
struct State {
    /// The segment that is appended to, and those that follow it.
    slots: VecDeque<Slot>,
    next_number: u64,
    /// What was asked for and did not fit yet: it is made to, however far ahead that is.
    demand: Vec<u64>,
    /// A next segment is asked for though the current one has room.
    next_wanted: bool,
    trouble: Option<Trouble>,
    failed: Option<io::ErrorKind>,
    stopping: bool,
}

#[derive(Clone, Copy, Debug)]
struct Trouble {
    kind: io::ErrorKind,
    since: Instant,
}

/// An active segment: `used ≤ filled ≤ segment_bytes`, and what lies between `used` and `filled`
/// is zeros on the device.
#[derive(Clone, Debug)]
struct Slot {
    segment: ActiveSegment,
    used: u64,
    filled: u64,
    /// The handle of the thread that fills it.
    filler: Arc<dyn VfsFile>,
}

/// A segment to append to.
#[derive(Clone, Debug)]
pub(super) struct ActiveSegment {
    pub(super) number: u64,
    pub(super) salt: u64,
    /// The appender's own handle.
    pub(super) file: Arc<dyn VfsFile>,
}

/// Why there is no segment to append to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoSegment {
    /// The disk refused more space.
    Full(io::ErrorKind),
    /// Filling failed in a way after which nothing on this disk can be trusted.
    Failed(io::ErrorKind),
}

impl Space {
    pub(super) fn new(
        vfs: Arc<dyn Vfs>,
        dir: PathBuf,
        meta: Arc<MetaFile>,
        segment_bytes: u64,
        preparation: Preparation,
        next_number: u64,
    ) -> Self {
        Self {
            vfs,
            dir,
            meta,
            segment_bytes,
            preparation,
            state: Mutex::new(State {
                slots: VecDeque::new(),
                next_number,
                demand: Vec::new(),
                next_wanted: false,
                trouble: None,
                failed: None,
                stopping: false,
            }),
            changed: Condvar::new(),
            filling: Mutex::new(()),
        }
    }

    /// Whether frames of these lengths, padding included, can be appended one after the other.
    /// They are those that are not yet appended, in order, then what is about to be decided, then
    /// whatever is to be kept in reserve. No frame spans segments.
    ///
    /// # Panics
    /// If one of them is longer than a segment.
    #[must_use]
    pub fn fits(&self, frames: &[u64]) -> Fit {
        assert!(
            frames.iter().all(|&bytes| bytes <= self.segment_bytes),
            "no frame is longer than a segment"
        );
        let fit = self.look(frames);
        if fit == Fit::Fits || self.preparation == Preparation::Background {
            return fit;
        }
        fill_ahead(self);
        self.look(frames)
    }

    /// As [`Space::fits`], but while the answer is [`Fit::Soon`] it waits, at most so long.
    #[must_use]
    pub fn wait(&self, frames: &[u64], at_most: Duration) -> Fit {
        let until = Instant::now() + at_most;
        let fit = self.fits(frames);
        if fit != Fit::Soon {
            return fit;
        }
        let mut state = self.lock();
        loop {
            let fit = self.judge(&state, frames);
            let left = until.saturating_duration_since(Instant::now());
            if fit != Fit::Soon || left.is_zero() {
                return fit;
            }
            (state, _) = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What the disk said when it last refused more space, while it does.
    #[must_use]
    pub fn trouble(&self) -> Option<io::ErrorKind> {
        self.lock().trouble.map(|trouble| trouble.kind)
    }

    /// The bytes of a segment: no frame can be longer.
    #[must_use]
    pub fn segment_bytes(&self) -> u64 {
        self.segment_bytes
    }

    fn look(&self, frames: &[u64]) -> Fit {
        let mut state = self.lock();
        let fit = self.judge(&state, frames);
        if fit == Fit::Soon && state.demand != frames {
            state.demand = frames.to_vec();
            drop(state);
            self.changed.notify_all();
        }
        fit
    }

    fn judge(&self, state: &State, frames: &[u64]) -> Fit {
        let mut slots = state.slots.iter();
        let mut place = slots.next().map(|slot| (slot.used, slot.filled));
        for &bytes in frames {
            while let Some((used, _)) = place
                && used + bytes > self.segment_bytes
            {
                place = slots.next().map(|slot| (slot.used, slot.filled));
            }
            match &mut place {
                Some((used, filled)) if *used + bytes <= *filled => *used += bytes,
                _ if state.trouble.is_some() => return Fit::Full,
                _ => return Fit::Soon,
            }
        }
        Fit::Fits
    }

    /// Waits until `bytes` can be appended to the current segment or, where they do not fit it,
    /// until there is a next one.
    pub(super) fn wait_for_room(&self, bytes: u64) -> Result<(), NoSegment> {
        self.wait_until(|state| {
            let current = state.slots.front()?;
            Some(if current.used + bytes > self.segment_bytes {
                state.slots.len() > 1
            } else {
                current.used + bytes <= current.filled
            })
        })
    }

    /// Waits until there is a segment at all.
    pub(super) fn wait_for_first(&self) -> Result<(), NoSegment> {
        self.wait_until(|state| Some(!state.slots.is_empty()))
    }

    /// Waits until there is a segment after the current one.
    pub(super) fn wait_for_next(&self) -> Result<(), NoSegment> {
        self.lock().next_wanted = true;
        self.changed.notify_all();
        let waited = self.wait_until(|state| Some(state.slots.len() > 1));
        self.lock().next_wanted = false;
        waited
    }

    fn wait_until(&self, is_so: impl Fn(&State) -> Option<bool>) -> Result<(), NoSegment> {
        loop {
            if self.preparation == Preparation::Inline {
                fill_ahead(self);
            }
            let mut state = self.lock();
            loop {
                if let Some(kind) = state.failed {
                    return Err(NoSegment::Failed(kind));
                }
                if is_so(&state) == Some(true) {
                    return Ok(());
                }
                if let Some(trouble) = state.trouble {
                    return Err(NoSegment::Full(trouble.kind));
                }
                if self.preparation == Preparation::Inline {
                    break;
                }
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Notes that `bytes` more of the current segment are in use.
    pub(super) fn use_up(&self, bytes: u64) {
        let mut state = self.lock();
        let current = state.slots.front_mut().expect("there is always a segment");
        current.used += bytes;
        assert!(
            current.used <= current.filled,
            "only what was filled with zeros is appended to"
        );
        drop(state);
        self.changed.notify_all();
    }

    /// Leaves the current segment for the next one, if there is one.
    pub(super) fn next_segment(&self) -> Option<ActiveSegment> {
        let mut state = self.lock();
        if state.slots.len() < 2 {
            return None;
        }
        state.slots.pop_front();
        let segment = state.slots.front().map(|slot| slot.segment.clone());
        drop(state);
        self.changed.notify_all();
        segment
    }

    /// The segment that stands first.
    pub(super) fn current_segment(&self) -> Option<ActiveSegment> {
        self.lock().slots.front().map(|slot| slot.segment.clone())
    }

    /// The segment that stands first and how much of it is used; zeros before the first.
    pub(crate) fn used(&self) -> (u64, u64) {
        let state = self.lock();
        let slot = state.slots.front();
        slot.map_or((0, 0), |slot| (slot.segment.number, slot.used))
    }

    /// Whether filling failed for good.
    pub(super) fn failed(&self) -> Option<io::ErrorKind> {
        self.lock().failed
    }

    /// Ends the thread that fills.
    pub(super) fn stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
