//! A run that turns out to be damaged: it is let go of, and made again from the journal. Nothing is
//! lost with it, so whoever met it has only to wait for that.

use std::sync::Arc;

use ledger_core::Sequence;

use crate::exchange::Exchange;
use crate::indexing::LiveRuns;
use crate::runs::RunError;
use crate::sealing::Sealing;

/// See the module.
pub(crate) struct Mending {
    live: Arc<LiveRuns>,
    sealing: Arc<Sealing>,
    exchange: Arc<Exchange>,
}

impl Mending {
    pub(crate) fn new(
        live: &Arc<LiveRuns>,
        sealing: &Arc<Sealing>,
        exchange: &Arc<Exchange>,
    ) -> Self {
        Self {
            live: Arc::clone(live),
            sealing: Arc::clone(sealing),
            exchange: Arc::clone(exchange),
        }
    }

    /// Has the run that an error is about made again. Tells the last event that the index covers
    /// without it.
    pub(crate) fn mend(&self, error: &RunError) -> Sequence {
        self.live.discard(error);
        let done = self.live.through();
        if let Err(halt) = self.sealing.run_lost() {
            self.exchange.end(halt);
        }
        done
    }
}
