//! Sealed segments: finished parts of the journal, compact, indexed and checked block by block.
//!
//! | part | bytes | what it is |
//! | --- | --- | --- |
//! | frames | F | the frames of the segment, byte for byte, without padding |
//! | positions | 8 × ⌈events / 64⌉ | of every 64th event from the segment's first: offset of its frame in the file, offset of the event in the payload (4 bytes each) |
//! | block checksums | 4 × ⌈F / 16 Ki⌉ | CRC-32 of each 16 KiB of the frames; the last block may be shorter |
//! | zone map | Z | see [`super::zone`] |
//! | footer | 176 | below |
//!
//! The footer, at the end of the file:
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 4 | magic | `PACS` |
//! | 4 | 2 | format version | 1 |
//! | 6 | 2 | reserved | 0 |
//! | 8 | 16 | database id | |
//! | 24 | 16 | epoch | |
//! | 40 | 8 | segment number | |
//! | 48 | 8 | segment salt | |
//! | 56 | 8 | first sequence | of the first event; of the next one to come if there is none |
//! | 64 | 8 | event count | |
//! | 72 | 8 | frame count | at least 1 |
//! | 80 | 8 | frames length | F |
//! | 88 | 8 | zone map length | Z |
//! | 96 | 4 | sections' CRC | CRC-32 over positions, block checksums and zone map |
//! | 100 | 32 | previous hash | the hash of the last frame of the segment before |
//! | 132 | 32 | last hash | the hash of the last frame of this one |
//! | 164 | 8 | reserved | 0 |
//! | 172 | 4 | CRC | CRC-32 over bytes 0 … 171 of the footer |

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::Sequence;

use super::frame::{FORMAT_VERSION, FrameHash};
use super::index::{Segment, SegmentKind};
use super::positions::{EVENTS_PER_POSITION, Position};
use super::zone::ZoneMap;
use crate::vfs::Vfs;

const MAGIC: [u8; 4] = *b"PACS";
const VERSION_AT: usize = 4;
const RESERVED_AT: usize = VERSION_AT + 2;
const DATABASE_AT: usize = RESERVED_AT + 2;
const EPOCH_AT: usize = DATABASE_AT + 16;
const SEGMENT_AT: usize = EPOCH_AT + 16;
const SALT_AT: usize = SEGMENT_AT + 8;
const FIRST_SEQUENCE_AT: usize = SALT_AT + 8;
const EVENT_COUNT_AT: usize = FIRST_SEQUENCE_AT + 8;
const FRAME_COUNT_AT: usize = EVENT_COUNT_AT + 8;
const FRAMES_BYTES_AT: usize = FRAME_COUNT_AT + 8;
const ZONE_BYTES_AT: usize = FRAMES_BYTES_AT + 8;
const SECTIONS_CRC_AT: usize = ZONE_BYTES_AT + 8;
const PREVIOUS_HASH_AT: usize = SECTIONS_CRC_AT + 4;
const LAST_HASH_AT: usize = PREVIOUS_HASH_AT + 32;
const RESERVED_TAIL_AT: usize = LAST_HASH_AT + 32;
const CRC_AT: usize = RESERVED_TAIL_AT + 8;
/// The length of the footer.
pub(super) const FOOTER_BYTES: usize = CRC_AT + 4;

/// How many bytes of the frames share a checksum.
pub(super) const CHECKED_BLOCK_BYTES: usize = 16 << 10;

/// The footer of a sealed segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Footer {
    pub(crate) database: u128,
    pub(crate) epoch: u128,
    pub(crate) segment: u64,
    pub(crate) salt: u64,
    pub(crate) first_sequence: Sequence,
    pub(crate) event_count: u64,
    pub(crate) frame_count: u64,
    pub(crate) frames_bytes: u64,
    pub(crate) zone_bytes: u64,
    pub(crate) sections_crc: u32,
    pub(crate) previous_hash: FrameHash,
    pub(crate) last_hash: FrameHash,
}

/// Why a file is not a sealed segment of this format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// Too short or too long for what its footer says.
    #[error("the file has {found} bytes instead of {expected}")]
    Length {
        /// The length of the file.
        found: u64,
        /// The length that the footer demands, or the shortest possible one.
        expected: u64,
    },
    /// It does not end as a sealed segment does.
    #[error("the file does not end with a footer")]
    NoFooter,
    /// Another version of Pacioli wrote it.
    #[error("the segment has format version {found}; this build reads version {supported}")]
    UnknownVersion {
        /// The version in the footer.
        found: u16,
        /// The version of this build.
        supported: u16,
    },
    /// The footer is damaged.
    #[error("the footer's CRC-32 does not match its bytes")]
    FooterChecksum,
    /// Positions, checksums or zone map are damaged.
    #[error("the CRC-32 of the index does not match its bytes")]
    SectionsChecksum,
    /// A block of frames is damaged.
    #[error("the CRC-32 of block {block} does not match its bytes")]
    BlockChecksum {
        /// The block, counted from 0.
        block: u64,
    },
    /// A reserved field is in use.
    #[error("a reserved field of the footer is not zero")]
    Reserved,
    /// The footer and the frames tell different stories.
    #[error("the footer does not agree with the frames in front of it")]
    Contradiction,
}

