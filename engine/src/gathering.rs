//! What is gathered into one group commit: the frame and the answers that wait for it.

use std::sync::Arc;

use ledger_core::{Event, State};

use crate::directory::NameGiven;
use crate::journal::{Closing, Frame, FrameBuilder, FrameKind};
use crate::queued::Ready;
use crate::reading::name_given;

/// A group that gathers.
pub(crate) struct Gathering {
    pub(crate) frame: FrameBuilder,
    ready: Vec<Ready>,
    names: Vec<NameGiven>,
    /// Whether an answer depended on the time, which then has to be durable with it.
    depends_on_time: bool,
    /// Reservations released in this frame because they were due.
    pub(crate) expired: usize,
}

/// A group that no longer gathers: to be written, then its answers to be handed over.
pub(crate) struct Group {
    /// Shared with the writer, who may need its events before they can be read from files.
    pub(crate) frame: Arc<Frame>,
    /// Whether there is anything to write: events, or a time that an answer depended on.
    pub(crate) write: bool,
    pub(crate) ready: Vec<Ready>,
    pub(crate) names: Vec<NameGiven>,
}

impl Gathering {
    /// An empty group that goes on from `state`.
    pub(crate) fn new(state: &State) -> Self {
        Self::with(
            FrameBuilder::new(state.sequence().next(), state.time()),
            Vec::new(),
            Vec::new(),
        )
    }

    /// An empty group in the memory of one that is done.
    pub(crate) fn reusing(mut group: Group, state: &State) -> Self {
        group.ready.clear();
        group.names.clear();
        let (next, base_time) = (state.sequence().next(), state.time());
        let frame = match Arc::try_unwrap(group.frame) {
            Ok(frame) => FrameBuilder::reusing(frame, next, base_time),
            Err(_) => FrameBuilder::new(next, base_time),
        };
        Self::with(frame, group.ready, group.names)
    }

    fn with(frame: FrameBuilder, ready: Vec<Ready>, names: Vec<NameGiven>) -> Self {
        Self {
            frame,
            ready,
            names,
            depends_on_time: false,
            expired: 0,
        }
    }

    /// Takes an event, which belongs to the request that was begun in the frame.
    #[inline]
    pub(crate) fn record(&mut self, event: &Event) {
        self.frame.push(event);
        if let Some(given) = name_given(event) {
            self.names.push(given);
        }
    }

    /// Forgets the events since `mark`.
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.frame.rewind(mark);
        let next = self.frame.next_sequence();
        while self
            .names
            .last()
            .is_some_and(|given| given.sequence >= next)
        {
            self.names.pop();
        }
    }

    /// Makes an answer wait for this group.
    pub(crate) fn answer(&mut self, ready: Ready) {
        self.ready.push(ready);
    }

    /// Makes sure that journal time is durable with this group even if no event is.
    pub(crate) fn depend_on_time(&mut self) {
        self.depends_on_time = true;
    }

    /// Whether nothing waits for this group.
    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty() && !self.must_be_written()
    }

    /// Whether there is anything to write.
    pub(crate) fn must_be_written(&self) -> bool {
        self.frame.event_count() != 0 || self.depends_on_time
    }

    /// Ends the gathering. The close time is journal time, at or after that of every event and
    /// of every decision that depended on the time.
    pub(crate) fn close(self, closing: Closing) -> Group {
        let write = closing.kind != FrameKind::Events || self.must_be_written();
        Group {
            frame: Arc::new(self.frame.close(closing)),
            write,
            ready: self.ready,
            names: self.names,
        }
    }

    /// The answers that wait, when what was gathered is not to be written.
    pub(crate) fn into_ready(self) -> impl Iterator<Item = Ready> {
        self.ready.into_iter()
    }
}
