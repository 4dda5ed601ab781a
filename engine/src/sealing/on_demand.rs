//! Sealing because somebody asks: a backup and a snapshot stand at the end of a sealed segment.

use std::io;
use std::time::Duration;

use ledger_core::Sequence;

use crate::exchange::Phase;
use crate::{Engine, Halt};

/// How often is looked whether the segment is sealed.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Why what is durable is not sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotSealed {
    /// The engine has ended, or ends.
    Ended(Halt),
    /// The disk refuses; it is tried again in the background.
    Refused(io::ErrorKind),
}

impl Engine {
    /// Waits until all that is durable now stands in sealed segments, and has the log begin another
    /// segment for that. For reader threads.
    pub(crate) fn seal_durable(&self) -> Result<Sequence, NotSealed> {
        let parts = self.parts();
        let wanted = parts.published.confirm_read().sequence;
        if !parts.reader.is_sealed(wanted) {
            parts.published.ask_roll();
            parts.exchange.nudge();
        }
        while !parts.reader.is_sealed(wanted) {
            match parts.exchange.phase() {
                Phase::Serving | Phase::Draining => {}
                Phase::Abandoned => return Err(NotSealed::Ended(Halt::Stopped)),
                Phase::Ended(halt) => return Err(NotSealed::Ended(halt)),
            }
            let trouble = parts.sealing.trouble().or_else(|| parts.space.trouble());
            if let Some(kind) = trouble {
                return Err(NotSealed::Refused(kind));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(wanted)
    }
}
