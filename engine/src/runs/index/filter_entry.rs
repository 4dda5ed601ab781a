//! The filter table: where each filter is and what it looks like, in the order of the file.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 16 | first key | that it holds |
//! | 16 | 16 | last key | that it holds; no other filter of the section holds one between |
//! | 32 | 8 | offset | of the fingerprints or blocks in the file |
//! | 40 | 8 | seed | of the places |
//! | 48 | 8 | key count | |
//! | 56 | 4 | segments | where a key may begin; there are three more. If it is blocked: blocks |
//! | 60 | 1 | segment bits | a segment has two to the power of this many places. If it is blocked: 0 |
//! | 61 | 1 | width | bits of a fingerprint, 4 … 16; 28 for a blocked filter |
//! | 62 | 6 | reserved | 0 |
//! | 68 | 4 | CRC | CRC-32 over the fingerprints, or over the blocks |

use super::super::RunDamage;
use super::super::filter::Shape;
use super::{CONTRADICTION, field};

pub(in super::super) const FILTER_ENTRY_BYTES: usize = 72;

/// A row of the filter table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) struct FilterEntry {
    pub(in super::super) first_key: u128,
    pub(in super::super) last_key: u128,
    pub(in super::super) offset: u64,
    pub(in super::super) keys: u64,
    pub(in super::super) shape: Shape,
    pub(in super::super) crc: u32,
}

impl FilterEntry {
    pub(in super::super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.first_key.to_le_bytes());
        bytes.extend(self.last_key.to_le_bytes());
        bytes.extend(self.offset.to_le_bytes());
        bytes.extend(self.shape.seed.to_le_bytes());
        bytes.extend(self.keys.to_le_bytes());
        bytes.extend(self.shape.segments.to_le_bytes());
        bytes.extend([self.shape.segment_bits, self.shape.width]);
        bytes.extend([0; 6]);
        bytes.extend(self.crc.to_le_bytes());
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, RunDamage> {
        if bytes[62..68].iter().any(|&byte| byte != 0) {
            return Err(RunDamage::Reserved);
        }
        let u64_at = |at| u64::from_le_bytes(field(bytes, at));
        let entry = Self {
            first_key: u128::from_le_bytes(field(bytes, 0)),
            last_key: u128::from_le_bytes(field(bytes, 16)),
            offset: u64_at(32),
            keys: u64_at(48),
            shape: Shape {
                seed: u64_at(40),
                segments: u32::from_le_bytes(field(bytes, 56)),
                segment_bits: bytes[60],
                width: bytes[61],
            },
            crc: u32::from_le_bytes(field(bytes, 68)),
        };
        if !entry.shape.is_sound() || entry.first_key > entry.last_key {
            return Err(CONTRADICTION);
        }
        Ok(entry)
    }
}
