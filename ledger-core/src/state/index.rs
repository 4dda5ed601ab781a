//! Hash tables that never rehash themselves whole.

use alloc::boxed::Box;
use core::hash::BuildHasher;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::arena::Slot;

/// Tables are split into this many parts by hash, and each part grows alone.
const SHARDS: usize = 256;
const SHARD_SHIFT: u32 = 40;

/// Seeded per process, because ids come from clients.
#[derive(Clone)]
pub(crate) struct IdHasher(SeedableRandomState);

impl IdHasher {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeedableRandomState::with_seed(
            seed,
            SharedSeed::global_fixed(),
        ))
    }

    pub(crate) fn hash(&self, id: u128) -> u64 {
        self.0.hash_one(id)
    }
}

fn shard_of(hash: u64) -> usize {
    (hash >> SHARD_SHIFT) as usize & (SHARDS - 1)
}

/// From ids to places in an arena. The ids themselves are in the arena; 32 bits of each hash are
/// kept here, so that growing a shard reads nothing else.
pub(crate) struct SlotIndex {
    shards: Box<[HashTable<(u32, Slot)>]>,
}

impl SlotIndex {
    pub(crate) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
        }
    }

    /// The slot for which `is_it` holds, among those put in with this hash.
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(Slot) -> bool) -> Option<Slot> {
        let kept = kept_bits(hash);
        self.shards[shard_of(hash)]
            .find(spread(kept), |&(bits, slot)| bits == kept && is_it(slot))
            .map(|&(_, slot)| slot)
    }

    /// Puts a slot in that is not there yet.
    pub(crate) fn insert(&mut self, hash: u64, slot: Slot) {
        let kept = kept_bits(hash);
        self.shards[shard_of(hash)]
            .insert_unique(spread(kept), (kept, slot), |&(bits, _)| spread(bits));
    }

    /// Takes a slot out.
    ///
    /// # Panics
    /// If it is not there.
    pub(crate) fn remove(&mut self, hash: u64, slot: Slot) {
        let kept = kept_bits(hash);
        self.shards[shard_of(hash)]
            .find_entry(spread(kept), |&(_, other)| other == slot)
            .unwrap_or_else(|_| panic!("only what was put into an index is taken out"))
            .remove();
    }
}

fn kept_bits(hash: u64) -> u32 {
    u32::try_from(hash & 0xffff_ffff).expect("32 bits were kept")
}

/// The table takes its position from the low bits of a hash and its tag from the high ones.
fn spread(kept: u32) -> u64 {
    u64::from(kept).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// From 128-bit ids to 64-bit words, 24 bytes an entry.
pub(crate) struct IdMap {
    shards: Box<[HashTable<IdWord>]>,
    hasher: IdHasher,
    len: usize,
}

#[derive(Clone, Copy)]
struct IdWord {
    // Two halves rather than a u128, whose alignment would make the entry 32 bytes.
    high: u64,
    low: u64,
    word: u64,
}

impl IdWord {
    fn new(id: u128, word: u64) -> Self {
        let half = |bits: u128| u64::try_from(bits).expect("half of 128 bits is 64 bits");
        Self {
            high: half(id >> 64),
            low: half(id & u128::from(u64::MAX)),
            word,
        }
    }

    fn id(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

impl IdMap {
    pub(crate) fn new(hasher: IdHasher) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
            hasher,
            len: 0,
        }
    }

    /// Brings what a look-up of this id will read into the caches.
    pub(crate) fn warm(&self, id: u128) {
        core::hint::black_box(self.get(id));
    }

    pub(crate) fn get(&self, id: u128) -> Option<u64> {
        let hash = self.hasher.hash(id);
        self.shards[shard_of(hash)]
            .find(hash, |entry| entry.id() == id)
            .map(|entry| entry.word)
    }

    /// Sets the word of an id and returns the one it had.
    pub(crate) fn set(&mut self, id: u128, word: u64) -> Option<u64> {
        let hash = self.hasher.hash(id);
        let shard = &mut self.shards[shard_of(hash)];
        match shard.entry(
            hash,
            |entry| entry.id() == id,
            |entry| self.hasher.hash(entry.id()),
        ) {
            Entry::Occupied(mut entry) => Some(core::mem::replace(&mut entry.get_mut().word, word)),
            Entry::Vacant(entry) => {
                entry.insert(IdWord::new(id, word));
                self.len += 1;
                None
            }
        }
    }

    /// Puts an id in that is not there yet.
    pub(crate) fn insert_new(&mut self, id: u128, word: u64) {
        let hash = self.hasher.hash(id);
        self.shards[shard_of(hash)].insert_unique(hash, IdWord::new(id, word), |entry| {
            self.hasher.hash(entry.id())
        });
        self.len += 1;
    }

    /// Puts back what [`IdMap::set`] returned.
    pub(crate) fn restore(&mut self, id: u128, word: Option<u64>) {
        match word {
            Some(word) => {
                self.set(id, word);
            }
            None => {
                let hash = self.hasher.hash(id);
                self.shards[shard_of(hash)]
                    .find_entry(hash, |entry| entry.id() == id)
                    .unwrap_or_else(|_| panic!("only what was put into a map is taken out"))
                    .remove();
                self.len -= 1;
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All entries, in no order: sort before use.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u128, u64)> {
        self.shards
            .iter()
            .flatten()
            .map(|entry| (entry.id(), entry.word))
    }
}

#[cfg(test)]
mod tests;
