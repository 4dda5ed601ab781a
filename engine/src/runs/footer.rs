//! The end of a run: what it covers, and where its parts are.
//!
//! | part | bytes | what it is |
//! | --- | --- | --- |
//! | blocks and filters | B | the blocks of a section in order, section after section; a filter lies behind the blocks whose keys it holds |
//! | fences | 36 × blocks | of each block |
//! | section table | 80 × sections | of those that have postings |
//! | filter table | 72 × filters | of each filter |
//! | footer | 208 | below |
//!
//! The footer, at the end of the file:
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 4 | magic | `PACR` |
//! | 4 | 2 | format version | 1 |
//! | 6 | 1 | tier | 0 for the run of a single segment, one more for each merge of a tier |
//! | 7 | 1 | reserved | 0 |
//! | 8 | 16 | database id | |
//! | 24 | 16 | epoch | of the last segment |
//! | 40 | 8 | first segment | whose events are in it |
//! | 48 | 8 | last segment | |
//! | 56 | 32 | last hash | the hash of the last frame of the last segment |
//! | 88 | 8 | first sequence | |
//! | 96 | 8 | last sequence | |
//! | 104 | 16 | hash seeds | random; from them follow the hashes of the keys in the filters |
//! | 120 | 8 | blocks and filters length | B |
//! | 128 | 8 | block count | |
//! | 136 | 8 | filter count | |
//! | 144 | 1 | section count | of those that have postings |
//! | 145 | 7 | reserved | 0 |
//! | 152 | 4 | index CRC | CRC-32 over fences, section table and filter table |
//! | 156 | 48 | reserved | 0 |
//! | 204 | 4 | CRC | CRC-32 over bytes 0 … 203 of the footer |

use std::ops::RangeInclusive;

use ledger_core::Sequence;

use super::filter::KeyHasher;
use super::index::{FENCE_BYTES, FILTER_ENTRY_BYTES, SECTION_ENTRY_BYTES};
use super::{RunDamage, RunPart};

const MAGIC: [u8; 4] = *b"PACR";
/// The version of the format that this build writes, and the only one that it reads.
pub(super) const RUN_VERSION: u16 = 1;
const VERSION_AT: usize = 4;
const TIER_AT: usize = VERSION_AT + 2;
const DATABASE_AT: usize = TIER_AT + 2;
const EPOCH_AT: usize = DATABASE_AT + 16;
const FIRST_SEGMENT_AT: usize = EPOCH_AT + 16;
const LAST_SEGMENT_AT: usize = FIRST_SEGMENT_AT + 8;
const LAST_HASH_AT: usize = LAST_SEGMENT_AT + 8;
const FIRST_SEQUENCE_AT: usize = LAST_HASH_AT + 32;
const LAST_SEQUENCE_AT: usize = FIRST_SEQUENCE_AT + 8;
const SEEDS_AT: usize = LAST_SEQUENCE_AT + 8;
const CONTENT_BYTES_AT: usize = SEEDS_AT + 16;
const BLOCK_COUNT_AT: usize = CONTENT_BYTES_AT + 8;
const FILTER_COUNT_AT: usize = BLOCK_COUNT_AT + 8;
const SECTION_COUNT_AT: usize = FILTER_COUNT_AT + 8;
const INDEX_CRC_AT: usize = SECTION_COUNT_AT + 8;
const RESERVED_AT: usize = INDEX_CRC_AT + 4;
const CRC_AT: usize = RESERVED_AT + 48;
/// The length of the footer.
pub(super) const FOOTER_BYTES: usize = CRC_AT + 4;

/// Which part of which journal a run covers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Covered {
    pub(crate) database: u128,
    /// Of the last segment.
    pub(crate) epoch: u128,
    pub(crate) segments: RangeInclusive<u64>,
    /// The hash of the last frame of the last segment.
    pub(crate) last_hash: [u8; 32],
    pub(crate) first: Sequence,
    pub(crate) last: Sequence,
}

/// The footer of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Footer {
    pub(super) covered: Covered,
    pub(super) tier: u8,
    pub(super) hasher: KeyHasher,
    pub(super) content_bytes: u64,
    pub(super) block_count: u64,
    pub(super) filter_count: u64,
    pub(super) section_count: u8,
    pub(super) index_crc: u32,
}

