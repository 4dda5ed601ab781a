//! `pacioli.meta`: what the database is, and how far its journal reaches for certain.
//!
//! A directory without it holds no database, and one that has it is never initialised over.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 4 | magic | `PACM` |
//! | 4 | 2 | format version | 1 |
//! | 6 | 2 | reserved | 0 |
//! | 8 | 16 | database id | random, for the life of the database |
//! | 24 | 16 | epoch | random, since the last restore |
//! | 40 | 8 | newest segment | the highest segment that may hold a frame; 0 before the first |
//! | 48 | 8 | last sealed segment | 0 if none is sealed |
//! | 56 | 32 | its hash | of its last frame |
//! | 88 | 8 | its last sequence | of its last event |
//! | 96 | 8 | active length | of each active segment up to the newest one; 0 before the first |
//! | 104 | 4 | CRC | CRC-32 over bytes 0 … 103 |
//!
//! It is replaced by rename: at each seal, and before a new segment may be written to. So a lost
//! last segment is noticed, whether it was sealed or not.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ledger_core::Sequence;

use super::frame::{FORMAT_VERSION, FrameHash};
use super::names;
use crate::vfs::Vfs;

const MAGIC: [u8; 4] = *b"PACM";
const VERSION_AT: usize = 4;
const RESERVED_AT: usize = VERSION_AT + 2;
const DATABASE_AT: usize = RESERVED_AT + 2;
const EPOCH_AT: usize = DATABASE_AT + 16;
const NEWEST_SEGMENT_AT: usize = EPOCH_AT + 16;
const SEALED_SEGMENT_AT: usize = NEWEST_SEGMENT_AT + 8;
const SEALED_HASH_AT: usize = SEALED_SEGMENT_AT + 8;
const SEALED_SEQUENCE_AT: usize = SEALED_HASH_AT + 32;
const ACTIVE_BYTES_AT: usize = SEALED_SEQUENCE_AT + 8;
const CRC_AT: usize = ACTIVE_BYTES_AT + 8;
pub(crate) const META_BYTES: usize = CRC_AT + 4;

/// What `pacioli.meta` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Meta {
    pub(crate) database: u128,
    pub(crate) epoch: u128,
    pub(crate) newest_segment: u64,
    pub(crate) sealed_segment: u64,
    pub(crate) sealed_hash: FrameHash,
    pub(crate) sealed_sequence: Sequence,
    pub(crate) active_bytes: u64,
}

/// Why `pacioli.meta` cannot be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetaError {
    /// Not the length of such a file.
    #[error("it has {found} bytes instead of {expected}")]
    Length {
        /// The length of the file.
        found: u64,
        /// The length of such a file.
        expected: u64,
    },
    /// It does not begin as such a file does.
    #[error("it does not begin as such a file does")]
    NoMagic,
    /// Another version of Pacioli wrote it.
    #[error("it has format version {found}; this build reads version {supported}")]
    UnknownVersion {
        /// The version in the file.
        found: u16,
        /// The version of this build.
        supported: u16,
    },
    /// The checksum does not fit the bytes.
    #[error("its CRC-32 does not match its bytes")]
    Checksum,
    /// A reserved field is in use.
    #[error("a reserved field is not zero")]
    Reserved,
}

impl Meta {
    pub(crate) fn write(&self) -> [u8; META_BYTES] {
        let mut bytes = [0; META_BYTES];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, &MAGIC);
        put(VERSION_AT, &FORMAT_VERSION.to_le_bytes());
        put(DATABASE_AT, &self.database.to_le_bytes());
        put(EPOCH_AT, &self.epoch.to_le_bytes());
        put(NEWEST_SEGMENT_AT, &self.newest_segment.to_le_bytes());
        put(SEALED_SEGMENT_AT, &self.sealed_segment.to_le_bytes());
        put(SEALED_HASH_AT, &self.sealed_hash);
        put(
            SEALED_SEQUENCE_AT,
            &self.sealed_sequence.get().to_le_bytes(),
        );
        put(ACTIVE_BYTES_AT, &self.active_bytes.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..CRC_AT]);
        bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the file from the device.
    pub(crate) fn load(vfs: &dyn Vfs, path: &Path) -> io::Result<Result<Self, MetaError>> {
        let mut device = vfs.open_device(path)?;
        let length = device.length()?;
        if length != META_BYTES as u64 {
            return Ok(Err(MetaError::Length {
                found: length,
                expected: META_BYTES as u64,
            }));
        }
        let mut bytes = [0; META_BYTES];
        device.read_at(&mut bytes, 0)?;
        Ok(Self::read(&bytes))
    }

    fn read(bytes: &[u8; META_BYTES]) -> Result<Self, MetaError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(MetaError::NoMagic);
        }
        let version = u16::from_le_bytes(array(bytes, VERSION_AT));
        if version != FORMAT_VERSION {
            return Err(MetaError::UnknownVersion {
                found: version,
                supported: FORMAT_VERSION,
            });
        }
        if crc32fast::hash(&bytes[..CRC_AT]).to_le_bytes() != bytes[CRC_AT..] {
            return Err(MetaError::Checksum);
        }
        if array(bytes, RESERVED_AT) != [0; 2] {
            return Err(MetaError::Reserved);
        }
        Ok(Self {
            database: u128::from_le_bytes(array(bytes, DATABASE_AT)),
            epoch: u128::from_le_bytes(array(bytes, EPOCH_AT)),
            newest_segment: u64::from_le_bytes(array(bytes, NEWEST_SEGMENT_AT)),
            sealed_segment: u64::from_le_bytes(array(bytes, SEALED_SEGMENT_AT)),
            sealed_hash: array(bytes, SEALED_HASH_AT),
            sealed_sequence: Sequence::new(u64::from_le_bytes(array(bytes, SEALED_SEQUENCE_AT))),
            active_bytes: u64::from_le_bytes(array(bytes, ACTIVE_BYTES_AT)),
        })
    }
}

fn array<const N: usize>(bytes: &[u8; META_BYTES], at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the fields of the meta file lie inside it")
}

/// The meta file of an open database. Several threads replace it, one at a time.
#[derive(Debug)]
pub(super) struct MetaFile {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    meta: Mutex<Meta>,
}

impl MetaFile {
    /// Stands for what was read or is about to be written.
    pub(super) fn new(vfs: Arc<dyn Vfs>, dir: &Path, meta: Meta) -> Self {
        Self {
            vfs,
            dir: dir.to_owned(),
            meta: Mutex::new(meta),
        }
    }

    pub(super) fn get(&self) -> Meta {
        *self.meta.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the file. Once this returns `Ok`, the change is durable; after an error the file
    /// is the old or the new one.
    pub(super) fn replace(&self, change: impl FnOnce(&mut Meta)) -> io::Result<()> {
        let mut meta = self.meta.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = *meta;
        change(&mut next);
        let temporary = names::meta_temporary(&self.dir);
        let file = self.vfs.create(&temporary, 0)?;
        file.write_at(&[&next.write()], 0)?;
        file.sync()?;
        self.vfs.rename(&temporary, &names::meta(&self.dir))?;
        self.vfs.sync_dir(&self.dir)?;
        *meta = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
