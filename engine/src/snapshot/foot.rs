//! The foot of a snapshot's file, at its end.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 4 | magic | `PACB` |
//! | 4 | 2 | format version | 1 |
//! | 6 | 1 | last frame | kind of the last frame: 1 events, 2 mark, 3 end |
//! | 7 | 1 | reserved | 0 |
//! | 8 | 16 | database id | |
//! | 24 | 16 | epoch | of the last frame |
//! | 40 | 8 | sequence | of the last event in it |
//! | 48 | 8 | time | journal time at the last frame's closing |
//! | 56 | 8 | newest account | the newest timestamp of an account |
//! | 64 | 8 | newest transfer | the newest timestamp of a transfer |
//! | 72 | 8 | transfers | created so far |
//! | 80 | 8 | segment number | the sealed segment with which it ends |
//! | 88 | 32 | last hash | of that segment's last frame |
//! | 120 | 8 | journal bytes | of the sealed segments up to that one |
//! | 128 | 96 | sections | of each kind of block, from 1 to 6: bytes (8), entries (8) |
//! | 224 | 32 | digest | of the state, in its canonical order |
//! | 256 | 8 | reserved | 0 |
//! | 264 | 4 | CRC | CRC-32 over bytes 0 … 263 |

use ledger_core::{Sequence, Standing, Timestamp};

use super::block::KINDS;
use super::error::SnapshotDamage;
use super::head::{HEAD_BYTES, check_begin, put_begin};
use crate::journal::{FrameHash, FrameKind};

const KIND_AT: usize = 6;
const RESERVED_AT: usize = KIND_AT + 1;
const DATABASE_AT: usize = RESERVED_AT + 1;
const EPOCH_AT: usize = DATABASE_AT + 16;
const SEQUENCE_AT: usize = EPOCH_AT + 16;
const TIME_AT: usize = SEQUENCE_AT + 8;
const NEWEST_ACCOUNT_AT: usize = TIME_AT + 8;
const NEWEST_TRANSFER_AT: usize = NEWEST_ACCOUNT_AT + 8;
const TRANSFERS_AT: usize = NEWEST_TRANSFER_AT + 8;
const SEGMENT_AT: usize = TRANSFERS_AT + 8;
const LAST_HASH_AT: usize = SEGMENT_AT + 8;
const JOURNAL_BYTES_AT: usize = LAST_HASH_AT + 32;
const SECTIONS_AT: usize = JOURNAL_BYTES_AT + 8;
const DIGEST_AT: usize = SECTIONS_AT + 16 * KINDS;
const RESERVED_TAIL_AT: usize = DIGEST_AT + 32;
const CRC_AT: usize = RESERVED_TAIL_AT + 8;
/// The length of the foot.
pub(super) const FOOT_BYTES: usize = CRC_AT + 4;

/// What the file says of one kind of its blocks.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Section {
    pub(super) bytes: u64,
    pub(super) entries: u64,
}

/// Where in the journal a snapshot stands: always at the end of a sealed segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// The database.
    pub(crate) database: u128,
    /// The epoch of the last frame.
    pub(crate) epoch: u128,
    /// The sealed segment with which it ends.
    pub(crate) segment: u64,
    /// The hash of that segment's last frame.
    pub(crate) hash: FrameHash,
    /// What that frame is for.
    pub(crate) last_frame: FrameKind,
    /// The length of the sealed segments up to that one.
    pub(crate) journal_bytes: u64,
}

/// The foot of a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Foot {
    pub(super) place: Place,
    pub(super) standing: Standing,
    pub(super) sections: [Section; KINDS],
    pub(super) digest: [u8; 32],
}

impl Foot {
    pub(super) fn write(&self) -> [u8; FOOT_BYTES] {
        let mut bytes = [0; FOOT_BYTES];
        let (place, standing) = (&self.place, &self.standing);
        put_begin(&mut bytes);
        bytes[KIND_AT] = place.last_frame as u8;
        put(&mut bytes, DATABASE_AT, &place.database.to_le_bytes());
        put(&mut bytes, EPOCH_AT, &place.epoch.to_le_bytes());
        let numbers = [
            (SEQUENCE_AT, standing.sequence.get()),
            (TIME_AT, standing.time.get()),
            (NEWEST_ACCOUNT_AT, standing.newest_account.get()),
            (NEWEST_TRANSFER_AT, standing.newest_transfer.get()),
            (TRANSFERS_AT, standing.transfers),
            (SEGMENT_AT, place.segment),
            (JOURNAL_BYTES_AT, place.journal_bytes),
        ];
        for (at, number) in numbers {
            put(&mut bytes, at, &number.to_le_bytes());
        }
        put(&mut bytes, LAST_HASH_AT, &place.hash);
        for (index, section) in self.sections.iter().enumerate() {
            let at = SECTIONS_AT + 16 * index;
            put(&mut bytes, at, &section.bytes.to_le_bytes());
            put(&mut bytes, at + 8, &section.entries.to_le_bytes());
        }
        put(&mut bytes, DIGEST_AT, &self.digest);
        let crc = crc32fast::hash(&bytes[..CRC_AT]);
        put(&mut bytes, CRC_AT, &crc.to_le_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8; FOOT_BYTES]) -> Result<Self, SnapshotDamage> {
        check_begin(bytes, CRC_AT)?;
        let u64_at = |at| u64::from_le_bytes(array(bytes, at));
        if bytes[RESERVED_AT] != 0 || u64_at(RESERVED_TAIL_AT) != 0 {
            return Err(SnapshotDamage::Reserved);
        }
        let last_frame = FrameKind::from_number(bytes[KIND_AT]).ok_or(SnapshotDamage::Reserved)?;
        let mut sections = [Section::default(); KINDS];
        for (index, section) in sections.iter_mut().enumerate() {
            let at = SECTIONS_AT + 16 * index;
            section.bytes = u64_at(at);
            section.entries = u64_at(at + 8);
        }
        Ok(Self {
            place: Place {
                database: u128::from_le_bytes(array(bytes, DATABASE_AT)),
                epoch: u128::from_le_bytes(array(bytes, EPOCH_AT)),
                segment: u64_at(SEGMENT_AT),
                hash: array(bytes, LAST_HASH_AT),
                last_frame,
                journal_bytes: u64_at(JOURNAL_BYTES_AT),
            },
            standing: Standing {
                sequence: Sequence::new(u64_at(SEQUENCE_AT)),
                time: Timestamp::new(u64_at(TIME_AT)),
                newest_account: Timestamp::new(u64_at(NEWEST_ACCOUNT_AT)),
                newest_transfer: Timestamp::new(u64_at(NEWEST_TRANSFER_AT)),
                transfers: u64_at(TRANSFERS_AT),
            },
            sections,
            digest: array(bytes, DIGEST_AT),
        })
    }

    /// The length that the file must have, if it can be.
    pub(super) fn file_bytes(&self) -> Option<u64> {
        let ends = (HEAD_BYTES + FOOT_BYTES) as u64;
        let add = |sum: u64, section: &Section| sum.checked_add(section.bytes);
        self.sections.iter().try_fold(ends, add)
    }
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the fields of a foot lie inside it")
}

#[cfg(test)]
mod tests;
