//! The ids in memory: a table for about each segment, let go of when its run is live.

use super::Writer;
use crate::gathering::Group;

impl Writer {
    /// Lets go of recent ids that the index has taken over. Never while a request is decided: what
    /// was resolved for it reaches to where the recent ids began when it was taken.
    pub(super) fn forget_old(&mut self) {
        let through = self.live.through();
        if through <= self.forgotten_through {
            return;
        }
        self.forgotten_through = through;
        if let Some(forgotten) = self.state.forget_recent(through) {
            self.published.set_recent_from(self.state.recent_from());
            self.sealing.free(forgotten);
        }
    }

    /// A frame is closed. If the next one is about to begin a segment, the ids of its events go to
    /// a table of their own: rather a frame early than late, since a table goes only when all its
    /// events are indexed.
    pub(super) fn divide_recent(&mut self, closed: &Group) {
        let (segment, used) = self.space.used();
        let in_sync = self.in_sync.as_ref();
        let bytes = closed.frame.padded_bytes();
        let end = used + in_sync.map_or(0, |frame| frame.padded_bytes()) + bytes;
        let margin = (2 * bytes).min(self.config.segment_bytes / 8);
        let next = segment + u64::from(end + margin > self.config.segment_bytes);
        if next > self.generation_of {
            self.generation_of = next;
            self.state.begin_recent();
        }
    }
}
