//! The journal as the core sees it: what was decided a moment ago is in a frame in memory, what
//! is older in files.

use std::sync::Arc;

use ledger_core::{Event, GroupId, Journal, OldId, Sequence, TransferId, Unreadable, UpdateId};

use crate::gathering::Gathering;
use crate::journal::{Frame, JournalReader};
use crate::resolver::Resolution;

/// Records into the group that gathers; recalls from it, from the group in sync, and from files.
pub(crate) struct Recording<'a> {
    pub(crate) gathering: &'a mut Gathering,
    pub(crate) in_sync: Option<&'a Arc<Frame>>,
    pub(crate) reader: &'a JournalReader,
    /// What was found of what is old, for the request that is decided.
    pub(crate) resolution: &'a Resolution,
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
        if let Some(event) = self.resolution.event(sequence) {
            return Ok(event.clone());
        }
        self.reader.event(sequence).map_err(|error| {
            tracing::error!(%sequence, %error, "an event that a decision needs cannot be read");
            Unreadable
        })
    }

    fn old_id(&self, id: TransferId) -> Result<Option<OldId>, Unreadable> {
        self.resolved().map(|resolution| resolution.id(id))
    }

    fn old_update(&self, id: UpdateId) -> Result<Option<Sequence>, Unreadable> {
        self.resolved().map(|resolution| resolution.update(id))
    }

    fn old_group_holds(&self, id: GroupId, before: Sequence) -> Result<u32, Unreadable> {
        self.resolved()
            .map(|resolution| resolution.group_holds(id, before))
    }
}

impl Recording<'_> {
    /// What was looked up for the request. To take what was not looked up for "not there" would
    /// be a guess.
    fn resolved(&self) -> Result<&Resolution, Unreadable> {
        if self.resolution.is_resolved() {
            return Ok(self.resolution);
        }
        tracing::error!("a decision asks for something old that was not looked up");
        Err(Unreadable)
    }
}
