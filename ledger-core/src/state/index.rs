//! Hash tables that never grow as a whole.

use alloc::boxed::Box;
use core::hash::BuildHasher;

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

use super::arena::Slot;
use super::probe::{Entry, Probe};

/// Tables are split into this many parts by hash, and each part grows alone.
pub(super) const SHARDS: usize = 256;

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
pub(super) fn shard_of(hash: u64) -> usize {
    usize::try_from(hash).expect("addresses have 64 bits") & (SHARDS - 1)
}

/// As many parts as a table has.
pub(super) fn shards<T>(part: impl Fn() -> T) -> Box<[T]> {
    (0..SHARDS).map(|_| part()).collect()
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

pub(super) fn high_half(hash: u64) -> u32 {
    u32::try_from(hash >> 32).expect("half of 64 bits is 32 bits")
}

impl SlotIndex {
    pub(crate) fn new() -> Self {
        Self {
            shards: shards(Probe::new),
        }
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

    /// The slot for which `is_it` holds, among those put in with this hash; puts `slot` in if there
    /// is none.
    pub(crate) fn find_or_insert(
        &mut self,
        hash: u64,
        slot: Slot,
        mut is_it: impl FnMut(Slot) -> bool,
    ) -> Option<Slot> {
        let kept = KeptSlot::new(hash, slot);
        self.shards[shard_of(hash)]
            .find_or_insert(
                hash,
                kept,
                |other| other.hash_high == kept.hash_high && is_it(other.slot()),
                KeptSlot::hash,
            )
            .map(KeptSlot::slot)
    }

    /// How many places there are in a part.
    pub(super) fn capacity_of(&self, part: usize) -> usize {
        self.shards[part].capacity()
    }

    /// As much as is kept of the hashes in a part.
    pub(super) fn hashes_of(&self, part: usize) -> impl Iterator<Item = u64> {
        self.shards[part].iter().map(KeptSlot::hash)
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

#[cfg(test)]
mod tests;
