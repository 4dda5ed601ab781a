//! The changes of all accounts, sorted, however many there are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use foldhash::{HashMap, HashMapExt};
use ledger_core::AccountId;

use super::change::Change;
use super::error::DeriveError;
use super::scratch::{Scratch, Sorted};
use super::span::Span;
use crate::snapshot::reader::Entries;

/// So many sorted files are merged into one before there is another.
const FILES_MAX: usize = 64;

/// Gathers changes in memory, and in sorted files where that is not enough.
pub(super) struct Changes {
    places: HashMap<AccountId, u32>,
    changes: Vec<Change>,
    in_memory_max: usize,
    files: Vec<Sorted>,
}

impl Changes {
    pub(super) fn new(in_memory_max: usize) -> Self {
        Self {
            places: HashMap::new(),
            changes: Vec::new(),
            in_memory_max,
            files: Vec::new(),
        }
    }

    /// What is gathered of an account.
    pub(super) fn of(&mut self, id: AccountId) -> &mut Change {
        let place = self.place_of(id);
        self.at(place)
    }

    /// Where that is gathered, until there is made room.
    pub(super) fn place_of(&mut self, id: AccountId) -> u32 {
        let next = self.changes.len() as u32;
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.changes.push(Change::none(id));
        }
        place
    }

    /// What is gathered at a place.
    pub(super) fn at(&mut self, place: u32) -> &mut Change {
        &mut self.changes[place as usize]
    }

    /// Reads a little of what is gathered at a place, so that it is near when it is needed.
    pub(super) fn look_at(&self, place: u32) -> u64 {
        self.changes.get(place as usize).map_or(0, |change| {
            change.last.map_or(0, |last| last.sequence.get()) ^ change.moved.low_bits()
        })
    }

    /// Whether there is more than may be in memory. It is asked now and then, not after each event.
    pub(super) fn is_full(&self) -> bool {
        self.changes.len() >= self.in_memory_max
    }

    /// Makes room in memory.
    pub(super) fn spill(&mut self, scratch: &mut Scratch<'_>) -> Result<(), DeriveError> {
        let sorted = self.take_sorted();
        if !sorted.is_empty() {
            let file = scratch.sort_out(sorted.into_iter().map(Ok))?;
            self.files.push(file);
        }
        if self.files.len() < FILES_MAX {
            return Ok(());
        }
        let merged = scratch.read_all(&self.files)?;
        let merged = scratch.sort_out(merged)?;
        for file in std::mem::replace(&mut self.files, vec![merged]) {
            scratch.discard(file);
        }
        Ok(())
    }

    fn take_sorted(&mut self) -> Vec<Change> {
        self.places.clear();
        let mut sorted = std::mem::take(&mut self.changes);
        sorted.sort_unstable_by_key(|change| change.id);
        sorted
    }

    /// All changes, in the order of the accounts' ids, one for each account.
    pub(super) fn finish(mut self, scratch: &Scratch<'_>) -> Result<Merged, DeriveError> {
        let sorted = self.take_sorted();
        let mut merged = scratch.read_all(&self.files)?;
        merged.push(Source::Memory(sorted.into_iter()))?;
        Ok(merged)
    }
}

impl Scratch<'_> {
    /// Merges files, the older ones first.
    fn read_all(&self, files: &[Sorted]) -> Result<Merged, DeriveError> {
        let mut merged = Merged {
            span: self.span.clone(),
            sources: Vec::new(),
            next: BinaryHeap::new(),
        };
        for file in files {
            merged.push(Source::File(self.read(file)?))?;
        }
        Ok(merged)
    }
}

/// Where sorted changes come from.
enum Source {
    File(Entries<Change>),
    Memory(std::vec::IntoIter<Change>),
}

impl Source {
    fn next(&mut self) -> Result<Option<Change>, DeriveError> {
        match self {
            Self::File(entries) => Ok(entries.next().transpose()?),
            Self::Memory(changes) => Ok(changes.next()),
        }
    }
}

/// Changes from several sources, joined for each account, in the order of ids.
pub(super) struct Merged {
    span: Span,
    sources: Vec<(Source, Option<Change>)>,
    next: BinaryHeap<Reverse<(AccountId, usize)>>,
}

impl Merged {
    /// Adds a source whose changes are later than those of the others.
    fn push(&mut self, source: Source) -> Result<(), DeriveError> {
        self.sources.push((source, None));
        self.advance(self.sources.len() - 1)
    }

    fn advance(&mut self, index: usize) -> Result<(), DeriveError> {
        let (source, change) = &mut self.sources[index];
        *change = source.next()?;
        if let Some(change) = change {
            self.next.push(Reverse((change.id, index)));
        }
        Ok(())
    }

    /// The account that the next change is of.
    pub(super) fn next_id(&self) -> Option<AccountId> {
        self.next.peek().map(|Reverse((id, _))| *id)
    }

    fn pop(&mut self) -> Result<Option<Change>, DeriveError> {
        let Some(Reverse((_, index))) = self.next.pop() else {
            return Ok(None);
        };
        let change = self.sources[index].1.take();
        self.advance(index)?;
        Ok(change)
    }

    /// The next account's change.
    fn join_next(&mut self) -> Result<Option<Change>, DeriveError> {
        let Some(mut change) = self.pop()? else {
            return Ok(None);
        };
        while self.next_id() == Some(change.id) {
            let later = self.pop()?.expect("an id was seen");
            let joined = change.join(later);
            joined.map_err(|difference| self.span.differs(difference))?;
        }
        Ok(Some(change))
    }
}

impl Iterator for Merged {
    type Item = Result<Change, DeriveError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.join_next().transpose()
    }
}
