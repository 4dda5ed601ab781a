//! Making space: one step at a time, by a thread of its own or by whoever needs it.

use std::io;
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::super::names;
use super::{AHEAD_BYTES_MAX, ActiveSegment, Fit, PIECE_BYTES, RETRY_AFTER, Slot, Space, Trouble};
use crate::vfs::{self, VfsFile};

static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// What is to be done next.
enum Step {
    /// Write zeros to a segment from an offset.
    Fill {
        number: u64,
        file: Arc<dyn VfsFile>,
        offset: u64,
    },
    /// Make the segment of this number.
    Create(u64),
    /// Nothing, until something changes.
    Rest,
}

/// Why a step failed.
enum StepError {
    /// The disk refuses more. Nothing was lost; it is tried again.
    Refused(io::Error),
    /// What stands on the disk is no longer known. Nothing may be acknowledged after this.
    Unsure(io::Error),
}

fn refused_or_unsure(error: io::Error) -> StepError {
    match vfs::is_refused(&error) {
        true => StepError::Refused(error),
        false => StepError::Unsure(error),
    }
}

/// Makes space until enough is ready or the disk refuses.
pub(in crate::journal) fn fill_ahead(space: &Space) {
    let _one_at_a_time = space.filling.lock().unwrap_or_else(PoisonError::into_inner);
    while space.step() {}
}

/// Starts the thread that keeps the space ready.
pub(in crate::journal) fn start(space: &Arc<Space>) -> io::Result<JoinHandle<()>> {
    let space = Arc::clone(space);
    thread::Builder::new()
        .name("pacioli-space".into())
        .spawn(move || {
            let _failing = FailOnPanic(&space);
            loop {
                fill_ahead(&space);
                if !space.rest() {
                    return;
                }
            }
        })
}

/// If the thread ends by a panic, nobody may wait for it for ever.
struct FailOnPanic<'a>(&'a Space);

impl Drop for FailOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().failed = Some(io::ErrorKind::Other);
            self.0.changed.notify_all();
        }
    }
}

impl Space {
    /// Does what is to be done next; whether there may be more.
    fn step(&self) -> bool {
        let done = match self.next_step() {
            Step::Rest => return false,
            Step::Fill {
                number,
                file,
                offset,
            } => self.fill(number, &*file, offset),
            Step::Create(number) => self.create(number),
        };
        let mut state = self.lock();
        match &done {
            Ok(()) => state.trouble = None,
            Err(StepError::Refused(error)) => {
                if state.trouble.is_none() {
                    tracing::warn!(%error, "no space for the journal; writes are refused");
                }
                state.trouble = Some(Trouble {
                    kind: error.kind(),
                    since: Instant::now(),
                });
            }
            Err(StepError::Unsure(error)) => {
                tracing::error!(%error, "preparing journal space failed");
                state.failed = Some(error.kind());
            }
        }
        drop(state);
        self.changed.notify_all();
        done.is_ok()
    }

    fn next_step(&self) -> Step {
        let mut state = self.lock();
        if self.judge(&state, &state.demand) == Fit::Fits {
            state.demand.clear();
        }
        let ahead: u64 = state.slots.iter().map(|slot| slot.filled - slot.used).sum();
        let next_wanted = state.next_wanted && state.slots.len() == 1;
        let enough = ahead >= AHEAD_BYTES_MAX.min(self.segment_bytes)
            && state.demand.is_empty()
            && !next_wanted;
        if enough || state.stopping || state.failed.is_some() {
            return Step::Rest;
        }
        match state.slots.back() {
            Some(slot) if slot.filled < self.segment_bytes && !next_wanted => Step::Fill {
                number: slot.segment.number,
                file: Arc::clone(&slot.filler),
                offset: slot.filled,
            },
            _ => Step::Create(state.next_number),
        }
    }

    fn fill(&self, number: u64, file: &dyn VfsFile, offset: u64) -> Result<(), StepError> {
        let filled = self.fill_piece(file, offset)?;
        let mut state = self.lock();
        let mut slots = state.slots.iter_mut();
        // The appender may have left the segment meanwhile, on demand.
        if let Some(slot) = slots.find(|slot| slot.segment.number == number) {
            slot.filled = filled;
        }
        Ok(())
    }

    /// Writes one piece of zeros and syncs it; returns where it ends.
    fn fill_piece(&self, file: &dyn VfsFile, offset: u64) -> Result<u64, StepError> {
        let end = self.segment_bytes.min(offset + PIECE_BYTES);
        let mut left = usize::try_from(end - offset).expect("a piece fits memory");
        let mut parts: Vec<&[u8]> = Vec::new();
        while left > 0 {
            let part = left.min(ZEROS.len());
            parts.push(&ZEROS[..part]);
            left -= part;
        }
        // A write refused for want of space leaves what was there. A failed sync leaves doubt.
        file.write_at(&parts, offset).map_err(refused_or_unsure)?;
        file.sync().map_err(StepError::Unsure)?;
        Ok(end)
    }

    /// Makes a segment. It may be written to only when its name and the meta file that counts on
    /// it are durable; before that it may be made again from the start.
    fn create(&self, number: u64) -> Result<(), StepError> {
        let preparing = names::preparing(&self.dir, number);
        let slot = self.prepare(number).map_err(|error| {
            // What is left over goes at the next attempt or the next start.
            let _ = self.vfs.remove(&preparing);
            match error {
                StepError::Refused(error) | StepError::Unsure(error) => StepError::Refused(error),
            }
        })?;
        let publish = || {
            self.vfs
                .rename(&preparing, &names::active(&self.dir, number))?;
            self.vfs.sync_dir(&self.dir)?;
            self.meta.replace(|meta| meta.newest_segment = number)
        };
        publish().map_err(refused_or_unsure)?;
        let mut state = self.lock();
        state.slots.push_back(slot);
        state.next_number = number + 1;
        Ok(())
    }

    fn prepare(&self, number: u64) -> Result<Slot, StepError> {
        let preparing = names::preparing(&self.dir, number);
        let create = || {
            let filler = self.vfs.create(&preparing, self.segment_bytes)?;
            let file = self.vfs.open_write(&preparing)?;
            Ok((filler, file))
        };
        let (filler, file) = create().map_err(StepError::Refused)?;
        let filled = self.fill_piece(&*filler, 0)?;
        let salt = getrandom::u64().map_err(|error| StepError::Refused(error.into()))?;
        Ok(Slot {
            segment: ActiveSegment { number, salt, file },
            used: 0,
            filled,
            filler,
        })
    }

    /// Waits until there may be something to do; whether to go on at all.
    fn rest(&self) -> bool {
        let mut state = self.lock();
        loop {
            if state.stopping || state.failed.is_some() {
                return false;
            }
            let retry = state
                .trouble
                .map(|trouble| RETRY_AFTER.saturating_sub(trouble.since.elapsed()));
            if retry.is_some_and(|left| left.is_zero()) {
                return true;
            }
            state = match retry {
                Some(left) => {
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let state = self.changed.wait(state);
                    state.unwrap_or_else(PoisonError::into_inner)
                }
            };
            if state.trouble.is_none() && !state.stopping {
                return true;
            }
        }
    }
}
