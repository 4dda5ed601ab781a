//! Blocks: some postings of a section, compressed together and read as one.
//!
//! A block is a row of groups and, in its last four bytes, the CRC-32 of what is before them. A
//! group holds postings of one key:
//!
//! | bytes | field | what it is |
//! | --- | --- | --- |
//! | 1 | tag | bits 0 … 4: how many bytes of the key are shared; bits 5 … 7: postings, or 0 |
//! | 16 − shared | key | its lower bytes, the highest first; the others are those of the group before |
//! | 1 … 5 | count | of postings, if the tag says 0: 8 or more |
//! | 1 … 10 | first word | its distance from the last word before: 0, 1, 2, 3 … for the same, one less, one more, two less … |
//! | 1 … 10 each | more words | the distance of each from the one before; never 0 |
//!
//! A word is a posting's sequence times four, plus its role. In front of the first group the last
//! word is that of the run's first sequence, and nothing is shared. Numbers are in base 128, lowest
//! digit first, the highest bit of a byte saying that another digit follows.

use ledger_core::Sequence;

use super::group::{Group, read_words};
use super::number::{self, NUMBER_BYTES_MAX};
use super::{Posting, Role};

/// No block is longer, its checksum included.
pub(super) const BLOCK_BYTES_MAX: usize = 8 << 10;
/// What lies behind the groups.
pub(super) const BLOCK_CRC_BYTES: usize = 4;

const BODY_BYTES_MAX: usize = BLOCK_BYTES_MAX - BLOCK_CRC_BYTES;
const SHARED_BITS: u32 = 5;
const SHARED_MASK: u8 = (1 << SHARED_BITS) - 1;
const COUNT_IN_TAG_MAX: u32 = 7;
const KEY_BYTES: usize = 16;
/// Tag, key, count and first word of a group at their longest.
const HEAD_BYTES_MAX: usize = 1 + KEY_BYTES + 5 + NUMBER_BYTES_MAX;
/// Room behind the end, so that a key can be copied and read whole.
const SLACK_BYTES: usize = KEY_BYTES;

/// A posting's sequence and role in one number that sorts as they do.
pub(super) const fn word(sequence: Sequence, role: Role) -> u64 {
    sequence.get() << Role::BITS | role.bits() as u64
}

/// The greatest word of a sequence.
pub(super) const fn word_through(sequence: Sequence) -> u64 {
    let greatest = u64::MAX >> Role::BITS;
    let sequence = if sequence.get() < greatest {
        sequence.get()
    } else {
        greatest
    };
    sequence << Role::BITS | ((1 << Role::BITS) - 1)
}

pub(super) const fn sequence_of(word: u64) -> Sequence {
    Sequence::new(word >> Role::BITS)
}

pub(super) const fn role_of(word: u64) -> Role {
    Role::from_bits(word.to_le_bytes()[0])
}

pub(super) const fn posting(key: u128, word: u64) -> Posting {
    Posting {
        key,
        sequence: sequence_of(word),
        role: role_of(word),
    }
}

/// The distance from one word to another as a number that is small in either direction: 0, 1, 2,
/// 3, 4 … stand for nothing, one down, one up, two down, two up …
const fn distance(from: u64, to: u64) -> u64 {
    let up = to.wrapping_sub(from);
    let is_down = up >> 63;
    up.wrapping_shl(1) ^ 0_u64.wrapping_sub(is_down)
}

/// The word at a distance from another.
const fn at_distance(from: u64, distance: u64) -> u64 {
    let is_down = distance & 1;
    from.wrapping_add(distance >> 1 ^ 0_u64.wrapping_sub(is_down))
}

/// Gathers postings in ascending order into a block.
#[derive(Debug)]
pub(super) struct BlockBuilder {
    bytes: Box<[u8; BLOCK_BYTES_MAX + SLACK_BYTES]>,
    length: usize,
    /// The last word of the run before its first event.
    base: u64,
    first: (u128, u64),
    /// The last group in `bytes`: its key and its last word.
    before: (u128, u64),
    group: Growing,
}

/// The group that is being gathered.
#[derive(Debug)]
struct Growing {
    key: u128,
    first: u64,
    last: u64,
    count: u32,
    /// As in a [`Group`].
    distances: Box<[u8; BLOCK_BYTES_MAX]>,
    length: usize,
}

