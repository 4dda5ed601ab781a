//! Frames: what one group commit writes.
//!
//! A frame is a header, a payload and, in an active segment only, zeros up to the next multiple of
//! 4 KiB, so that no acknowledged byte shares a block with a later write. All numbers are little
//! endian.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 4 | magic | `PACF` |
//! | 4 | 2 | format version | 1 |
//! | 6 | 1 | kind | 1 events, 2 mark, 3 end, 4 membership (reserved) |
//! | 7 | 1 | reserved | 0 |
//! | 8 | 4 | payload length | without padding |
//! | 12 | 4 | event count | events in the payload |
//! | 16 | 16 | database id | random, for the life of the database |
//! | 32 | 16 | epoch | random, since the last restore |
//! | 48 | 8 | segment number | 1, 2, 3 … |
//! | 56 | 8 | segment salt | random, the same in all frames of a segment |
//! | 64 | 8 | first sequence | of the first event; of the next one to come if there is none |
//! | 72 | 8 | base time | no event's time is below it |
//! | 80 | 8 | close time | journal time at closing: ≥ every time that a decision here used |
//! | 88 | 8 | committed up to | the newest event known to be durable at closing |
//! | 96 | 8 | term | 0 on one node |
//! | 104 | 4 | request count | requests in the payload |
//! | 108 | 32 | previous hash | the hash of the frame before this one; zeros before the first |
//! | 140 | 32 | hash | BLAKE3-256 over bytes 0 … 139 and the payload |
//! | 172 | 4 | CRC | CRC-32 (ISO-HDLC) over bytes 0 … 171 and the payload |
//! | 176 | … | payload | see [`super::request`] and [`super::event`] |
//!
//! The CRC finds torn and rotten bytes. Salt and chain find old, swapped, foreign, missing and
//! edited frames.

use ledger_core::{Sequence, Timestamp};

/// The BLAKE3-256 of a frame.
pub type FrameHash = [u8; 32];

/// The version of the format that this build writes, and the only one it reads.
pub const FORMAT_VERSION: u16 = 1;

/// Frames in an active segment begin at multiples of this, the device's unit of writing.
pub const BLOCK_BYTES: usize = 4096;

const MAGIC: [u8; 4] = *b"PACF";
const VERSION_AT: usize = 4;
const KIND_AT: usize = VERSION_AT + 2;
const PAYLOAD_BYTES_AT: usize = KIND_AT + 2;
const EVENT_COUNT_AT: usize = PAYLOAD_BYTES_AT + 4;
const DATABASE_AT: usize = EVENT_COUNT_AT + 4;
const EPOCH_AT: usize = DATABASE_AT + 16;
const SEGMENT_AT: usize = EPOCH_AT + 16;
const SALT_AT: usize = SEGMENT_AT + 8;
const FIRST_SEQUENCE_AT: usize = SALT_AT + 8;
const BASE_TIME_AT: usize = FIRST_SEQUENCE_AT + 8;
const CLOSE_TIME_AT: usize = BASE_TIME_AT + 8;
const COMMITTED_AT: usize = CLOSE_TIME_AT + 8;
const TERM_AT: usize = COMMITTED_AT + 8;
const REQUEST_COUNT_AT: usize = TERM_AT + 8;
const PREVIOUS_HASH_AT: usize = REQUEST_COUNT_AT + 4;
const HASH_AT: usize = PREVIOUS_HASH_AT + 32;
const CRC_AT: usize = HASH_AT + 32;

/// The length of a frame's header.
pub const HEADER_BYTES: usize = CRC_AT + 4;

/// What a frame is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FrameKind {
    /// What was decided, or the time at which something without an event was.
    Events = 1,
    /// Follows the last frame of a burst and proves that this one was whole.
    Mark = 2,
    /// The process ended cleanly after this.
    End = 3,
}

impl FrameKind {
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Events),
            2 => Some(Self::Mark),
            3 => Some(Self::End),
            _ => None,
        }
    }
}

/// Why bytes are not a frame of this format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// No frame begins here.
    #[error("no frame begins here")]
    NoMagic,
    /// The frame is longer than what is there.
    #[error("the frame is cut short")]
    Truncated,
    /// Another version of Pacioli wrote it.
    #[error("the frame has format version {found}; this build reads version {supported}")]
    UnknownVersion {
        /// The version in the frame.
        found: u16,
        /// The version of this build.
        supported: u16,
    },
    /// A kind of frame that this version does not have.
    #[error("the frame is of kind {found}, which format version {version} does not have")]
    UnknownKind {
        /// The kind in the frame.
        found: u8,
        /// The version of this build.
        version: u16,
    },
    /// The checksum does not fit the bytes.
    #[error("the frame's CRC-32 does not match its bytes")]
    Checksum,
    /// The hash does not fit the bytes, though the checksum does.
    #[error("the frame's BLAKE3 hash does not match its bytes")]
    Hash,
    /// A reserved field is in use.
    #[error("a reserved field of the frame is not zero")]
    Reserved,
}

/// The header of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FrameHeader {
    /// What the frame is for.
    pub kind: FrameKind,
    /// The length of the payload, without padding.
    pub payload_bytes: u32,
    /// Events in the payload.
    pub event_count: u32,
    /// The database.
    pub database: u128,
    /// The epoch.
    pub epoch: u128,
    /// The number of the segment that holds the frame.
    pub segment: u64,
    /// The salt of that segment.
    pub salt: u64,
    /// The sequence of the first event, or of the next one to come.
    pub first_sequence: Sequence,
    /// No event's time is below it.
    pub base_time: Timestamp,
    /// The journal time at closing.
    pub close_time: Timestamp,
    /// The newest event known to be durable at closing.
    pub committed: Sequence,
    /// The term; zero on one node.
    pub term: u64,
    /// Requests in the payload.
    pub request_count: u32,
    /// The hash of the frame before.
    pub previous_hash: FrameHash,
    /// The hash of this frame. Filled in by `seal`.
    pub hash: FrameHash,
}

