//! The index of events that are durable and not yet in a run.
//!
//! Readers build it, never the writer: whoever asks catches it up to what is durable. What the
//! runs cover meanwhile is dropped; who still looks at it holds it.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::{Event, Sequence};

use crate::journal::JournalReader;
use crate::runs::RunSet;
use crate::{QueryError, ReadError, Refused};

mod block;

pub(super) use self::block::Block;

/// See the module.
#[derive(Debug)]
pub(crate) struct TailIndex {
    tail: Mutex<Tail>,
}

#[derive(Debug)]
pub(super) struct Tail {
    /// Neighbours, the oldest first, without gaps.
    blocks: Vec<Arc<Block>>,
    /// The first event that is in none of them; meaningless while there is no block.
    next: Sequence,
    /// How many events a block has when it is full.
    block_events: u32,
}

/// Some thousand events are searched for a key at once.
const BLOCK_EVENTS: u32 = 1 << 16;

impl Default for TailIndex {
    fn default() -> Self {
        Self {
            tail: Mutex::new(Tail::new(BLOCK_EVENTS)),
        }
    }
}

impl TailIndex {
    /// The runs that there are, and the blocks with every event after them up to and including
    /// `durable`. The blocks may hold older events as well, and newer ones later.
    ///
    /// Costs about a microsecond for each event since somebody last asked.
    ///
    /// # Errors
    /// What `runs` says, and then nothing is changed; [`ReadError`] of the journal.
    pub(super) fn catch_up(
        &self,
        reader: &JournalReader,
        runs: impl FnOnce() -> Result<Arc<RunSet>, Refused>,
        durable: Sequence,
    ) -> Result<(Arc<RunSet>, Vec<Arc<Block>>), QueryError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, or a reader with older runs would want back what one with newer runs
        // had dropped.
        let runs = runs()?;
        tail.forget(runs.through());
        tail.catch_up(reader, durable)?;
        Ok((runs, tail.blocks()))
    }
}

impl Tail {
    pub(super) fn new(block_events: u32) -> Self {
        Self {
            blocks: Vec::new(),
            next: Sequence::ZERO,
            block_events,
        }
    }

    /// The blocks that there are.
    pub(super) fn blocks(&self) -> Vec<Arc<Block>> {
        self.blocks.clone()
    }

    /// Drops what runs cover.
    pub(super) fn forget(&mut self, covered: Sequence) {
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
            self.add(&recorded.event);
            ControlFlow::Continue(())
        });
        visited.map_err(|source| ReadError::Journal {
            sequence: self.next,
            source,
        })
    }

    /// Adds the next event.
    pub(super) fn add(&mut self, event: &Event) {
        let block = match self.blocks.last() {
            Some(last) if !last.is_full() => last,
            _ => {
                let block = Block::new(self.next, self.block_events);
                self.blocks.push(Arc::new(block));
                self.blocks.last().expect("it was pushed")
            }
        };
        block.add(event);
        self.next = self.next.next();
    }
}

#[cfg(test)]
mod tests;
