//! Hash tables that never grow as a whole.

use alloc::boxed::Box;
use core::hash::BuildHasher;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

use super::arena::Slot;
use super::probe::{Entry, Probe};

/// Tables are split into this many parts by hash, and each part grows alone.
const SHARDS: usize = 256;

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

/// The low bits choose the part; places inside it come from the high ones.
fn shard_of(hash: u64) -> usize {
    usize::try_from(hash).expect("addresses have 64 bits") & (SHARDS - 1)
}

fn shards<E: Entry>() -> Box<[Probe<E>]> {
    (0..SHARDS).map(|_| Probe::new()).collect()
}

/// From ids to places in an arena. The ids themselves are in the arena; the high half of each hash
/// is kept here, so that growing reads nothing else and a search seldom looks at a wrong one.
pub(crate) struct SlotIndex {
    shards: Box<[Probe<KeptSlot>]>,
}

#[derive(Clone, Copy)]
struct KeptSlot {
    hash_high: u32,
    /// One more than the position, so that zero is none.
    slot_number: u32,
}

impl Entry for KeptSlot {
    const VACANT: Self = Self {
        hash_high: 0,
        slot_number: 0,
    };

    fn is_vacant(&self) -> bool {
        self.slot_number == 0
    }
}

impl KeptSlot {
    fn new(hash: u64, slot: Slot) -> Self {
        Self {
            hash_high: high_half(hash),
            slot_number: slot.number(),
        }
    }

    fn slot(self) -> Slot {
        Slot::from_number(self.slot_number)
    }

    /// As much of the hash as places inside a part need.
    fn hash(&self) -> u64 {
        u64::from(self.hash_high) << 32
    }
}

fn high_half(hash: u64) -> u32 {
    u32::try_from(hash >> 32).expect("half of 64 bits is 32 bits")
}

impl SlotIndex {
    pub(crate) fn new() -> Self {
        Self { shards: shards() }
    }

    /// The slot for which `is_it` holds, among those put in with this hash.
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(Slot) -> bool) -> Option<Slot> {
        let high = high_half(hash);
        self.shards[shard_of(hash)]
            .find(hash, |kept| kept.hash_high == high && is_it(kept.slot()))
            .map(|kept| kept.slot())
    }

    /// Reads where a search for this hash begins, and returns something of it.
    pub(crate) fn touch(&self, hash: u64) -> u64 {
        self.shards[shard_of(hash)]
            .first(hash)
            .map_or(0, |kept| u64::from(kept.slot_number))
    }

    /// Puts a slot in that is not there yet.
    pub(crate) fn insert(&mut self, hash: u64, slot: Slot) {
        self.shards[shard_of(hash)].insert(hash, KeptSlot::new(hash, slot), KeptSlot::hash);
    }

    /// Takes a slot out.
    ///
    /// # Panics
    /// If it is not there.
    pub(crate) fn remove(&mut self, hash: u64, slot: Slot) {
        self.shards[shard_of(hash)].remove(hash, |kept| kept.slot() == slot, KeptSlot::hash);
    }
}

/// From 128-bit ids to words that are never zero, 24 bytes an entry.
pub(crate) struct IdMap {
    shards: Box<[Probe<IdEntry>]>,
    hasher: IdHasher,
}

#[derive(Clone, Copy)]
struct IdEntry {
    // Two halves rather than a u128, whose alignment would make the entry 32 bytes.
    high: u64,
    low: u64,
    word: u64,
}

impl Entry for IdEntry {
    const VACANT: Self = Self {
        high: 0,
        low: 0,
        word: 0,
    };

    fn is_vacant(&self) -> bool {
        self.word == 0
    }
}

impl IdEntry {
    fn new(id: u128, word: u64) -> Self {
        assert!(word != 0, "a word in an id map is never zero");
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

impl IdMap {
    pub(crate) fn new(hasher: IdHasher) -> Self {
        Self {
            shards: shards(),
            hasher,
        }
    }

    /// Reads where a look-up of this id begins, and returns something of it.
    pub(crate) fn touch(&self, id: u128) -> u64 {
        let hash = self.hasher.hash(id);
        self.shards[shard_of(hash)]
            .first(hash)
            .map_or(0, |entry| entry.word)
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
        match self.shards[shard_of(hash)].find_mut(hash, |entry| entry.id() == id) {
            Some(entry) => Some(core::mem::replace(&mut entry.word, word)),
            None => {
                self.insert_new(id, word);
                None
            }
        }
    }

    /// Puts an id in that is not there yet.
    pub(crate) fn insert_new(&mut self, id: u128, word: u64) {
        let hash = self.hasher.hash(id);
        let hasher = &self.hasher;
        self.shards[shard_of(hash)].insert(hash, IdEntry::new(id, word), |entry| {
            hasher.hash(entry.id())
        });
    }

    /// Puts back what [`IdMap::set`] returned.
    pub(crate) fn restore(&mut self, id: u128, word: Option<u64>) {
        match word {
            Some(word) => {
                self.set(id, word);
            }
            None => {
                let (hash, hasher) = (self.hasher.hash(id), &self.hasher);
                self.shards[shard_of(hash)].remove(
                    hash,
                    |entry| entry.id() == id,
                    |entry| hasher.hash(entry.id()),
                );
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(Probe::len).sum()
    }

    /// All entries, in no order: sort before use.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u128, u64)> {
        self.shards
            .iter()
            .flat_map(Probe::iter)
            .map(|entry| (entry.id(), entry.word))
    }
}

#[cfg(test)]
mod tests;
