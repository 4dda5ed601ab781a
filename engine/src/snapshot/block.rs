//! Blocks: the entries of a snapshot between its head and its foot.
//!
//! Blocks of one kind stand together, kind after kind, in the order of their numbers. A block ends
//! with the entry that brings it to 64 KiB.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 1 | kind | see below |
//! | 1 | 3 | reserved | 0 |
//! | 4 | 4 | entries | at least 1 |
//! | 8 | 4 | length | of the entries, at most 66 KiB |
//! | 12 | 4 | CRC | CRC-32 over bytes 0 … 11 and the entries |
//! | 16 | … | entries | see [`super::entry`] |
//!
//! | kind | entries |
//! | --- | --- |
//! | 1 | epochs |
//! | 2 | names |
//! | 3 | ledgers |
//! | 4 | accounts |
//! | 5 | open holds |
//! | 6 | groups (reserved) |

use super::error::SnapshotDamage;

/// How many kinds of blocks the foot has room for.
pub(super) const KINDS: usize = 6;

/// What the entries of a block are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub(super) enum Kind {
    Epochs = 1,
    Names = 2,
    Ledgers = 3,
    Accounts = 4,
    Holds = 5,
    /// Only in files that are gone when the snapshot is finished.
    Changes = 127,
}

impl Kind {
    /// The place of this kind among the sections.
    pub(super) const fn index(self) -> usize {
        self as usize - 1
    }
}

const RESERVED_AT: usize = 1;
const ENTRIES_AT: usize = RESERVED_AT + 3;
const LENGTH_AT: usize = ENTRIES_AT + 4;
const CRC_AT: usize = LENGTH_AT + 4;
/// The length of what stands in front of the entries.
pub(super) const BLOCK_HEAD_BYTES: usize = CRC_AT + 4;

/// A block ends with the entry that brings it to this length.
pub(super) const BLOCK_BYTES: usize = 64 << 10;
/// The longest block.
const BLOCK_BYTES_MAX: usize = 66 << 10;

/// Gathers the entries of one block behind room for its head.
#[derive(Debug)]
pub(super) struct BlockBuilder {
    kind: Kind,
    bytes: Vec<u8>,
    entries: u32,
}

impl BlockBuilder {
    pub(super) fn new(kind: Kind) -> Self {
        let mut bytes = Vec::with_capacity(BLOCK_HEAD_BYTES + BLOCK_BYTES_MAX);
        bytes.resize(BLOCK_HEAD_BYTES, 0);
        Self {
            kind,
            bytes,
            entries: 0,
        }
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Adds an entry, as `put` writes it behind the others; whether the block is full with it.
    pub(super) fn add(&mut self, put: impl FnOnce(&mut Vec<u8>)) -> bool {
        put(&mut self.bytes);
        self.entries += 1;
        self.bytes.len() >= BLOCK_HEAD_BYTES + BLOCK_BYTES
    }

    /// The finished block and the number of its entries; nothing if it has none.
    pub(super) fn finish(&mut self) -> Option<(&[u8], u32)> {
        if self.entries == 0 {
            return None;
        }
        let length = self.bytes.len() - BLOCK_HEAD_BYTES;
        assert!(length <= BLOCK_BYTES_MAX, "an entry is at most 2 KiB long");
        self.bytes[0] = self.kind as u8;
        self.bytes[ENTRIES_AT..LENGTH_AT].copy_from_slice(&self.entries.to_le_bytes());
        self.bytes[LENGTH_AT..CRC_AT].copy_from_slice(&(length as u32).to_le_bytes());
        let crc = checksum(&self.bytes);
        self.bytes[CRC_AT..BLOCK_HEAD_BYTES].copy_from_slice(&crc.to_le_bytes());
        Some((&self.bytes, self.entries))
    }

    /// Begins the next block of the same kind, in the same memory.
    pub(super) fn clear(&mut self) {
        self.bytes.truncate(BLOCK_HEAD_BYTES);
        self.entries = 0;
    }
}

fn checksum(block: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&block[..CRC_AT]);
    crc.update(&block[BLOCK_HEAD_BYTES..]);
    crc.finalize()
}

/// How long a block is, by its head, which is not believed any further.
pub(super) fn block_bytes(head: &[u8; BLOCK_HEAD_BYTES]) -> Result<usize, SnapshotDamage> {
    let length = u32_at(head, LENGTH_AT) as usize;
    if length == 0 || length > BLOCK_BYTES_MAX {
        return Err(SnapshotDamage::Checksum);
    }
    Ok(BLOCK_HEAD_BYTES + length)
}

/// Checks a whole block of this kind; the number of its entries.
pub(super) fn check_block(block: &[u8], kind: Kind) -> Result<u32, SnapshotDamage> {
    if checksum(block) != u32_at(block, CRC_AT) {
        return Err(SnapshotDamage::Checksum);
    }
    if block[RESERVED_AT..ENTRIES_AT] != [0; 3] {
        return Err(SnapshotDamage::Reserved);
    }
    let entries = u32_at(block, ENTRIES_AT);
    if block[0] != kind as u8 || entries == 0 {
        return Err(SnapshotDamage::Counts);
    }
    Ok(entries)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let field = bytes[at..at + 4].try_into();
    u32::from_le_bytes(field.expect("the fields of a block's head lie inside it"))
}
