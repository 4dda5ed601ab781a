//! Gathering the postings of a segment, which come in the order of their events, for its run, which
//! has them in the order of their keys.

use foldhash::HashMap;

use super::group::Group;
use super::number::{self, NUMBER_BYTES_MAX};
use super::sorting::{self, Entry};

/// After so many keys it is looked whether any of them come again.
const KEYS_AT_FIRST: usize = 1 << 15;
/// Where more keys than these take turns, what is kept of them does not fit a cache, and sorting is
/// no slower.
const KEYS_MAX: usize = 1 << 17;

/// The postings of a section.
#[derive(Debug)]
pub(super) enum Gathered {
    /// Those of each key together, as long as there are few keys, as there mostly are of accounts:
    /// then only the keys are to be sorted, and a posting takes two or three bytes.
    ByKey(ByKey),
    /// Each by itself, as those of ids.
    Apart(Vec<Entry>),
}

#[derive(Default, Debug)]
pub(super) struct ByKey {
    numbers: HashMap<u128, u32>,
    keys: Vec<Key>,
    postings: usize,
}

/// The postings of a key, as in a [`Group`].
#[derive(Debug)]
struct Key {
    key: u128,
    first: u64,
    last: u64,
    count: u32,
    distances: Vec<u8>,
}

impl Gathered {
    pub(super) fn new() -> Self {
        Self::ByKey(ByKey::default())
    }

    /// Adds a posting. Those of a key mostly ascend.
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

    /// Shows all postings in order to `each`, until it fails.
    ///
    /// # Errors
    /// That of `each`.
    pub(super) fn in_order<E>(
        self,
        mut each: impl FnMut(Group<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::ByKey(mut by_key) => {
                by_key.keys.sort_unstable_by_key(|key| key.key);
                by_key.keys.iter().try_for_each(|key| each(key.group()))
            }
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
    /// Adds a posting, unless there are too many keys for that to be of use, or the posting comes
    /// before another one of its key.
    #[inline]
    fn push(&mut self, key: u128, word: u64) -> bool {
        let next = self.keys.len() as u32;
        let number = *self.numbers.entry(key).or_insert(next);
        self.postings += 1;
        if let Some(key) = self.keys.get_mut(number as usize) {
            return key.push(word);
        }
        let is_crowded = self.is_crowded();
        if !is_crowded {
            self.keys.push(Key::new(key, word));
        }
        !is_crowded
    }

    /// Whether it is better to keep each posting by itself than to begin another key.
    fn is_crowded(&self) -> bool {
        match self.keys.len() {
            KEYS_AT_FIRST => self.postings < KEYS_AT_FIRST + KEYS_AT_FIRST / 8,
            keys => keys >= KEYS_MAX,
        }
    }

    fn take_apart(&mut self) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(2 * self.postings);
        for key in std::mem::take(self).keys {
            let words = key.group().words();
            entries.extend(words.map(|word| Entry::new(key.key, word)));
        }
        entries
    }
}

impl Key {
    fn new(key: u128, word: u64) -> Self {
        Self {
            key,
            first: word,
            last: word,
            count: 1,
            distances: Vec::new(),
        }
    }

    /// Adds a posting, unless it comes before another one.
    #[inline]
    fn push(&mut self, word: u64) -> bool {
        let Some(further) = word.checked_sub(self.last) else {
            return false;
        };
        if further > 0 {
            let (mut bytes, mut length) = ([0; NUMBER_BYTES_MAX], 0);
            number::put(&mut bytes, &mut length, further);
            self.distances.extend_from_slice(&bytes[..length]);
            self.last = word;
            self.count += 1;
        }
        true
    }

    fn group(&self) -> Group<'_> {
        Group {
            key: self.key,
            first: self.first,
            last: self.last,
            count: self.count,
            distances: &self.distances,
        }
    }
}

#[cfg(test)]
mod tests;
