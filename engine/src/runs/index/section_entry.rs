//! The section table: what is there of each section that has postings, in the order of their
//! numbers.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 1 | section | 1 transfer, 2 update, 3 account, 4 account change, 5 group, 6 pending, 7 reverses, 8 reference, 9 user data 128, 10 user data 64 |
//! | 1 | 7 | reserved | 0 |
//! | 8 | 8 | block count | at least 1 |
//! | 16 | 8 | filter count | |
//! | 24 | 8 | posting count | |
//! | 32 | 8 | key count | different ones |
//! | 40 | 16 | last key | |
//! | 56 | 8 | last word | |
//! | 64 | 16 | reserved | 0 |

use super::super::{RunDamage, Section};
use super::{CONTRADICTION, field};

pub(in super::super) const SECTION_ENTRY_BYTES: usize = 80;

/// A row of the section table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) struct SectionEntry {
    pub(in super::super) section: Section,
    pub(in super::super) blocks: u64,
    pub(in super::super) filters: u64,
    pub(in super::super) postings: u64,
    pub(in super::super) keys: u64,
    pub(in super::super) last: (u128, u64),
}

impl SectionEntry {
    pub(in super::super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend([self.section.number()]);
        bytes.extend([0; 7]);
        for count in [self.blocks, self.filters, self.postings, self.keys] {
            bytes.extend(count.to_le_bytes());
        }
        bytes.extend(self.last.0.to_le_bytes());
        bytes.extend(self.last.1.to_le_bytes());
        bytes.extend([0; 16]);
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, RunDamage> {
        if bytes[1..8]
            .iter()
            .chain(&bytes[64..])
            .any(|&byte| byte != 0)
        {
            return Err(RunDamage::Reserved);
        }
        let u64_at = |at| u64::from_le_bytes(field(bytes, at));
        let section = Section::ALL
            .into_iter()
            .find(|section| section.number() == bytes[0])
            .ok_or(CONTRADICTION)?;
        Ok(Self {
            section,
            blocks: u64_at(8),
            filters: u64_at(16),
            postings: u64_at(24),
            keys: u64_at(32),
            last: (u128::from_le_bytes(field(bytes, 40)), u64_at(56)),
        })
    }
}
