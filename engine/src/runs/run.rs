//! A run that is open: index and filters in memory, blocks on disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{OldId, Sequence};

use super::block::{
    BLOCK_BYTES_MAX, BlockCursor, Malformed, groups_of, role_of, sequence_of, word_through,
};
use super::filter::Filter;
use super::footer::{Covered, FOOTER_BYTES, Footer};
use super::index::{FilterEntry, Index, KeyFilter, SectionIndex};
use super::{Postings, Role, RunDamage, RunError, RunPart, Section};
use crate::Direction;
use crate::vfs::{Vfs, VfsFile};

/// A run whose footer, index and filters verified. Its blocks are verified as they are read.
#[derive(Debug)]
pub(crate) struct Run {
    file: RunFile,
    footer: Footer,
    /// By the number of the section, less one.
    sections: [Option<SectionIndex>; Section::ALL.len()],
    file_bytes: u64,
}

/// The file, and how errors name it. It is open for as long as the run is: runs are merged, so
/// that a journal of a thousand segments has some twenty of them.
#[derive(Debug)]
pub(super) struct RunFile {
    path: PathBuf,
    file: Arc<dyn VfsFile>,
}

impl RunFile {
    pub(super) fn read(&self, buffer: &mut [u8], offset: u64) -> Result<(), RunError> {
        let read = self.file.read_at(buffer, offset);
        read.map_err(|source| self.unreadable(offset, source))
    }

    fn unreadable(&self, offset: u64, source: io::Error) -> RunError {
        RunError::Read {
            file: self.path.clone(),
            offset,
            source,
        }
    }

    pub(super) fn damaged(&self, offset: u64, damage: RunDamage) -> RunError {
        RunError::Damaged {
            file: self.path.clone(),
            offset,
            damage,
        }
    }
}

impl Run {
    /// Opens a run and verifies all of it but the blocks.
    ///
    /// # Errors
    /// If it cannot be read, or is damaged: then it is to be made again.
    pub(crate) fn open(vfs: &Arc<dyn Vfs>, path: &Path) -> Result<Self, RunError> {
        let (file, footer, length) = open_footer(vfs, path)?;
        let footer_at = length - FOOTER_BYTES as u64;
        if footer.file_bytes() != Some(length) {
            let expected = footer.file_bytes().unwrap_or(u64::MAX);
            return Err(file.damaged(footer_at, wrong_length(length, expected)));
        }
        let index = read_index(&file, &footer, footer_at)?;
        let mut sections = [const { None }; Section::ALL.len()];
        let mut filters = index.filters.into_iter();
        for mut section in index.sections {
            let own = filters.by_ref().take(section.entry.filters as usize);
            let own = own.map(|entry| read_filter(&file, &entry));
            section.set_filters(own.collect::<Result<Vec<_>, _>>()?);
            let slot = place(section.entry.section);
            sections[slot] = Some(section);
        }
        Ok(Self {
            file,
            footer,
            sections,
            file_bytes: length,
        })
    }

    /// What the footer of a run says that it covers, whatever has become of the rest.
    ///
    /// # Errors
    /// If that cannot be read, or is damaged.
    pub(crate) fn covered_by(vfs: &Arc<dyn Vfs>, path: &Path) -> Result<Covered, RunError> {
        let (_, footer, _) = open_footer(vfs, path)?;
        Ok(footer.covered)
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }

    /// The part of the journal whose events are in it.
    pub(crate) const fn covered(&self) -> &Covered {
        &self.footer.covered
    }

    /// How often it was merged: 0 for the run of a single segment.
    pub(crate) const fn tier(&self) -> u8 {
        self.footer.tier
    }

    /// The length of the file.
    pub(crate) const fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// The memory that the filters take.
    pub(crate) fn filter_bytes(&self) -> u64 {
        let sections = self.sections.iter().flatten();
        sections.map(|section| section.bytes().1).sum()
    }

    /// The width of the widest fingerprints; 0 without a filter.
    pub(crate) fn fingerprint_bits(&self) -> u8 {
        let sections = self.sections.iter().flatten();
        let bits = sections.map(SectionIndex::fingerprint_bits).max();
        bits.unwrap_or(0)
    }

    /// The memory that the fences take.
    pub(crate) fn fence_bytes(&self) -> u64 {
        let sections = self.sections.iter().flatten();
        sections.map(|section| section.bytes().0).sum()
    }

    /// How many different keys a section has.
    #[cfg(test)]
    pub(crate) fn keys(&self, section: Section) -> u64 {
        self.section(section)
            .map_or(0, |section| section.entry.keys)
    }

    /// How many postings a section has.
    #[cfg(test)]
    pub(crate) fn count(&self, section: Section) -> u64 {
        let section = self.section(section);
        section.map_or(0, |section| section.entry.postings)
    }

