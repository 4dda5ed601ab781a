//! The index of events that are durable and not yet in a run.
//!
//! Readers build it, never the writer: whoever asks catches it up to what is durable. What the
//! runs cover meanwhile is dropped; who still looks at it holds it.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::Sequence;

use crate::ReadError;
use crate::journal::JournalReader;

mod block;

pub(super) use block::Block;

/// See the module.
#[derive(Default, Debug)]
pub(crate) struct TailIndex {
    tail: Mutex<Tail>,
}

#[derive(Default, Debug)]
struct Tail {
    /// Neighbours, the oldest first, without gaps.
    blocks: Vec<Arc<Block>>,
    /// The first event that is in none of them; meaningless while there is no block.
    next: Sequence,
}

impl TailIndex {
    /// The blocks with every event after `covered`, which runs cover, up to and including
    /// `durable`. They may hold older events as well, and newer ones later.
    ///
    /// Costs about a microsecond for each event since somebody last asked.
    pub(super) fn blocks(
        &self,
        reader: &JournalReader,
        covered: Sequence,
        durable: Sequence,
    ) -> Result<Vec<Arc<Block>>, ReadError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.forget(covered);
        tail.catch_up(reader, durable)?;
        Ok(tail.blocks.clone())
    }
}

impl Tail {
    /// Drops what runs cover.
    fn forget(&mut self, covered: Sequence) {
        let from = covered.next();
        let is_gap = |first: &Arc<Block>| first.first() > from;
        if self.next < from || self.blocks.first().is_some_and(is_gap) {
            // Runs have come past all that is here; or they cover less than they did, because one
            // of them was lost. What is between is read again.
            self.blocks.clear();
        }
        if self.blocks.is_empty() {
            self.next = from;
        }
        let covered = self
            .blocks
            .windows(2)
            .take_while(|pair| pair[1].first() <= from)
            .count();
        self.blocks.drain(..covered);
    }

    fn catch_up(&mut self, reader: &JournalReader, durable: Sequence) -> Result<(), ReadError> {
        if self.next > durable {
            return Ok(());
        }
        let visited = reader.visit(self.next, durable, |recorded| {
            let block = match self.blocks.last() {
                Some(last) if !last.is_full() => last,
                _ => {
                    self.blocks.push(Arc::new(Block::new(self.next)));
                    self.blocks.last().expect("it was pushed")
                }
            };
            block.add(&recorded.event);
            self.next = self.next.next();
            ControlFlow::Continue(())
        });
        visited.map_err(|source| ReadError::Journal {
            sequence: self.next,
            source,
        })
    }
}
