//! The head of a snapshot's file. Its form is the same in all versions, so that a version can be told
//! from damage.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 4 | magic | `PACB` |
//! | 4 | 2 | format version | 1 |
//! | 6 | 2 | reserved | 0 |
//! | 8 | 16 | database id | |
//! | 24 | 8 | sequence | of the last event in it |
//! | 32 | 4 | CRC | CRC-32 over bytes 0 … 31 |

use ledger_core::Sequence;

use super::error::SnapshotDamage;

/// The version of the format that this build writes, and the only one it reads.
const FORMAT_VERSION: u16 = 1;

const MAGIC: [u8; 4] = *b"PACB";
const VERSION_AT: usize = 4;
const RESERVED_AT: usize = VERSION_AT + 2;
const DATABASE_AT: usize = RESERVED_AT + 2;
const SEQUENCE_AT: usize = DATABASE_AT + 16;
const CRC_AT: usize = SEQUENCE_AT + 8;
/// The length of the head.
pub(super) const HEAD_BYTES: usize = CRC_AT + 4;

/// The head of a snapshot of this database after this event.
pub(super) fn write_head(database: u128, sequence: Sequence) -> [u8; HEAD_BYTES] {
    let mut bytes = [0; HEAD_BYTES];
    put_begin(&mut bytes);
    bytes[DATABASE_AT..SEQUENCE_AT].copy_from_slice(&database.to_le_bytes());
    bytes[SEQUENCE_AT..CRC_AT].copy_from_slice(&sequence.get().to_le_bytes());
    let crc = crc32fast::hash(&bytes[..CRC_AT]);
    bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// Whether the head is one that this build can go on from.
pub(super) fn check_head(bytes: &[u8; HEAD_BYTES]) -> Result<(), SnapshotDamage> {
    check_begin(bytes, CRC_AT)?;
    if bytes[RESERVED_AT..DATABASE_AT] != [0; 2] {
        return Err(SnapshotDamage::Reserved);
    }
    Ok(())
}

/// Writes magic and version, with which both ends of the file begin.
pub(super) fn put_begin(bytes: &mut [u8]) {
    bytes[..VERSION_AT].copy_from_slice(&MAGIC);
    bytes[VERSION_AT..RESERVED_AT].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
}

/// Checks magic, checksum and version, in this order.
pub(super) fn check_begin(bytes: &[u8], crc_at: usize) -> Result<(), SnapshotDamage> {
    if !bytes.starts_with(&MAGIC) {
        return Err(SnapshotDamage::NoMagic);
    }
    if crc32fast::hash(&bytes[..crc_at]).to_le_bytes() != bytes[crc_at..] {
        return Err(SnapshotDamage::Checksum);
    }
    let found = u16::from_le_bytes([bytes[VERSION_AT], bytes[VERSION_AT + 1]]);
    if found != FORMAT_VERSION {
        return Err(SnapshotDamage::UnknownVersion {
            found,
            supported: FORMAT_VERSION,
        });
    }
    Ok(())
}