impl Footer {
    pub(super) fn write(&self) -> [u8; FOOTER_BYTES] {
        let mut bytes = [0; FOOTER_BYTES];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, &MAGIC);
        put(VERSION_AT, &FORMAT_VERSION.to_le_bytes());
        put(DATABASE_AT, &self.database.to_le_bytes());
        put(EPOCH_AT, &self.epoch.to_le_bytes());
        put(SEGMENT_AT, &self.segment.to_le_bytes());
        put(SALT_AT, &self.salt.to_le_bytes());
        put(FIRST_SEQUENCE_AT, &self.first_sequence.get().to_le_bytes());
        put(EVENT_COUNT_AT, &self.event_count.to_le_bytes());
        put(FRAME_COUNT_AT, &self.frame_count.to_le_bytes());
        put(FRAMES_BYTES_AT, &self.frames_bytes.to_le_bytes());
        put(ZONE_BYTES_AT, &self.zone_bytes.to_le_bytes());
        put(SECTIONS_CRC_AT, &self.sections_crc.to_le_bytes());
        put(PREVIOUS_HASH_AT, &self.previous_hash);
        put(LAST_HASH_AT, &self.last_hash);
        let crc = crc32fast::hash(&bytes[..CRC_AT]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8; FOOTER_BYTES]) -> Result<Self, SealedError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(SealedError::NoFooter);
        }
        let version = u16::from_le_bytes(array(bytes, VERSION_AT));
        if version != FORMAT_VERSION {
            return Err(SealedError::UnknownVersion {
                found: version,
                supported: FORMAT_VERSION,
            });
        }
        if crc32fast::hash(&bytes[..CRC_AT]).to_le_bytes() != bytes[CRC_AT..] {
            return Err(SealedError::FooterChecksum);
        }
        let u64_at = |at| u64::from_le_bytes(array(bytes, at));
        if array(bytes, RESERVED_AT) != [0; 2] || u64_at(RESERVED_TAIL_AT) != 0 {
            return Err(SealedError::Reserved);
        }
        Ok(Self {
            database: u128::from_le_bytes(array(bytes, DATABASE_AT)),
            epoch: u128::from_le_bytes(array(bytes, EPOCH_AT)),
            segment: u64_at(SEGMENT_AT),
            salt: u64_at(SALT_AT),
            first_sequence: Sequence::new(u64_at(FIRST_SEQUENCE_AT)),
            event_count: u64_at(EVENT_COUNT_AT),
            frame_count: u64_at(FRAME_COUNT_AT),
            frames_bytes: u64_at(FRAMES_BYTES_AT),
            zone_bytes: u64_at(ZONE_BYTES_AT),
            sections_crc: u32::from_le_bytes(array(bytes, SECTIONS_CRC_AT)),
            previous_hash: array(bytes, PREVIOUS_HASH_AT),
            last_hash: array(bytes, LAST_HASH_AT),
        })
    }

    const fn position_count(&self) -> u64 {
        self.event_count.div_ceil(EVENTS_PER_POSITION)
    }

    const fn block_count(&self) -> u64 {
        self.frames_bytes.div_ceil(CHECKED_BLOCK_BYTES as u64)
    }

    /// The length of what lies between the frames and the footer, if it can be.
    pub(super) fn sections_bytes(&self) -> Option<u64> {
        let positions = self.position_count().checked_mul(8)?;
        let blocks = self.block_count().checked_mul(4)?;
        positions.checked_add(blocks)?.checked_add(self.zone_bytes)
    }

    /// The length that the file must have.
    pub(crate) fn file_bytes(&self) -> Option<u64> {
        self.frames_bytes
            .checked_add(self.sections_bytes()?)?
            .checked_add(FOOTER_BYTES as u64)
    }
}

fn array<const N: usize>(bytes: &[u8; FOOTER_BYTES], at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the fields of a footer lie inside it")
}

/// What lies between the frames and the footer, in memory for as long as the journal is open.
///
/// Positions take one bit an event, and checksums 4 bytes for 16 KiB of frames: at 80 bytes an
/// event, which is what a plain transfer takes, 0.16 bits an event. A zone map is a few KiB a
/// segment at most. So a past transfer takes 1.2 bits here, a tenth of what its id takes in the
/// filters of the runs, and any event is found without reading an index from disk first.
#[derive(Debug)]
pub(super) struct Sections {
    first_sequence: Sequence,
    event_count: u64,
    positions: Vec<(u32, u32)>,
    block_checksums: Vec<u32>,
    zone: ZoneMap,
}

