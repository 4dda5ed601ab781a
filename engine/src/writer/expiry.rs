//! Reservations whose time has come are released before anything else is decided at that time,
//! and by a timer when nothing else is.

use ledger_core::Timestamp;

use super::{Backlog, Writer};
use crate::journal::{EVENT_BYTES_MAX, RequestContext};
use crate::recording::Recording;
use crate::resolver::Resolution;

/// The most reservations that are released in one frame; a backlog goes on in the next.
const EXPIRIES_PER_FRAME: usize = 8192;

impl Writer {
    /// The moment at which a request of at most `events` events is decided. Each event takes a
    /// nanosecond of journal time; where a reservation falls due in that span, the request is
    /// decided at its end, so that no event of it sees a reservation that is due.
    pub(super) fn moment_for(&mut self, events: usize) -> Timestamp {
        let moment = self.moment();
        let end = Timestamp::new(moment.get().saturating_add(events as u64));
        match self.state.next_expiry() {
            Some(expiry) if expiry > moment && expiry <= end => end,
            _ => moment,
        }
    }

    /// Whether something is due still, and only because the frame is full of other events.
    pub(super) fn wants_next_frame(&self, moment: Timestamp) -> bool {
        self.backlog == Backlog::NextFrame
            && self.gathering.expired < EXPIRIES_PER_FRAME
            && self
                .state
                .next_expiry()
                .is_some_and(|expiry| expiry <= moment)
    }

    /// Releases what is due at `moment`, as far as this frame and the space allow, and leaves
    /// room in the frame for a request of `events`.
    pub(super) fn release_due(&mut self, moment: Timestamp, events: usize) {
        self.backlog = Backlog::None;
        if self
            .state
            .next_expiry()
            .is_none_or(|expiry| expiry > moment)
        {
            return;
        }
        let gathered = self.gathering.frame.padded_bytes_with(events);
        let room = self.frame_bytes_max().saturating_sub(gathered) / EVENT_BYTES_MAX;
        let mut at_most = room
            .min(EXPIRIES_PER_FRAME - self.gathering.expired)
            .min(self.state.open_holds());
        self.backlog = Backlog::NextFrame;
        while at_most > 0 && !self.has_room_for_expiries(at_most) {
            at_most /= 2;
            self.backlog = Backlog::Space;
        }
        if at_most == 0 {
            return;
        }
        self.gathering
            .frame
            .begin_request(&RequestContext::INTERNAL);
        let mut recording = Recording {
            gathering: &mut self.gathering,
            in_sync: self.in_sync.as_ref(),
            reader: &self.reader,
            resolution: &Resolution::NOT_NEEDED,
        };
        let released = self.state.expire_due(&mut recording, moment, at_most);
        self.gathering.frame.end_request();
        self.gathering.expired += released;
        if released < at_most {
            self.backlog = Backlog::None;
        }
    }
}
