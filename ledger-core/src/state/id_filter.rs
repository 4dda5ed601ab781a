//! A filter in front of a table of ids that is no longer written to.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::index::{SHARDS, SlotIndex, high_half, shard_of, shards};

/// Says of almost every id that is not in a table that it is not, from an eighth of the memory of
/// the table's index.
///
/// Each id sets three bits of one word, as in a blocked Bloom filter (Putze, Sanders and Singler,
/// 2007). There is a word for every eight places of the index, so that at most 15 of its 64 bits
/// are set on average, and less than one in fifty of the other ids passes.
///
/// It is in parts as the index is. They are built one after the other while others are asked, so
/// that nobody waits for the whole of it; where there is no part yet, every id passes.
pub(super) struct IdFilter {
    parts: Box<[Vec<u64>]>,
    built: usize,
}

/// How many places of the index share a word.
const PLACES_PER_WORD: usize = 8;

impl IdFilter {
    pub(super) fn new() -> Self {
        Self {
            parts: shards(Vec::new),
            built: 0,
        }
    }

    /// Whether all parts are built.
    pub(super) fn is_whole(&self) -> bool {
        self.built == SHARDS
    }

    /// Builds the next part. The index is not to be changed any more.
    pub(super) fn build_next(&mut self, index: &SlotIndex) {
        let count = (index.capacity_of(self.built) / PLACES_PER_WORD).max(1);
        let words = &mut self.parts[self.built];
        words.resize(count, 0);
        for hash in index.hashes_of(self.built) {
            words[position(hash, count)] |= bits_of(hash);
        }
        self.built += 1;
    }

    /// Whether an id with this hash may be in the table.
    pub(super) fn maybe(&self, hash: u64) -> bool {
        let bits = bits_of(hash);
        self.word(hash).is_none_or(|word| word & bits == bits)
    }

    /// The word that [`IdFilter::maybe`] looks at, if it is built.
    pub(super) fn word(&self, hash: u64) -> Option<u64> {
        let words = &self.parts[shard_of(hash)];
        (!words.is_empty()).then(|| words[position(hash, words.len())])
    }
}

/// From the high bits of the hash, as places in the index.
fn position(hash: u64, words: usize) -> usize {
    let words = u64::try_from(words).expect("addresses have 64 bits");
    usize::try_from((u64::from(high_half(hash)) * words) >> 32).expect("it is below the length")
}

/// From bits of the hash that neither choose the part nor, in a part of sensible size, the word.
fn bits_of(hash: u64) -> u64 {
    let bit = |shift: u32| 1 << ((hash >> shift) & 63);
    bit(32) | bit(38) | bit(44)
}

#[cfg(test)]
mod tests;
