//! Another history won: what is in memory and not durable never happened.

use std::ops::ControlFlow;

use ledger_core::State;

use super::{Stop, Writer};
use crate::Halt;
use crate::gathering::Gathering;
use crate::reading::{EventSource, JournalEvents};

impl Writer {
    /// Drops the state and makes it anew from what is durable. Everybody whose answer waited is
    /// told that the outcome is unknown.
    pub(super) fn rebuild(&mut self) -> Result<(), Stop> {
        let durable = self.published.newest();
        tracing::warn!(
            durable = durable.sequence.get(),
            "the newest frame was lost to another history: the state is rebuilt"
        );
        let mut state = State::new(crate::open::hash_seed().map_err(|_| UNREADABLE)?);
        // What waits was resolved up to where the recent ids began, so they begin there again.
        state.note_ids_from(self.state.recent_from());
        let mut contradiction = None;
        JournalEvents::new(self.reader.clone())
            .scan(
                ledger_core::Sequence::ZERO,
                durable.sequence,
                &mut |event| match state.replay(event) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        contradiction = Some(error);
                        ControlFlow::Break(())
                    }
                },
            )
            .map_err(|error| {
                tracing::error!(%error, "the state cannot be rebuilt");
                UNREADABLE
            })?;
        if let Some(error) = contradiction {
            tracing::error!(%error, "the state cannot be rebuilt");
            return Err(UNREADABLE);
        }
        state.observe_time(durable.time);
        self.state = state;
        self.spare = None;
        self.in_sync = None;
        let gathered = std::mem::replace(&mut self.gathering, Gathering::new(&self.state));
        self.committer.give_up(gathered.into_ready());
        Ok(())
    }
}

const UNREADABLE: Stop = Stop::Halt(Halt::JournalUnreadable);
