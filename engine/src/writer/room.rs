//! Space first: a request is decided only if what it may need at worst fits into journal space
//! that is allocated already.

use std::time::Duration;

use ledger_core::Timestamp;

use super::{Stop, Writer};
use crate::journal::{BLOCK_BYTES, EVENT_BYTES_MAX, Fit, FrameKind, REQUEST_BYTES_MAX};

/// How long to wait for space that is being prepared before looking around.
const PREPARATION_WAIT: Duration = Duration::from_millis(20);
/// How often that is done for one request before it is refused: a disk that takes ten seconds to
/// make room is full, for all that anybody can tell.
const PREPARATION_WAITS_MAX: u32 = 500;
/// What is kept for expiries and administration when there is no more space.
const RESERVE_BYTES_MAX: u64 = 1 << 20;
/// A frame without events: a mark, the end, or a time.
const EMPTY_FRAME_BYTES: u64 = BLOCK_BYTES as u64;

/// Whether there is room for a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Room {
    /// There is, and all is released that is due at this moment, or as much as one frame may.
    At(Timestamp),
    /// It does not fit a frame, ever.
    TooLarge,
    /// The disk is full.
    StorageFull,
}

impl Writer {
    /// The most bytes of a frame: as configured, and no more than a fresh segment holds beside
    /// what has to fit after it. So a request that fits a frame fits the journal sooner or later.
    pub(super) fn frame_bytes_max(&self) -> usize {
        let kept = self.reserve_bytes() + 2 * EMPTY_FRAME_BYTES;
        let segment = self.config.segment_bytes.saturating_sub(kept);
        self.config
            .frame_bytes_max
            .min(usize::try_from(segment).unwrap_or(usize::MAX))
    }

    /// Makes room for a request that records at most `events` events, as far as that can be done:
    /// by handing over what was gathered, by releasing what is due, by waiting for the syncer or
    /// for space that is about to be there.
    ///
    /// What is due is released at the moment at which the request is then decided: between two
    /// looks at the clock a reservation could fall due and still count against a limit.
    pub(super) fn make_room(&mut self, events: usize) -> Result<Room, Stop> {
        let mut patience = PREPARATION_WAITS_MAX;
        loop {
            let moment = self.moment_for(events);
            let gathered = !self.gathering.is_empty();
            self.release_due(moment, events);
            if gathered && self.wants_next_frame(moment) {
                self.wait_for_syncer()?;
                self.hand_over(FrameKind::Events)?;
                continue;
            }
            let worst = self.gathering.frame.padded_bytes_with(events);
            if worst > self.frame_bytes_max() {
                if self.gathering.frame.event_count() == 0 {
                    return Ok(Room::TooLarge);
                }
                self.wait_for_syncer()?;
                self.hand_over(FrameKind::Events)?;
                continue;
            }
            let frames = [
                self.bytes_in_sync(),
                worst as u64,
                self.reserve_bytes(),
                EMPTY_FRAME_BYTES,
                EMPTY_FRAME_BYTES,
            ];
            match self.space.fits(&frames) {
                Fit::Fits => return Ok(Room::At(moment)),
                Fit::Full => return Ok(Room::StorageFull),
                Fit::Soon if patience == 0 => return Ok(Room::StorageFull),
                Fit::Soon => {
                    // What was gathered need not wait for it.
                    if !self.gathering.is_empty() {
                        self.wait_for_syncer()?;
                        self.hand_over(FrameKind::Events)?;
                    }
                    patience -= u32::from(self.space.wait(&frames, PREPARATION_WAIT) == Fit::Soon);
                    self.look_around()?;
                }
            }
        }
    }

    /// Whether that many expiries fit, the reserve included.
    pub(super) fn has_room_for_expiries(&self, expiries: usize) -> bool {
        self.fits(self.gathering.frame.padded_bytes_with(expiries) as u64)
    }

    /// Whether what was gathered fits with nothing more to record, the reserve left alone.
    pub(super) fn has_room_for_time(&self) -> bool {
        let frames = [
            self.bytes_in_sync(),
            self.gathering.frame.padded_bytes_with(0) as u64,
            self.reserve_bytes(),
            // Its mark, that of what is released from the reserve, and the end.
            EMPTY_FRAME_BYTES,
            EMPTY_FRAME_BYTES,
            EMPTY_FRAME_BYTES,
            EMPTY_FRAME_BYTES,
        ];
        self.space.fits(&frames) == Fit::Fits
    }

    /// Whether a mark fits, and the end after it.
    pub(super) fn has_room_for_mark(&self) -> bool {
        self.fits(EMPTY_FRAME_BYTES)
    }

    /// Whether the end fits.
    pub(super) fn has_room_for_end(&self) -> bool {
        self.space.fits(&[EMPTY_FRAME_BYTES]) == Fit::Fits
    }

    /// Whether a frame of `bytes` fits, and the mark and the end after it.
    fn fits(&self, bytes: u64) -> bool {
        let frames = [
            self.bytes_in_sync(),
            bytes,
            EMPTY_FRAME_BYTES,
            EMPTY_FRAME_BYTES,
        ];
        self.space.fits(&frames) == Fit::Fits
    }

    /// What the frame in sync takes. Once it is written this counts it twice, until the writer
    /// looks again: too careful for a moment, never too bold.
    fn bytes_in_sync(&self) -> u64 {
        self.in_sync
            .as_ref()
            .map_or(0, |frame| frame.padded_bytes())
    }

    /// A sixteenth of a segment, so that small segments are of use as well.
    fn reserve_bytes(&self) -> u64 {
        let share = (self.config.segment_bytes / 16).min(RESERVE_BYTES_MAX);
        share.next_multiple_of(EMPTY_FRAME_BYTES)
    }
}

const _: () = assert!(
    REQUEST_BYTES_MAX + 2 * crate::Config::EVENTS_PER_REQUEST_MAX * EVENT_BYTES_MAX <= 8 << 20,
    "the largest request fits a frame of the default size, even if it releases a hold an event"
);
