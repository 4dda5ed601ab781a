//! Fences: where each block begins, and with which posting.
//!
//! There is one for each block, in the order of the file:
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 16 | first key | of the block |
//! | 16 | 8 | first word | of the block, see [blocks](#blocks) |
//! | 24 | 8 | offset | of the block in the file |
//! | 32 | 4 | length | of the block, its checksum included |

use super::field;

pub(in super::super) const FENCE_BYTES: usize = 36;

/// Where a block begins, and with which posting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) struct Fence {
    pub(in super::super) first: (u128, u64),
    pub(in super::super) offset: u64,
    pub(in super::super) length: u32,
}

impl Fence {
    pub(in super::super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.first.0.to_le_bytes());
        bytes.extend(self.first.1.to_le_bytes());
        bytes.extend(self.offset.to_le_bytes());
        bytes.extend(self.length.to_le_bytes());
    }

    pub(super) fn read(bytes: &[u8]) -> Self {
        Self {
            first: (
                u128::from_le_bytes(field(bytes, 0)),
                u64::from_le_bytes(field(bytes, 16)),
            ),
            offset: u64::from_le_bytes(field(bytes, 24)),
            length: u32::from_le_bytes(field(bytes, 32)),
        }
    }
}
