//! Gathering the postings of a segment, which come in the order of their events, for its run, which
//! has them in the order of their keys.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Place;

use super::group::Group;
use super::number::{self, NUMBER_BYTES_MAX};
use super::sorting::{self, Entry};

/// After so many keys it is looked whether any of them come again.
const KEYS_AT_FIRST: usize = 1 << 15;
/// Of more keys than these, so many do not fit the nearest caches that sorting is no slower.
const KEYS_MAX: usize = 1 << 16;
/// How many keys are sorted out at a time, so that all that is needed for it fits the nearest cache.
const KEYS_AT_A_TIME: usize = 1 << 7;

/// The postings of a section.
#[derive(Debug)]
pub(super) enum Gathered {
    /// As long as there are few keys, as there mostly are of accounts: only the keys have to be
    /// sorted, and a posting takes eight bytes.
    ByKey(ByKey),
    /// Each by itself, as those of ids.
    Apart(Vec<Entry>),
}

/// Postings by the number of their key. The words of a key ascend, apart from those of one event.
#[derive(Default, Debug)]
pub(super) struct ByKey {
    hasher: RandomState,
    numbers: HashTable<u32>,
    keys: Vec<u128>,
    /// How many postings each key has.
    counts: Vec<u32>,
    /// The first word of all, to which others are kept relative.
    base: u64,
    postings: Vec<Numbered>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Numbered {
    /// Of the key; at first in the order in which keys came, later in that of the keys.
    number: u32,
    word_after_base: u32,
}

impl Gathered {
    pub(super) fn new() -> Self {
        Self::ByKey(ByKey::default())
    }

    /// Adds a posting.
    #[inline]
    pub(super) fn push(&mut self, key: u128, word: u64) {
        match self {
            Self::ByKey(by_key) => {
                if !by_key.push(key, word) {
                    let mut entries = by_key.take_apart();
                    entries.push(Entry::new(key, word));
                    *self = Self::Apart(entries);
                }
            }
            Self::Apart(entries) => entries.push(Entry::new(key, word)),
        }
    }

    /// Shows all postings in order to `each`, until it fails. Groups of one key may follow one
    /// another, and so may equal postings.
    ///
    /// # Errors
    /// That of `each`.
    pub(super) fn in_order<E>(
        self,
        mut each: impl FnMut(Group<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::ByKey(by_key) => by_key.in_order(each),
            Self::Apart(mut entries) => {
                // As ids that grow with time are.
                if !entries.is_sorted() {
                    sorting::sort(&mut entries);
                }
                let mut postings = entries.iter();
                postings.try_for_each(|entry| each(Group::one(entry.key(), entry.word)))
            }
        }
    }
}

impl ByKey {
    /// Adds a posting, unless there are too many keys for that to be of use, or its word is too far
    /// from the first one.
    #[inline]
    fn push(&mut self, key: u128, word: u64) -> bool {
        if self.keys.is_empty() {
            self.base = word;
        }
        let word_after_base = word.checked_sub(self.base).map(u32::try_from);
        let Some(Ok(word_after_base)) = word_after_base else {
            return false;
        };
        let (hasher, keys) = (&self.hasher, &self.keys);
        let place = self.numbers.entry(
            hasher.hash_one(key),
            |&number| keys[number as usize] == key,
            |&number| hasher.hash_one(keys[number as usize]),
        );
        let number = match place {
            Place::Occupied(number) => *number.get(),
            Place::Vacant(_) if is_crowded(keys.len(), self.postings.len()) => return false,
            Place::Vacant(place) => {
                let number = keys.len() as u32;
                place.insert(number);
                self.keys.push(key);
                self.counts.push(0);
                number
            }
        };
        self.counts[number as usize] += 1;
        self.postings.push(Numbered {
            number,
            word_after_base,
        });
        true
    }

    fn take_apart(&mut self) -> Vec<Entry> {
        let taken = std::mem::take(self);
        let mut entries = Vec::with_capacity(2 * taken.postings.len());
        entries.extend(taken.postings.iter().map(|posting| {
            let word = taken.base + u64::from(posting.word_after_base);
            Entry::new(taken.keys[posting.number as usize], word)
        }));
        entries
    }