impl Footer {
    pub(super) fn write(&self) -> [u8; FOOTER_BYTES] {
        let mut bytes = [0; FOOTER_BYTES];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        let covered = &self.covered;
        put(0, &MAGIC);
        put(VERSION_AT, &RUN_VERSION.to_le_bytes());
        put(TIER_AT, &[self.tier]);
        put(DATABASE_AT, &covered.database.to_le_bytes());
        put(EPOCH_AT, &covered.epoch.to_le_bytes());
        put(FIRST_SEGMENT_AT, &covered.segments.start().to_le_bytes());
        put(LAST_SEGMENT_AT, &covered.segments.end().to_le_bytes());
        put(LAST_HASH_AT, &covered.last_hash);
        put(FIRST_SEQUENCE_AT, &covered.first.get().to_le_bytes());
        put(LAST_SEQUENCE_AT, &covered.last.get().to_le_bytes());
        put(SEEDS_AT, &self.hasher.0[0].to_le_bytes());
        put(SEEDS_AT + 8, &self.hasher.0[1].to_le_bytes());
        put(CONTENT_BYTES_AT, &self.content_bytes.to_le_bytes());
        put(BLOCK_COUNT_AT, &self.block_count.to_le_bytes());
        put(FILTER_COUNT_AT, &self.filter_count.to_le_bytes());
        put(SECTION_COUNT_AT, &[self.section_count]);
        put(INDEX_CRC_AT, &self.index_crc.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..CRC_AT]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8; FOOTER_BYTES]) -> Result<Self, RunDamage> {
        if bytes[..4] != MAGIC {
            return Err(RunDamage::NoFooter);
        }
        let crc = u32::from_le_bytes(field(bytes, CRC_AT));
        if crc32fast::hash(&bytes[..CRC_AT]) != crc {
            return Err(RunDamage::Checksum {
                part: RunPart::Footer,
            });
        }
        let found = u16::from_le_bytes(field(bytes, VERSION_AT));
        if found != RUN_VERSION {
            return Err(RunDamage::UnknownVersion {
                found,
                supported: RUN_VERSION,
            });
        }
        let reserved = [
            TIER_AT + 1..DATABASE_AT,
            SECTION_COUNT_AT + 1..INDEX_CRC_AT,
            RESERVED_AT..CRC_AT,
        ];
        if reserved.into_iter().flatten().any(|at| bytes[at] != 0) {
            return Err(RunDamage::Reserved);
        }
        let u64_at = |at| u64::from_le_bytes(field(bytes, at));
        let u128_at = |at| u128::from_le_bytes(field(bytes, at));
        let footer = Self {
            covered: Covered {
                database: u128_at(DATABASE_AT),
                epoch: u128_at(EPOCH_AT),
                segments: u64_at(FIRST_SEGMENT_AT)..=u64_at(LAST_SEGMENT_AT),
                last_hash: field(bytes, LAST_HASH_AT),
                first: Sequence::new(u64_at(FIRST_SEQUENCE_AT)),
                last: Sequence::new(u64_at(LAST_SEQUENCE_AT)),
            },
            tier: bytes[TIER_AT],
            hasher: KeyHasher([u64_at(SEEDS_AT), u64_at(SEEDS_AT + 8)]),
            content_bytes: u64_at(CONTENT_BYTES_AT),
            block_count: u64_at(BLOCK_COUNT_AT),
            filter_count: u64_at(FILTER_COUNT_AT),
            section_count: bytes[SECTION_COUNT_AT],
            index_crc: u32::from_le_bytes(field(bytes, INDEX_CRC_AT)),
        };
        let covered = &footer.covered;
        if covered.first > covered.last
            || covered.first == Sequence::ZERO
            || covered.segments.is_empty()
        {
            return Err(RunDamage::Contradiction {
                part: RunPart::Footer,
            });
        }
        Ok(footer)
    }

    /// The length of fences and tables together, if it can be told.
    pub(super) fn index_bytes(&self) -> Option<u64> {
        let fences = self.block_count.checked_mul(FENCE_BYTES as u64)?;
        let sections = u64::from(self.section_count) * SECTION_ENTRY_BYTES as u64;
        let filters = self.filter_count.checked_mul(FILTER_ENTRY_BYTES as u64)?;
        fences.checked_add(sections)?.checked_add(filters)
    }

    /// The length of the whole file, if it can be told.
    pub(super) fn file_bytes(&self) -> Option<u64> {
        self.content_bytes
            .checked_add(self.index_bytes()?)?
            .checked_add(FOOTER_BYTES as u64)
    }
}

/// The bytes of a field.
pub(super) fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the fields lie inside what was read")
}
