//! Reading a section from its first posting to its last: to merge it and to audit it.

use std::ops::Range;

use super::block::{BlockCursor, Malformed, groups_of, posting, sequence_of};
use super::group::Group;
use super::index::{Fence, SectionIndex};
use super::{Posting, Run, RunDamage, RunError, RunPart, Section};

/// How much one read takes in, unless a single block is longer.
const READ_BYTES: u64 = 128 << 10;

const CONTRADICTION: RunDamage = RunDamage::Contradiction {
    part: RunPart::Block,
};

/// The postings of a section in order.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    run: &'a Run,
    index: Option<&'a SectionIndex>,
    /// The block that is read next.
    next_block: usize,
    /// Some blocks that lie one behind the other, and where in the file they do.
    buffer: Vec<u8>,
    buffer_at: u64,
    /// Where in the buffer the groups of the current block are.
    groups: Range<usize>,
    cursor: BlockCursor,
    group: Span,
    failed: bool,
}

/// A [`Group`] in the buffer of a scan.
#[derive(Clone, Default, Debug)]
struct Span {
    key: u128,
    first: u64,
    last: u64,
    count: u32,
    distances: Range<usize>,
}

impl Run {
    /// The postings of a section in order, each block verified as it is reached.
    pub(crate) fn scan(&self, section: Section) -> Scan<'_> {
        Scan {
            run: self,
            index: self.section(section),
            next_block: 0,
            buffer: Vec::new(),
            buffer_at: 0,
            groups: 0..0,
            cursor: BlockCursor::new(self.covered().first),
            group: Span::default(),
            failed: false,
        }
    }

    /// Reads every block and checks that postings ascend, that they are within what the run
    /// covers, that they are as many as the index says, and that no filter denies one of them.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(crate) fn verify_all(&self) -> Result<(), RunError> {
        for section in Section::ALL {
            self.verify_section(section)?;
        }
        Ok(())
    }

    fn verify_section(&self, section: Section) -> Result<(), RunError> {
        let covered = self.covered();
        let mut scan = self.scan(section);
        let mut before = None;
        let (mut postings, mut keys) = (0_u64, 0_u64);
        while let Some((key, word)) = scan.next_word()? {
            let is_new = before.is_none_or(|(before, _)| before != key);
            let sequence = sequence_of(word);
            let is_sound = before < Some((key, word))
                && (covered.first..=covered.last).contains(&sequence)
                && (!is_new || self.maybe(section, key));
            if !is_sound {
                return Err(scan.damaged(CONTRADICTION));
            }
            before = Some((key, word));
            postings += 1;
            keys += u64::from(is_new);
        }
        let Some(index) = self.section(section) else {
            return Ok(());
        };
        let entry = &index.entry;
        if (postings, keys, before) != (entry.postings, entry.keys, Some(entry.last)) {
            return Err(scan.damaged(CONTRADICTION));
        }
        Ok(())
    }
}

impl Scan<'_> {
    /// The next posting's key and word.
    #[inline]
    pub(super) fn next_word(&mut self) -> Result<Option<(u128, u64)>, RunError> {
        loop {
            let groups = &self.buffer[self.groups.clone()];
            match self.cursor.next(groups) {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(Malformed) => return Err(self.damaged(CONTRADICTION)),
            }
            if !self.begin_block()? {
                return Ok(None);
            }
        }
    }

    /// Goes on to the next group; whether there is one. A scan reads either groups or postings.
    #[inline]
    pub(super) fn advance(&mut self) -> Result<bool, RunError> {
        loop {
            let groups = &self.buffer[self.groups.clone()];
            match self.cursor.next_group(groups) {
                Ok(Some(group)) if !self.follows(&group) => {
                    return Err(self.damaged(CONTRADICTION));
                }
                Ok(Some(group)) => {
                    let end = self.groups.start + self.cursor.at();
                    self.group = Span {
                        key: group.key,
                        first: group.first,
                        last: group.last,
                        count: group.count,
                        distances: end - group.distances.len()..end,
                    };
                    return Ok(true);
                }
                Ok(None) => {}
                Err(Malformed) => return Err(self.damaged(CONTRADICTION)),
            }
            if !self.begin_block()? {
                return Ok(false);
            }
        }
    }

    /// Whether a group may come after the one that was read last: what is merged must ascend, and
    /// stay within what the run covers, so that it ascends with what other runs have of the key.
    #[inline]
    fn follows(&self, group: &Group<'_>) -> bool {
        let (covered, before) = (self.run.covered(), &self.group);
        let ascends = before.count == 0 || (group.key, group.first) > (before.key, before.last);
        ascends
            && sequence_of(group.first) >= covered.first
            && sequence_of(group.last) <= covered.last
    }

    /// The key of the group that [`Scan::advance`] went to.
    pub(super) const fn key(&self) -> u128 {
        self.group.key
    }

    /// The group that [`Scan::advance`] went to.
    #[inline]
    pub(super) fn group(&self) -> Group<'_> {
        let group = &self.group;
        Group {
            key: group.key,
            first: group.first,
            last: group.last,
            count: group.count,
            distances: &self.buffer[group.distances.clone()],
        }
    }

    /// Goes on to the next block, if there is one.
    fn begin_block(&mut self) -> Result<bool, RunError> {
        let Some(index) = self.index.filter(|i| self.next_block < i.blocks()) else {
            return Ok(false);
        };
        let fence = index.fence(self.next_block);
        if fence.offset + u64::from(fence.length) > self.buffer_at + self.buffer.len() as u64 {
            self.fill(index, &fence)?;
        }
        let from = (fence.offset - self.buffer_at) as usize;
        let block = &self.buffer[from..from + fence.length as usize];
        self.next_block += 1;
        let Some(groups) = groups_of(block) else {
            let part = RunPart::Block;
            return Err(self.damaged(RunDamage::Checksum { part }));
        };
        self.groups = from..from + groups.len();
        self.cursor = BlockCursor::new(self.run.covered().first);
        let mut ahead = self.cursor;
        let first = ahead.next(groups);
        if first != Ok(Some(fence.first)) {
            return Err(self.damaged(CONTRADICTION));
        }
        Ok(true)
    }

    /// Reads a block and those right behind it.
    fn fill(&mut self, index: &SectionIndex, first: &Fence) -> Result<(), RunError> {
        let mut end = first.offset + u64::from(first.length);
        for block in self.next_block + 1..index.blocks() {
            let fence = index.fence(block);
            let next = end + u64::from(fence.length);
            if fence.offset != end || next - first.offset > READ_BYTES {
                break;
            }
            end = next;
        }
        self.groups = 0..0;
        self.buffer.resize((end - first.offset) as usize, 0);
        self.buffer_at = first.offset;
        self.run.file().read(&mut self.buffer, first.offset)
    }

    /// Says that the block that was begun last is wrong.
    fn damaged(&self, damage: RunDamage) -> RunError {
        let block = self.next_block.saturating_sub(1);
        let fence = self
            .index
            .filter(|i| block < i.blocks())
            .map(|i| i.fence(block));
        let offset = fence.map_or(0, |fence| fence.offset);
        self.run.file().damaged(offset, damage)
    }
}

impl Iterator for Scan<'_> {
    type Item = Result<Posting, RunError>;

    /// Ends after the first error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_word();
        self.failed = next.is_err();
        next.map(|found| found.map(|(key, word)| posting(key, word)))
            .transpose()
    }
}