    fn in_order<E>(mut self, mut each: impl FnMut(Group<'_>) -> Result<(), E>) -> Result<(), E> {
        self.number_in_order();
        let dealt = self.dealt();
        self.postings = Vec::new();
        let (mut from, mut words, mut distances) = (0, Vec::new(), Vec::new());
        let keys = self.keys.chunks(KEYS_AT_A_TIME);
        for (keys, counts) in keys.zip(self.counts.chunks(KEYS_AT_A_TIME)) {
            let count: usize = counts.iter().map(|&count| count as usize).sum();
            sort_out(&dealt[from..from + count], counts, &mut words);
            from += count;
            let mut rest = &mut words[..];
            for (&key, &count) in keys.iter().zip(counts) {
                let own;
                (own, rest) = rest.split_at_mut(count as usize);
                // One event may have several of a key, in whatever order.
                if !own.is_sorted() {
                    own.sort_unstable();
                }
                each(group_of(key, self.base, own, &mut distances))?;
            }
        }
        Ok(())
    }

    /// Numbers the keys in their own order.
    fn number_in_order(&mut self) {
        let mut order: Vec<u32> = (0..self.keys.len() as u32).collect();
        order.sort_unstable_by_key(|&number| self.keys[number as usize]);
        let mut new_number = vec![0; order.len()];
        for (new, &old) in (0..).zip(&order) {
            new_number[old as usize] = new;
        }
        for posting in &mut self.postings {
            posting.number = new_number[posting.number as usize];
        }
        self.keys = order.iter().map(|&old| self.keys[old as usize]).collect();
        self.counts = order.iter().map(|&old| self.counts[old as usize]).collect();
    }

    /// The postings of some keys that follow one another together, as many keys as are sorted out
    /// at a time.
    fn dealt(&self) -> Vec<Numbered> {
        let mut end = 0;
        let parts = self.counts.chunks(KEYS_AT_A_TIME).map(|counts| {
            let count: usize = counts.iter().map(|&count| count as usize).sum();
            end += count;
            end - count
        });
        let mut starts: Vec<usize> = parts.collect();
        let mut dealt = vec![Numbered::default(); self.postings.len()];
        for &posting in &self.postings {
            let start = &mut starts[posting.number as usize / KEYS_AT_A_TIME];
            dealt[*start] = posting;
            *start += 1;
        }
        dealt
    }
}

/// Whether it is better to keep each posting by itself than to begin another key.
const fn is_crowded(keys: usize, postings: usize) -> bool {
    match keys {
        KEYS_AT_FIRST => postings < KEYS_AT_FIRST + KEYS_AT_FIRST / 8,
        keys => keys >= KEYS_MAX,
    }
}

/// Puts the words of the postings of a few keys, which follow one another and of which each has so
/// many, in the order of the keys.
fn sort_out(postings: &[Numbered], counts: &[u32], words: &mut Vec<u32>) {
    let mut starts = [0; KEYS_AT_A_TIME];
    let mut end = 0;
    for (start, &count) in starts.iter_mut().zip(counts) {
        *start = end;
        end += count as usize;
    }
    words.clear();
    words.resize(postings.len(), 0);
    for posting in postings {
        let start = &mut starts[posting.number as usize % KEYS_AT_A_TIME];
        words[*start] = posting.word_after_base;
        *start += 1;
    }
}

/// The group of a key with these words, of which there is one at least.
fn group_of<'a>(key: u128, base: u64, words: &[u32], distances: &'a mut Vec<u8>) -> Group<'a> {
    distances.resize(words.len() * NUMBER_BYTES_MAX, 0);
    let (mut last, mut count, mut length) = (words[0], 1, 0);
    let first = last;
    for &word in &words[1..] {
        if word > last {
            number::put(distances, &mut length, u64::from(word - last));
            last = word;
            count += 1;
        }
    }
    Group {
        key,
        first: base + u64::from(first),
        last: base + u64::from(last),
        count,
        distances: &distances[..length],
    }
}

#[cfg(test)]
mod tests;
