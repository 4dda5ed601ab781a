//! What a reader sees: the runs and the tail at one moment, without a gap between them.

use std::fmt;
use std::sync::Arc;

use ledger_core::Sequence;

use super::tail::Block;
use crate::Direction;
use crate::runs::{Postings, Role, RunError, Section};

/// The index of all events up to what was durable when it was taken. It stays as it is: what is
/// merged or dropped later is still here for as long as somebody looks.
#[derive(Clone)]
pub(crate) struct View {
    /// Runs from the first event on, and the last event that they cover.
    runs: Option<(Arc<dyn Postings + Send + Sync>, Sequence)>,
    /// Neighbours, the oldest first. They begin where the runs end, or before.
    tail: Vec<Arc<Block>>,
}

impl View {
    pub(super) fn new(
        runs: Option<(Arc<dyn Postings + Send + Sync>, Sequence)>,
        tail: Vec<Arc<Block>>,
    ) -> Self {
        Self { runs, tail }
    }

    /// The first event that the runs do not cover.
    fn tail_from(&self) -> Sequence {
        self.runs
            .as_ref()
            .map_or(Sequence::new(1), |(_, through)| through.next())
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
        match &self.runs {
            Some((runs, last)) => runs.newest(section, key, through.min(*last)),
            None => Ok(None),
        }
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
        let full = out.len() + limit;
        let from_runs = |out: &mut Vec<_>| match &self.runs {
            Some((runs, last)) if from <= *last && out.len() < full => {
                let (through, limit) = (through.min(*last), full - out.len());
                runs.read(section, key, from, through, direction, limit, out)
            }
            _ => Ok(()),
        };
        let tail_from = from.max(self.tail_from());
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
            .field("runs_through", &self.runs.as_ref().map(|(_, last)| last))
            .field("tail", &self.tail.len())
            .finish()
    }
}