impl FrameHeader {
    /// Computes hash and checksum and gives the header's bytes.
    pub(super) fn seal(&mut self, payload: &[u8]) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, &MAGIC);
        put(VERSION_AT, &FORMAT_VERSION.to_le_bytes());
        put(KIND_AT, &[self.kind as u8]);
        put(PAYLOAD_BYTES_AT, &self.payload_bytes.to_le_bytes());
        put(EVENT_COUNT_AT, &self.event_count.to_le_bytes());
        put(DATABASE_AT, &self.database.to_le_bytes());
        put(EPOCH_AT, &self.epoch.to_le_bytes());
        put(SEGMENT_AT, &self.segment.to_le_bytes());
        put(SALT_AT, &self.salt.to_le_bytes());
        put(FIRST_SEQUENCE_AT, &self.first_sequence.get().to_le_bytes());
        put(BASE_TIME_AT, &self.base_time.get().to_le_bytes());
        put(CLOSE_TIME_AT, &self.close_time.get().to_le_bytes());
        put(COMMITTED_AT, &self.committed.get().to_le_bytes());
        put(TERM_AT, &self.term.to_le_bytes());
        put(REQUEST_COUNT_AT, &self.request_count.to_le_bytes());
        put(PREVIOUS_HASH_AT, &self.previous_hash);
        self.hash = hash(&bytes, payload);
        bytes[HASH_AT..CRC_AT].copy_from_slice(&self.hash);
        let crc = checksum(&bytes, payload);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// How long the payload behind a header claims to be. It may not be believed before
    /// [`verify`] has accepted the whole.
    pub(super) fn read_payload_bytes(bytes: &[u8; HEADER_BYTES]) -> Result<u32, FrameError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(FrameError::NoMagic);
        }
        let version = u16::from_le_bytes(array(bytes, VERSION_AT));
        // There is no version 0: this is a header that was torn after its magic.
        if version == 0 {
            return Err(FrameError::NoMagic);
        }
        if version != FORMAT_VERSION {
            return Err(FrameError::UnknownVersion {
                found: version,
                supported: FORMAT_VERSION,
            });
        }
        Ok(u32::from_le_bytes(array(bytes, PAYLOAD_BYTES_AT)))
    }

    /// Reads a header that [`verify`] has accepted.
    pub(super) fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, FrameError> {
        let payload_bytes = Self::read_payload_bytes(bytes)?;
        let u32_at = |at| u32::from_le_bytes(array(bytes, at));
        let u64_at = |at| u64::from_le_bytes(array(bytes, at));
        let u128_at = |at| u128::from_le_bytes(array(bytes, at));
        let kind = FrameKind::from_number(bytes[KIND_AT]).ok_or(FrameError::UnknownKind {
            found: bytes[KIND_AT],
            version: FORMAT_VERSION,
        })?;
        if bytes[KIND_AT + 1] != 0 {
            return Err(FrameError::Reserved);
        }
        Ok(Self {
            kind,
            payload_bytes,
            event_count: u32_at(EVENT_COUNT_AT),
            database: u128_at(DATABASE_AT),
            epoch: u128_at(EPOCH_AT),
            segment: u64_at(SEGMENT_AT),
            salt: u64_at(SALT_AT),
            first_sequence: Sequence::new(u64_at(FIRST_SEQUENCE_AT)),
            base_time: Timestamp::new(u64_at(BASE_TIME_AT)),
            close_time: Timestamp::new(u64_at(CLOSE_TIME_AT)),
            committed: Sequence::new(u64_at(COMMITTED_AT)),
            term: u64_at(TERM_AT),
            request_count: u32_at(REQUEST_COUNT_AT),
            previous_hash: array(bytes, PREVIOUS_HASH_AT),
            hash: array(bytes, HASH_AT),
        })
    }

    /// Header and payload together.
    #[must_use]
    pub fn frame_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.payload_bytes)
    }

    /// What the frame takes in an active segment.
    #[must_use]
    pub fn padded_bytes(&self) -> u64 {
        self.frame_bytes().next_multiple_of(BLOCK_BYTES as u64)
    }

    /// The sequence after the last event of the frame.
    pub(crate) fn next_sequence(&self) -> Option<Sequence> {
        let next = self.first_sequence.get();
        next.checked_add(u64::from(self.event_count))
            .map(Sequence::new)
    }
}

/// Whether the checksum and the hash of a frame are those of its bytes.
pub(super) fn verify(header: &[u8; HEADER_BYTES], payload: &[u8]) -> Result<(), FrameError> {
    if checksum(header, payload).to_le_bytes() != header[CRC_AT..] {
        return Err(FrameError::Checksum);
    }
    if hash(header, payload) != header[HASH_AT..CRC_AT] {
        return Err(FrameError::Hash);
    }
    Ok(())
}

fn hash(header: &[u8; HEADER_BYTES], payload: &[u8]) -> FrameHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&header[..HASH_AT]);
    hasher.update(payload);
    hasher.finalize().into()
}

fn checksum(header: &[u8; HEADER_BYTES], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&header[..CRC_AT]);
    hasher.update(payload);
    hasher.finalize()
}

fn array<const N: usize>(bytes: &[u8; HEADER_BYTES], at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the fields of a header lie inside it")
}

#[cfg(test)]
mod tests;
