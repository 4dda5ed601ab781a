//! What of a run is in memory: fences, tables and filters.

mod fence;
mod filter_entry;
mod section_entry;

pub(super) use fence::{FENCE_BYTES, Fence};
pub(super) use filter_entry::{FILTER_ENTRY_BYTES, FilterEntry};
pub(super) use section_entry::{SECTION_ENTRY_BYTES, SectionEntry};

use super::block::BLOCK_BYTES_MAX;
use super::filter::Filter;
use super::footer::field;
use super::{RunDamage, RunPart};

const CONTRADICTION: RunDamage = RunDamage::Contradiction {
    part: RunPart::Index,
};

/// So many keys are asked of a filter at once: what they wait for overlaps.
const ASKED_AT_ONCE: usize = 8;

/// The fences of a section, column by column, so that a search reads keys alone.
#[derive(Debug)]
pub(super) struct SectionIndex {
    pub(super) entry: SectionEntry,
    keys: Box<[u128]>,
    words: Box<[u64]>,
    places: Box<[(u64, u32)]>,
    /// The first key of each filter.
    filtered: Box<[u128]>,
    filters: Box<[KeyFilter]>,
}

/// A filter and the range of its keys.
#[derive(Debug)]
pub(super) struct KeyFilter {
    pub(super) first_key: u128,
    pub(super) last_key: u128,
    pub(super) filter: Filter,
}

impl SectionIndex {
    fn new(entry: SectionEntry, fences: &[Fence]) -> Self {
        Self {
            entry,
            keys: fences.iter().map(|fence| fence.first.0).collect(),
            words: fences.iter().map(|fence| fence.first.1).collect(),
            places: fences.iter().map(|f| (f.offset, f.length)).collect(),
            filtered: Box::default(),
            filters: Box::default(),
        }
    }

    pub(super) fn set_filters(&mut self, filters: Vec<KeyFilter>) {
        self.filtered = filters.iter().map(|part| part.first_key).collect();
        self.filters = filters.into_boxed_slice();
    }

    pub(super) fn blocks(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn fence(&self, block: usize) -> Fence {
        let (offset, length) = self.places[block];
        Fence {
            first: (self.keys[block], self.words[block]),
            offset,
            length,
        }
    }

    /// The last block that begins at or before a posting, which is there or not; `None` if all
    /// begin behind it.
    pub(super) fn block_of(&self, posting: (u128, u64)) -> Option<usize> {
        let (key, word) = posting;
        let smaller = self.keys.partition_point(|&first| first < key);
        let equal = self.keys[smaller..].partition_point(|&first| first == key);
        let before = self.words[smaller..smaller + equal].partition_point(|&first| first <= word);
        (smaller + before).checked_sub(1)
    }

    /// Whether the key lies between the first and the last one.
    pub(super) fn spans(&self, key: u128) -> bool {
        self.keys.first().is_some_and(|&first| first <= key) && key <= self.entry.last.0
    }

    /// Whether any key from the first through the second of these can lie between the first and
    /// the last one.
    pub(super) fn meets(&self, low: u128, high: u128) -> bool {
        self.keys.first().is_some_and(|&first| first <= high) && low <= self.entry.last.0
    }

    /// Whether the key may be there, as far as memory can tell. `hash` is that of the run.
    pub(super) fn may_hold(&self, key: u128, hash: impl FnOnce() -> u64) -> bool {
        if !self.spans(key) {
            return false;
        }
        if self.filters.is_empty() {
            return true;
        }
        let after = self.filtered.partition_point(|&first| first <= key);
        let part = after.checked_sub(1).map(|part| &self.filters[part]);
        part.is_some_and(|part| key <= part.last_key && part.filter.may_hold(hash()))
    }

    /// Shows those of `keys`, which ascend, that may be there, as far as memory can tell: filter by
    /// filter, without waiting for the answer to one key before the next is asked. `hash` is that of
    /// the run.
    pub(super) fn candidates(
        &self,
        mut keys: &[u128],
        hash: impl Fn(u128) -> u64,
        each: &mut impl FnMut(u128),
    ) {
        if self.filters.is_empty() {
            let own = keys.iter().filter(|&&key| self.spans(key));
            return own.for_each(|&key| each(key));
        }
        for part in &self.filters {
            keys = &keys[keys.partition_point(|&key| key < part.first_key)..];
            let (own, behind) = keys.split_at(keys.partition_point(|&key| key <= part.last_key));
            let (together, alone) = own.as_chunks::<ASKED_AT_ONCE>();
            for keys in together {
                let may_hold = part.filter.may_hold_each(keys.map(&hash));
                for (&key, _) in keys.iter().zip(may_hold).filter(|&(_, may_hold)| may_hold) {
                    each(key);
                }
            }
            for &key in alone {
                if part.filter.may_hold(hash(key)) {
                    each(key);
                }
            }
            if behind.is_empty() {
                break;
            }
            keys = behind;
        }
    }

    /// The width of the fingerprints, the same in all its filters; 0 without any.
    pub(super) fn fingerprint_bits(&self) -> u8 {
        let first = self.filters.first();
        first.map_or(0, |part| part.filter.width())
    }

    /// The memory of fences and filters.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let fence = size_of::<u128>() + size_of::<u64>() + size_of::<(u64, u32)>();
        let filters = self.filters.iter().map(|part| part.filter.bytes()).sum();
        ((self.blocks() * fence) as u64, filters)
    }
}

