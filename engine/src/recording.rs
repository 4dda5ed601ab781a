//! The journal as the core sees it: what was decided a moment ago is in a frame in memory, what
//! is older in files.

use std::sync::Arc;

use ledger_core::{Event, GroupId, Journal, OldId, Sequence, TransferId, Unreadable, UpdateId};

use crate::gathering::Gathering;
use crate::journal::{Frame, JournalReader};

/// Records into the group that gathers; recalls from it, from the group in sync, and from files.
pub(crate) struct Recording<'a> {
    pub(crate) gathering: &'a mut Gathering,
    pub(crate) in_sync: Option<&'a Arc<Frame>>,
    pub(crate) reader: &'a JournalReader,
}

impl Journal for Recording<'_> {
    #[inline]
    fn record(&mut self, event: &Event) {
        self.gathering.record(event);
    }

    fn mark(&self) -> usize {
        self.gathering.frame.mark()
    }

    fn rewind(&mut self, mark: usize) {
        self.gathering.rewind(mark);
    }

    fn event(&self, sequence: Sequence) -> Result<Event, Unreadable> {
        if let Some(event) = self.gathering.frame.event(sequence) {
            return Ok(event);
        }
        if let Some(event) = self.in_sync.and_then(|frame| frame.event(sequence)) {
            return Ok(event);
        }
        self.reader.event(sequence).map_err(|error| {
            tracing::error!(%sequence, %error, "an event that a decision needs cannot be read");
            Unreadable
        })
    }

    /// The recent ids reach back to the first event, so there are no older ones.
    fn old_id(&self, _: TransferId) -> Result<Option<OldId>, Unreadable> {
        Ok(None)
    }

    fn old_update(&self, _: UpdateId) -> Result<Option<Sequence>, Unreadable> {
        Ok(None)
    }

    fn old_group_holds(&self, _: GroupId, _: Sequence) -> Result<u32, Unreadable> {
        Ok(0)
    }
}