    pub(super) fn section(&self, section: Section) -> Option<&SectionIndex> {
        self.sections[place(section)].as_ref()
    }

    pub(super) const fn file(&self) -> &RunFile {
        &self.file
    }

    /// Whether a key may be there, as far as memory can tell. "No" is certain.
    #[inline]
    pub(crate) fn maybe(&self, section: Section, key: u128) -> bool {
        self.section(section)
            .is_some_and(|section| section.may_hold(key, || self.footer.hasher.hash(key)))
    }

    /// Whether a key from `low` through `high` can be there at all. Where keys grow with time this
    /// answers for all keys of a request at once.
    pub(crate) fn meets(&self, section: Section, low: u128, high: u128) -> bool {
        self.section(section)
            .is_some_and(|section| section.meets(low, high))
    }

    /// Shows those of `keys`, which ascend, that may be there, as far as memory can tell.
    pub(crate) fn candidates(&self, section: Section, keys: &[u128], each: &mut impl FnMut(u128)) {
        if let Some(section) = self.section(section) {
            section.candidates(keys, |key| self.footer.hasher.hash(key), each);
        }
    }

    /// What a transfer id stands for, as far as this run knows.
    ///
    /// # Errors
    /// If that cannot be told.
    pub(crate) fn find_id(&self, key: u128) -> Result<Option<OldId>, RunError> {
        let mut found = None;
        if !self.maybe(Section::Transfer, key) {
            return Ok(found);
        }
        self.visit(Section::Transfer, key, 0..=u64::MAX, |word| {
            let id = found.get_or_insert(OldId {
                sequence: Sequence::ZERO,
                fenced: false,
                act: Sequence::ZERO,
            });
            match role_of(word) {
                Role::FENCED => id.fenced = true,
                Role::ACT => id.act = sequence_of(word),
                _ => id.sequence = sequence_of(word),
            }
            true
        })?;
        Ok(found)
    }

    /// Shows the words of a key in a range, from the smallest on, until `each` says no.
    fn visit(
        &self,
        section: Section,
        key: u128,
        words: std::ops::RangeInclusive<u64>,
        mut each: impl FnMut(u64) -> bool,
    ) -> Result<(), RunError> {
        let Some(index) = self.section(section).filter(|index| index.spans(key)) else {
            return Ok(());
        };
        let mut block = index.block_of((key, *words.start())).unwrap_or(0);
        let mut buffer = [0; BLOCK_BYTES_MAX];
        while block < index.blocks() && index.fence(block).first <= (key, *words.end()) {
            let mut going_on = true;
            self.visit_block(index, block, &mut buffer, |found, word| {
                if found == key && words.contains(&word) {
                    going_on = each(word);
                }
                going_on && (found, word) < (key, *words.end())
            })?;
            if !going_on {
                break;
            }
            block += 1;
        }
        Ok(())
    }

    /// Shows the postings of a block until `each` says no.
    fn visit_block(
        &self,
        index: &SectionIndex,
        block: usize,
        buffer: &mut [u8; BLOCK_BYTES_MAX],
        mut each: impl FnMut(u128, u64) -> bool,
    ) -> Result<(), RunError> {
        let fence = index.fence(block);
        let damaged = |damage| self.file.damaged(fence.offset, damage);
        let contradiction = || {
            damaged(RunDamage::Contradiction {
                part: RunPart::Block,
            })
        };
        let bytes = buffer.get_mut(..fence.length as usize);
        let bytes = bytes.ok_or_else(contradiction)?;
        self.file.read(bytes, fence.offset)?;
        let groups = groups_of(bytes).ok_or_else(|| {
            damaged(RunDamage::Checksum {
                part: RunPart::Block,
            })
        })?;
        let mut cursor = BlockCursor::new(self.footer.covered.first);
        let mut next = || cursor.next(groups).map_err(|Malformed| contradiction());
        let first = next()?;
        // A block from elsewhere has a right checksum too.
        if first != Some(fence.first) {
            return Err(contradiction());
        }
        let mut posting = first;
        while let Some((key, word)) = posting {
            if !each(key, word) {
                break;
            }
            posting = next()?;
        }
        Ok(())
    }

