//! A table of ids that is written for a while and then dropped as a whole.

use super::arena::{Arena, Slot};
use super::index::SlotIndex;

/// From 128-bit ids to words that are never zero.
///
/// Entries lie side by side in the order in which they came, without room to spare, and an index of
/// eight bytes an entry leads to them. So growing copies eight bytes an entry and no more, and
/// looking for an id that is not there, which is what almost every look-up does, waits for one
/// cache line of the index: eight of its entries lie in one. Ids that grow with time, as those of
/// UUIDv7 and ULID do, mostly lie outside what an older table spans, and wait for nothing.
///
/// The caller hashes, because it looks for the same id in one table after the other.
pub(super) struct IdTable {
    index: SlotIndex,
    entries: Arena<IdEntry>,
    /// The smallest and the greatest id that were ever put in; taking one back leaves them.
    smallest: u128,
    greatest: u128,
}

struct IdEntry {
    // Two halves rather than a u128, whose alignment would make the entry 32 bytes.
    high: u64,
    low: u64,
    word: u64,
}

impl IdEntry {
    fn new(id: u128, word: u64) -> Self {
        let half = |bits: u128| u64::try_from(bits).expect("half of 128 bits is 64 bits");
        Self {
            high: half(id >> 64),
            low: half(id & u128::from(u64::MAX)),
            word,
        }
    }

    fn id(&self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

impl IdTable {
    pub(super) fn new() -> Self {
        Self {
            index: SlotIndex::new(),
            entries: Arena::new(),
            smallest: u128::MAX,
            greatest: 0,
        }
    }

    /// Whether an id lies between those that were put in: any other is not here.
    pub(super) fn spans(&self, id: u128) -> bool {
        (self.smallest..=self.greatest).contains(&id)
    }

    /// Reads where a look-up of an id with this hash begins, and returns something of it.
    pub(super) fn touch(&self, hash: u64) -> u64 {
        self.index.touch(hash)
    }

    pub(super) fn index(&self) -> &SlotIndex {
        &self.index
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn get(&self, hash: u64, id: u128) -> Option<u64> {
        if !self.spans(id) {
            return None;
        }
        let slot = self.index.find(hash, |slot| self.entries[slot].id() == id);
        slot.map(|slot| self.entries[slot].word)
    }

    /// Sets the word of an id to what `word` makes of the one it had, which is returned.
    pub(super) fn set(
        &mut self,
        hash: u64,
        id: u128,
        word: impl FnOnce(Option<u64>) -> u64,
    ) -> Option<u64> {
        let new = Slot::new(self.entries.len());
        let entries = &self.entries;
        let known = self
            .index
            .find_or_insert(hash, new, |slot| entries[slot].id() == id);
        let before = known.map(|slot| self.entries[slot].word);
        let word = word(before);
        assert!(word != 0, "a word in a table of ids is never zero");
        match known {
            Some(slot) => self.entries[slot].word = word,
            None => {
                self.entries.push(IdEntry::new(id, word));
                self.smallest = self.smallest.min(id);
                self.greatest = self.greatest.max(id);
            }
        }
        before
    }

    /// Puts back what [`IdTable::set`] returned. Changes are taken back in reverse.
    pub(super) fn restore(&mut self, hash: u64, id: u128, before: Option<u64>) {
        if let Some(before) = before {
            self.set(hash, id, |_| before);
            return;
        }
        let last = self.entries.pop().expect("what is taken back was put in");
        assert!(last.id() == id, "the newest change is taken back first");
        self.index.remove(hash, Slot::new(self.entries.len()));
    }

    /// All entries, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u128, u64)> {
        self.entries
            .iter_from(0)
            .map(|entry| (entry.id(), entry.word))
    }
}

#[cfg(test)]
mod tests;