/// What the bytes between content and footer say.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) sections: Vec<SectionIndex>,
    pub(super) filters: Vec<FilterEntry>,
}

impl Index {
    /// Reads fences and tables, whose checksum is right and whose length is that of the counts.
    pub(super) fn read(
        bytes: &[u8],
        blocks: u64,
        section_count: u8,
        content_bytes: u64,
    ) -> Result<Self, RunDamage> {
        let fence_bytes = usize::try_from(blocks).map_err(|_| CONTRADICTION)? * FENCE_BYTES;
        let (fences, tables) = bytes.split_at(fence_bytes);
        let table_bytes = usize::from(section_count) * SECTION_ENTRY_BYTES;
        let (sections, filters) = tables.split_at(table_bytes);
        let fences: Vec<Fence> = fences.chunks_exact(FENCE_BYTES).map(Fence::read).collect();
        let filters = filters
            .chunks_exact(FILTER_ENTRY_BYTES)
            .map(FilterEntry::read)
            .collect::<Result<Vec<_>, _>>()?;
        check_tiling(&fences, &filters, content_bytes)?;
        let mut read: Vec<SectionIndex> = Vec::new();
        let (mut rest, mut filters_left) = (&fences[..], &filters[..]);
        for entry in sections.chunks_exact(SECTION_ENTRY_BYTES) {
            let entry = SectionEntry::read(entry)?;
            let blocks = usize::try_from(entry.blocks).ok();
            let (own, others) = blocks
                .and_then(|blocks| rest.split_at_checked(blocks))
                .ok_or(CONTRADICTION)?;
            let ascends = own.windows(2).all(|two| two[0].first < two[1].first)
                && own.last().is_some_and(|last| last.first <= entry.last)
                && read
                    .last()
                    .is_none_or(|before| before.entry.section < entry.section);
            let filtered = entry.section.has_filter() == (entry.filters > 0);
            let own_filters = usize::try_from(entry.filters).ok();
            let (own_filters, other_filters) = own_filters
                .and_then(|filters| filters_left.split_at_checked(filters))
                .ok_or(CONTRADICTION)?;
            if !ascends || !filtered || !spans(own_filters, &entry, own) {
                return Err(CONTRADICTION);
            }
            filters_left = other_filters;
            rest = others;
            read.push(SectionIndex::new(entry, own));
        }
        if !rest.is_empty() || !filters_left.is_empty() {
            return Err(CONTRADICTION);
        }
        Ok(Self {
            sections: read,
            filters,
        })
    }
}

/// Whether the filters of a section, if it has any, follow one another from its first key to its
/// last one. A key between two of them is not there.
fn spans(filters: &[FilterEntry], section: &SectionEntry, fences: &[Fence]) -> bool {
    let (Some(first), Some(last)) = (filters.first(), filters.last()) else {
        return true;
    };
    fences
        .first()
        .is_some_and(|fence| fence.first.0 == first.first_key)
        && section.last.0 == last.last_key
        && filters
            .windows(2)
            .all(|two| two[0].last_key < two[1].first_key)
}

/// Every byte of the content belongs to one block or one filter.
fn check_tiling(
    fences: &[Fence],
    filters: &[FilterEntry],
    content_bytes: u64,
) -> Result<(), RunDamage> {
    let mut filters = filters.iter().peekable();
    let mut at = 0_u64;
    let mut fences = fences.iter().peekable();
    loop {
        let length = if let Some(fence) = fences.next_if(|fence| fence.offset == at) {
            if fence.length as usize > BLOCK_BYTES_MAX {
                return Err(CONTRADICTION);
            }
            u64::from(fence.length)
        } else if let Some(filter) = filters.next_if(|filter| filter.offset == at) {
            filter.shape.bytes() as u64
        } else {
            break;
        };
        if length == 0 {
            return Err(CONTRADICTION);
        }
        at = at.checked_add(length).ok_or(CONTRADICTION)?;
    }
    if at != content_bytes || fences.next().is_some() || filters.next().is_some() {
        return Err(CONTRADICTION);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