/// Whether postings found room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Room {
    Taken,
    /// The block is to be finished first.
    Full,
}

impl BlockBuilder {
    /// Begins blocks of a run whose first event is `first`.
    pub(super) fn new(first: Sequence) -> Self {
        let base = word(first, Role::from_bits(0));
        Self {
            bytes: Box::new([0; BLOCK_BYTES_MAX + SLACK_BYTES]),
            length: 0,
            base,
            first: (0, 0),
            before: (0, base),
            group: Growing {
                key: 0,
                first: 0,
                last: 0,
                count: 0,
                distances: Box::new([0; BLOCK_BYTES_MAX]),
                length: 0,
            },
        }
    }

    /// Whether nothing was put in since the last block.
    pub(super) const fn is_empty(&self) -> bool {
        self.group.count == 0
    }

    /// The first posting of the block.
    pub(super) const fn first(&self) -> (u128, u64) {
        self.first
    }

    /// Whether `words` more postings of another key surely fit.
    pub(super) const fn has_room_for(&self, words: usize) -> bool {
        self.length + self.group_bytes_max() + HEAD_BYTES_MAX + words * NUMBER_BYTES_MAX
            <= BODY_BYTES_MAX
    }

    const fn group_bytes_max(&self) -> usize {
        HEAD_BYTES_MAX + self.group.length
    }

    /// A posting of this key, which is not below the last one, surely fits if its further
    /// distances take so many bytes; nothing if none fits.
    #[inline]
    pub(super) fn room_for(&self, key: u128) -> Option<usize> {
        let group = &self.group;
        let taken = match group.count {
            0 => HEAD_BYTES_MAX,
            _ if group.key == key => self.length + self.group_bytes_max() + NUMBER_BYTES_MAX,
            _ => self.length + self.group_bytes_max() + HEAD_BYTES_MAX,
        };
        BODY_BYTES_MAX.checked_sub(taken)
    }

    /// Takes postings that come after all others, all of them or none.
    #[inline]
    pub(super) fn push(&mut self, new: &Group<'_>) -> Room {
        if self
            .room_for(new.key)
            .is_none_or(|room| new.distances.len() > room)
        {
            return Room::Full;
        }
        let group = &mut self.group;
        if group.count > 0 && group.key == new.key {
            debug_assert!(new.first > group.last, "postings ascend");
            let further = new.first - group.last;
            number::put(&mut group.distances[..], &mut group.length, further);
            group.count += new.count;
        } else {
            if group.count == 0 {
                self.first = (new.key, new.first);
            } else {
                debug_assert!(new.key > group.key, "postings ascend");
                self.end_group();
            }
            let group = &mut self.group;
            group.key = new.key;
            group.first = new.first;
            group.count = new.count;
            group.length = 0;
        }
        let group = &mut self.group;
        group.last = new.last;
        let end = group.length + new.distances.len();
        group.distances[group.length..end].copy_from_slice(new.distances);
        group.length = end;
        Room::Taken
    }

    fn end_group(&mut self) {
        let group = &self.group;
        let (before_key, before_word) = self.before;
        let shared = match self.length {
            0 => 0,
            _ => (before_key ^ group.key).leading_zeros() / 8,
        };
        let tag_at = self.length;
        let key = (group.key << (8 * shared)).to_be_bytes();
        let mut at = tag_at + 1;
        self.bytes[at..at + KEY_BYTES].copy_from_slice(&key);
        at += KEY_BYTES - shared as usize;
        let in_tag = match group.count {
            count @ 1..=COUNT_IN_TAG_MAX => count,
            count => {
                number::put(&mut self.bytes[..], &mut at, u64::from(count));
                0
            }
        };
        self.bytes[tag_at] = (shared | in_tag << SHARED_BITS).to_le_bytes()[0];
        let first = distance(before_word, group.first);
        number::put(&mut self.bytes[..], &mut at, first);
        self.bytes[at..at + group.length].copy_from_slice(&group.distances[..group.length]);
        self.length = at + group.length;
        self.before = (group.key, group.last);
    }

    /// The bytes of the block. The next one begins empty once [`BlockBuilder::clear`] was called.
    pub(super) fn finish(&mut self) -> &[u8] {
        if self.group.count > 0 {
            self.end_group();
        }
        let crc = crc32fast::hash(&self.bytes[..self.length]);
        let end = self.length + BLOCK_CRC_BYTES;
        self.bytes[self.length..end].copy_from_slice(&crc.to_le_bytes());
        &self.bytes[..end]
    }