impl Sections {
    /// Reads the bytes between frames and footer, whose checksum the footer holds.
    pub(super) fn read(footer: &Footer, bytes: &[u8]) -> Result<Self, SealedError> {
        if crc32fast::hash(bytes) != footer.sections_crc {
            return Err(SealedError::SectionsChecksum);
        }
        let (positions, rest) = usize::try_from(footer.position_count() * 8)
            .ok()
            .and_then(|length| bytes.split_at_checked(length))
            .ok_or(SealedError::Contradiction)?;
        let (blocks, zone) = usize::try_from(footer.block_count() * 4)
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(SealedError::Contradiction)?;
        let u32_of = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes"));
        Ok(Self {
            first_sequence: footer.first_sequence,
            event_count: footer.event_count,
            positions: positions
                .chunks_exact(8)
                .map(|pair| (u32_of(&pair[..4]), u32_of(&pair[4..])))
                .collect(),
            block_checksums: blocks.chunks_exact(4).map(u32_of).collect(),
            zone: ZoneMap::read(zone).ok_or(SealedError::Contradiction)?,
        })
    }

    /// What the segment can hold at all.
    pub(super) fn zone(&self) -> &ZoneMap {
        &self.zone
    }

    /// The nearest position at or before an event, if the event is in the segment.
    pub(super) fn find(&self, sequence: Sequence) -> Option<Position> {
        let after_first = sequence.get().checked_sub(self.first_sequence.get())?;
        if after_first >= self.event_count {
            return None;
        }
        let index = after_first / EVENTS_PER_POSITION;
        let &(frame, item) = self.positions.get(usize::try_from(index).ok()?)?;
        Some(Position {
            sequence: Sequence::new(self.first_sequence.get() + index * EVENTS_PER_POSITION),
            frame,
            item,
        })
    }

    /// Whether a block of the frames is as it was written.
    pub(super) fn check_block(&self, block: u64, bytes: &[u8]) -> Result<(), SealedError> {
        let expected = usize::try_from(block)
            .ok()
            .and_then(|block| self.block_checksums.get(block));
        if expected != Some(&crc32fast::hash(bytes)) {
            return Err(SealedError::BlockChecksum { block });
        }
        Ok(())
    }
}

/// A sealed file whose footer and index verified. Its frames are verified as they are read.
///
/// The file is not open any more: a journal may have more of them than a process may have files.
#[derive(Debug)]
pub(crate) struct SealedFile {
    path: PathBuf,
    sections: Sections,
}

impl SealedFile {
    /// Opens the sealed file of a segment and reads what lies behind its frames.
    pub(crate) fn open(
        vfs: &Arc<dyn Vfs>,
        path: &Path,
        number: u64,
    ) -> io::Result<Result<(Footer, Self), SealedError>> {
        let file = vfs.open(path)?;
        let length = file.length()?;
        let shortest = FOOTER_BYTES as u64;
        let Some(footer_at) = length.checked_sub(shortest) else {
            return Ok(Err(SealedError::Length {
                found: length,
                expected: shortest,
            }));
        };
        let mut bytes = [0; FOOTER_BYTES];
        file.read_at(&mut bytes, footer_at)?;
        let footer = match Footer::read(&bytes) {
            Ok(footer) => footer,
            Err(error) => return Ok(Err(error)),
        };
        if footer.file_bytes() != Some(length) {
            return Ok(Err(SealedError::Length {
                found: length,
                expected: footer.file_bytes().unwrap_or(u64::MAX),
            }));
        }
        if footer.segment != number || footer.frame_count == 0 {
            return Ok(Err(SealedError::Contradiction));
        }
        let mut bytes = vec![0; (footer_at - footer.frames_bytes) as usize];
        file.read_at(&mut bytes, footer.frames_bytes)?;
        Ok(Sections::read(&footer, &bytes).map(|sections| {
            let path = path.to_owned();
            let sealed = Self { path, sections };
            (footer, sealed)
        }))
    }

    /// What the footer of the sealed file of a segment says.
    pub(crate) fn footer(
        vfs: &Arc<dyn Vfs>,
        dir: &Path,
        number: u64,
    ) -> io::Result<Result<Footer, SealedError>> {
        let opened = Self::open(vfs, &super::names::sealed(dir, number), number)?;
        Ok(opened.map(|(footer, _)| footer))
    }

    /// The segment for readers.
    pub(super) fn into_segment(self, footer: &Footer) -> Segment {
        Segment {
            number: footer.segment,
            first_sequence: footer.first_sequence,
            path: self.path,
            file_bytes: footer.file_bytes().expect("checked when it was opened"),
            kind: SegmentKind::Sealed {
                sections: self.sections,
                frames_bytes: footer.frames_bytes,
            },
        }
    }
}

#[cfg(test)]
mod tests;
