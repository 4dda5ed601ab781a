//! Sorting postings, which are many, by key and then by word.

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
    pub(super) const fn new(key: u128, word: u64) -> Self {
        Self {
            high: (key >> 64) as u64,
            low: (key & u64::MAX as u128) as u64,
            word,
        }
    }

    pub(super) const fn key(&self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
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
