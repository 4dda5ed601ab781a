//! The syncer: writes and syncs what the writer hands over, while the writer gathers the next.

use std::sync::Arc;

use crate::Halt;
use crate::commit::{Committer, Uncommitted};
use crate::exchange::Exchange;

/// Runs the syncer until the engine ends.
pub(crate) fn run(exchange: &Arc<Exchange>, committer: &Arc<Committer>) -> Result<(), Halt> {
    while let Some(mut group) = exchange.next_group() {
        match committer.commit(&mut group) {
            Ok(()) => exchange.give_back(group),
            Err(Uncommitted::Failed) => return Err(Halt::JournalFailed),
            Err(Uncommitted::Lost) => exchange.lose(),
        }
    }
    Ok(())
}
