//! What a reader sees: the runs and the tail at one moment, without a gap between them.

use std::fmt;
use std::sync::Arc;

use ledger_core::Sequence;

use super::tail::Block;
use crate::Direction;
use crate::runs::{Postings, Role, RunError, RunSet, Section};

/// The index of all events up to what was durable when it was taken. It stays as it is: what is
/// merged or dropped later is still here for as long as somebody looks.
#[derive(Clone)]
pub(crate) struct View {
    /// Runs from the first event on.
    runs: Arc<RunSet>,
    /// Neighbours, the oldest first. They begin where the runs end, or before.
    tail: Vec<Arc<Block>>,
}

impl View {
    /// `tail` must hold every event that `runs` do not cover.
    pub(super) fn new(runs: Arc<RunSet>, tail: Vec<Arc<Block>>) -> Self {
        Self { runs, tail }
    }
}

impl Postings for View {
    fn newest(
        &self,
        section: Section,
        key: u128,
        through: Sequence,
    ) -> Result<Option<(Sequence, Role)>, RunError> {
        for block in self.tail.iter().rev() {
            if let Some(newest) = block.newest(section, key, through) {
                return Ok(Some(newest));
            }
        }
        self.runs.newest(section, key, through)
    }

    fn read(
        &self,
        section: Section,
        key: u128,
        from: Sequence,
        through: Sequence,
        direction: Direction,
        limit: usize,
        out: &mut Vec<(Sequence, Role)>,
    ) -> Result<(), RunError> {
        let full = out.len().saturating_add(limit);
        let from_runs = |out: &mut Vec<_>| {
            let limit = full - out.len();
            let runs = &self.runs;
            runs.read(section, key, from, through, direction, limit, out)
        };
        // What is in both is told by the runs.
        let tail_from = from.max(self.runs.through().next());
        let from_block = |block: &Block, out: &mut Vec<_>| {
            let limit = full - out.len();
            block.read(section, key, tail_from, through, direction, limit, out);
        };
        match direction {
            Direction::Ascending => {
                from_runs(out)?;
                for block in &self.tail {
                    from_block(block, out);
                }
                Ok(())
            }
            Direction::Descending => {
                for block in self.tail.iter().rev() {
                    from_block(block, out);
                }
                from_runs(out)
            }
        }
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("runs_through", &self.runs.through())
            .field("tail", &self.tail.len())
            .finish()
    }
}

#[cfg(test)]
mod tests;