    /// Appends the words of a key in a range that come last, at most `limit`, the greatest first.
    fn read_descending(
        &self,
        section: Section,
        key: u128,
        words: &std::ops::RangeInclusive<u64>,
        limit: usize,
        out: &mut Vec<(Sequence, Role)>,
    ) -> Result<(), RunError> {
        let Some(index) = self.section(section).filter(|index| index.spans(key)) else {
            return Ok(());
        };
        let mut next = index.block_of((key, *words.end()));
        let mut buffer = [0; BLOCK_BYTES_MAX];
        let mut left = limit;
        let mut found = Vec::new();
        while let Some(block) = next.filter(|_| left > 0) {
            found.clear();
            self.visit_block(index, block, &mut buffer, |posted, word| {
                if posted == key && words.contains(&word) {
                    found.push(word);
                }
                (posted, word) < (key, *words.end())
            })?;
            let wanted = found.iter().rev().take(left);
            out.extend(wanted.map(|&word| (sequence_of(word), role_of(word))));
            left = left.saturating_sub(found.len());
            // A block that begins with an earlier posting has all that come after it.
            next = (index.fence(block).first > (key, *words.start()))
                .then(|| block.checked_sub(1))
                .flatten();
        }
        Ok(())
    }
}

impl Postings for Run {
    fn newest(
        &self,
        section: Section,
        key: u128,
        through: Sequence,
    ) -> Result<Option<(Sequence, Role)>, RunError> {
        if !self.maybe(section, key) {
            return Ok(None);
        }
        let Some(index) = self.section(section) else {
            return Ok(None);
        };
        let end = (key, word_through(through));
        let Some(block) = index.block_of(end) else {
            return Ok(None);
        };
        let mut newest = None;
        let mut buffer = [0; BLOCK_BYTES_MAX];
        self.visit_block(index, block, &mut buffer, |posted, word| {
            let is_within = (posted, word) <= end;
            if is_within && posted == key {
                newest = Some((sequence_of(word), role_of(word)));
            }
            is_within
        })?;
        Ok(newest)
    }

    fn read(
        &self,
        section: Section,
        key: u128,
        from: Sequence,
        through: Sequence,
        direction: Direction,
        limit: usize,
        out: &mut Vec<(Sequence, Role)>,
    ) -> Result<(), RunError> {
        if limit == 0 || from > through || !self.maybe(section, key) {
            return Ok(());
        }
        let before = from.get().checked_sub(1).map(Sequence::new);
        let start = before.map_or(0, |before| word_through(before) + 1);
        let words = start..=word_through(through);
        if direction == Direction::Descending {
            return self.read_descending(section, key, &words, limit, out);
        }
        let full = out.len().saturating_add(limit);
        self.visit(section, key, words, |word| {
            out.push((sequence_of(word), role_of(word)));
            out.len() < full
        })
    }
}

const fn place(section: Section) -> usize {
    section.number() as usize - 1
}

/// A file, the footer at its end, and its length.
fn open_footer(vfs: &Arc<dyn Vfs>, path: &Path) -> Result<(RunFile, Footer, u64), RunError> {
    let opened = vfs.open(path).map_err(|source| RunError::Read {
        file: path.to_owned(),
        offset: 0,
        source,
    })?;
    let file = RunFile {
        path: path.to_owned(),
        file: opened,
    };
    let length = file.file.length();
    let length = length.map_err(|source| file.unreadable(0, source))?;
    let shortest = FOOTER_BYTES as u64;
    let Some(footer_at) = length.checked_sub(shortest) else {
        return Err(file.damaged(0, wrong_length(length, shortest)));
    };
    let mut bytes = [0; FOOTER_BYTES];
    file.read(&mut bytes, footer_at)?;
    let footer = Footer::read(&bytes).map_err(|damage| file.damaged(footer_at, damage))?;
    Ok((file, footer, length))
}

const fn wrong_length(found: u64, expected: u64) -> RunDamage {
    RunDamage::Length { found, expected }
}

fn read_index(file: &RunFile, footer: &Footer, footer_at: u64) -> Result<Index, RunError> {
    let mut bytes = vec![0; (footer_at - footer.content_bytes) as usize];
    file.read(&mut bytes, footer.content_bytes)?;
    let damaged = |damage| file.damaged(footer.content_bytes, damage);
    if crc32fast::hash(&bytes) != footer.index_crc {
        return Err(damaged(RunDamage::Checksum {
            part: RunPart::Index,
        }));
    }
    let (blocks, sections) = (footer.block_count, footer.section_count);
    Index::read(&bytes, blocks, sections, footer.content_bytes).map_err(damaged)
}

fn read_filter(file: &RunFile, entry: &FilterEntry) -> Result<KeyFilter, RunError> {
    let mut memory = Filter::memory(&entry.shape);
    let fingerprints = &mut memory[..entry.shape.bytes()];
    file.read(fingerprints, entry.offset)?;
    if crc32fast::hash(fingerprints) != entry.crc {
        let part = RunPart::Filter;
        return Err(file.damaged(entry.offset, RunDamage::Checksum { part }));
    }
    Ok(KeyFilter {
        first_key: entry.first_key,
        last_key: entry.last_key,
        filter: Filter::new(entry.shape, memory),
    })
}

#[cfg(test)]
mod tests;