    /// Begins another block.
    pub(super) fn clear(&mut self) {
        self.length = 0;
        self.before = (0, self.base);
        self.group.count = 0;
        self.group.length = 0;
    }
}

/// What a block cannot be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Malformed;

/// The groups of a block, if its checksum is right.
pub(super) fn groups_of(block: &[u8]) -> Option<&[u8]> {
    let (groups, crc) = block.split_last_chunk::<BLOCK_CRC_BYTES>()?;
    (crc32fast::hash(groups) == u32::from_le_bytes(*crc)).then_some(groups)
}

/// Where a reader of a block's groups is. It never panics, whatever the bytes are.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockCursor {
    at: usize,
    key: u128,
    word: u64,
    /// Postings of the group that are still to come.
    left: u64,
}

impl BlockCursor {
    /// In front of a block of a run whose first event is `first`.
    pub(super) const fn new(first: Sequence) -> Self {
        Self {
            at: 0,
            key: 0,
            word: word(first, Role::from_bits(0)),
            left: 0,
        }
    }

    /// Where the next thing is read.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The next posting of the block with these groups: its key and its word.
    #[inline]
    pub(super) fn next(&mut self, groups: &[u8]) -> Result<Option<(u128, u64)>, Malformed> {
        if self.left > 0 {
            let further = number::read(groups, &mut self.at)?;
            let word = self.word.checked_add(further).filter(|_| further > 0);
            self.word = word.ok_or(Malformed)?;
        } else {
            let Some(&tag) = groups.get(self.at) else {
                return Ok(None);
            };
            self.begin_group(groups, tag)?;
        }
        self.left -= 1;
        Ok(Some((self.key, self.word)))
    }

    /// The next group, of which nothing was read yet.
    #[inline]
    pub(super) fn next_group<'g>(
        &mut self,
        groups: &'g [u8],
    ) -> Result<Option<Group<'g>>, Malformed> {
        debug_assert_eq!(self.left, 0, "groups are read whole or posting by posting");
        let Some(&tag) = groups.get(self.at) else {
            return Ok(None);
        };
        self.begin_group(groups, tag)?;
        let count = u32::try_from(std::mem::take(&mut self.left)).map_err(|_| Malformed)?;
        let (first, from) = (self.word, self.at);
        (self.word, self.at) = read_words(groups, from, first, u64::from(count))?;
        Ok(Some(Group {
            key: self.key,
            first,
            last: self.word,
            count,
            distances: &groups[from..self.at],
        }))
    }

    #[inline]
    fn begin_group(&mut self, groups: &[u8], tag: u8) -> Result<(), Malformed> {
        let is_first = self.at == 0;
        let shared = usize::from(tag & SHARED_MASK);
        if shared >= KEY_BYTES || (shared > 0 && is_first) {
            return Err(Malformed);
        }
        self.at += 1;
        let kept = match shared {
            0 => 0,
            _ => self.key & !(u128::MAX >> (8 * shared)),
        };
        let lower = self.key_bytes(groups, KEY_BYTES - shared)? >> (8 * shared);
        let key = kept | lower;
        if key <= self.key && !is_first {
            return Err(Malformed);
        }
        self.key = key;
        self.left = match tag >> SHARED_BITS {
            0 => number::read(groups, &mut self.at)?,
            count => u64::from(count),
        };
        if self.left == 0 {
            return Err(Malformed);
        }
        self.word = at_distance(self.word, number::read(groups, &mut self.at)?);
        Ok(())
    }

    /// The next bytes as the highest ones of a number.
    #[inline]
    fn key_bytes(&mut self, groups: &[u8], length: usize) -> Result<u128, Malformed> {
        let rest = &groups[self.at..];
        let part = rest.get(..length).ok_or(Malformed)?;
        self.at += length;
        // Mostly there are sixteen bytes to load at once; what is too much is shifted out.
        if let Some(bytes) = rest.first_chunk() {
            return Ok(u128::from_be_bytes(*bytes));
        }
        let mut bytes = [0; KEY_BYTES];
        bytes[..length].copy_from_slice(part);
        Ok(u128::from_be_bytes(bytes))
    }
}

#[cfg(test)]
mod tests;
