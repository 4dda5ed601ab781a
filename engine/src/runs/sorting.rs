//! Sorting the postings of a segment, which are many, by key and then by word.

use foldhash::{HashMap, HashMapExt};
use ledger_core::Sequence;

use super::block::word;
use super::{Role, Section};

/// Keys are few where each has so many postings on average.
const POSTINGS_OF_FEW: usize = 8;
/// About so many postings share a bucket.
const BUCKET_ENTRIES: usize = 64;
const BUCKET_BITS_MAX: u32 = 13;

/// A posting, in halves rather than with a u128, whose alignment would make it 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) struct Entry {
    high: u64,
    low: u64,
    pub(super) word: u64,
}

impl Entry {
    pub(super) const fn new(key: u128, sequence: Sequence, role: Role) -> Self {
        Self {
            high: (key >> 64) as u64,
            low: (key & u64::MAX as u128) as u64,
            word: word(sequence, role),
        }
    }

    pub(super) const fn key(&self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }
}

/// The postings of each section.
pub(super) type Entries = [Vec<Entry>; Section::ALL.len()];

/// Shows postings in order to `each`, until it fails.
///
/// # Errors
/// That of `each`.
pub(super) fn in_order<E>(
    mut entries: Vec<Entry>,
    mut each: impl FnMut(u128, u64) -> Result<(), E>,
) -> Result<(), E> {
    // As ids that grow with time are.
    if !entries.is_sorted() {
        if let Some(few) = Few::of(&entries) {
            drop(entries);
            return few.in_order(each);
        }
        sort(&mut entries);
    }
    entries
        .iter()
        .try_for_each(|entry| each(entry.key(), entry.word))
}

/// Postings of few keys, as those of accounts mostly are: the words of each key together. Nothing
/// but the keys has to be sorted then, since the postings of a key come in the order of their
/// words.
struct Few {
    /// Each key, and where its words end; they begin where those of the key before end.
    keys: Vec<(u128, usize)>,
    words: Vec<u64>,
}

impl Few {
    /// Nothing if the keys are many.
    fn of(entries: &[Entry]) -> Option<Self> {
        let keys_max = entries.len() / POSTINGS_OF_FEW;
        let mut numbers: HashMap<u128, u32> = HashMap::new();
        let mut counts: Vec<(u128, usize)> = Vec::new();
        let mut number_of = Vec::with_capacity(entries.len());
        for entry in entries {
            let next = counts.len() as u32;
            let number = *numbers.entry(entry.key()).or_insert(next);
            if number == next {
                counts.push((entry.key(), 0));
                if counts.len() > keys_max {
                    return None;
                }
            }
            counts[number as usize].1 += 1;
            number_of.push(number);
        }
        let mut order: Vec<u32> = (0..counts.len() as u32).collect();
        order.sort_unstable_by_key(|&number| counts[number as usize].0);
        let mut keys = Vec::with_capacity(counts.len());
        let mut end = 0;
        for number in order {
            let (key, count) = &mut counts[number as usize];
            let start = end;
            end += std::mem::replace(count, start);
            keys.push((*key, end));
        }
        let mut words = vec![0; entries.len()];
        for (entry, number) in entries.iter().zip(number_of) {
            let place = &mut counts[number as usize].1;
            words[*place] = entry.word;
            *place += 1;
        }
        Some(Self { keys, words })
    }

    fn in_order<E>(mut self, mut each: impl FnMut(u128, u64) -> Result<(), E>) -> Result<(), E> {
        let mut start = 0;
        for (key, end) in self.keys {
            let words = &mut self.words[start..end];
            // One event may have several, in whatever order.
            if !words.is_sorted() {
                words.sort_unstable();
            }
            words.iter().try_for_each(|&word| each(key, word))?;
            start = end;
        }
        Ok(())
    }
}

/// Sorts postings.
///
/// They are dealt into buckets first, by where they lie between the smallest and the greatest key:
/// random ids spread evenly over them, and what is then left to sort fits the nearest cache. When
/// most fall into few buckets nothing is gained, and little lost.
pub(super) fn sort(entries: &mut Vec<Entry>) {
    let keys = entries.iter().map(Entry::key);
    let (smallest, greatest) = keys.fold((u128::MAX, 0), |(smallest, greatest), key| {
        (key.min(smallest), key.max(greatest))
    });
    let wanted = (entries.len() / BUCKET_ENTRIES).max(1).ilog2();
    let range_bits = u128::BITS - (greatest - smallest).leading_zeros();
    let shift = range_bits.saturating_sub(wanted.min(BUCKET_BITS_MAX));
    let bucket_of = |entry: &Entry| ((entry.key() - smallest) >> shift.min(127)) as usize;
    let buckets = ((greatest - smallest) >> shift.min(127)) as usize + 1;
    let mut ends = vec![0_usize; buckets];
    for entry in &*entries {
        ends[bucket_of(entry)] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += std::mem::replace(end, sum);
    }
    let mut dealt = vec![Entry::default(); entries.len()];
    for entry in &*entries {
        let end = &mut ends[bucket_of(entry)];
        dealt[*end] = *entry;
        *end += 1;
    }
    let mut start = 0;
    for end in ends {
        // Those of one key came in the order of their words, which this sort makes use of.
        dealt[start..end].sort();
        start = end;
    }
    *entries = dealt;
}

#[cfg(test)]
mod tests;
