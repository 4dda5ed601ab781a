//! `pacioli.backup`: what a backup consists of.
//!
//! | offset | bytes | field | what it is |
//! | --- | --- | --- | --- |
//! | 0 | 4 | magic | `PACB` |
//! | 4 | 2 | format version | 1 |
//! | 6 | 2 | reserved | 0 |
//! | 8 | 16 | database id | |
//! | 24 | 16 | epoch | of the newest event |
//! | 40 | 8 | segments | the journal's segments 1 … this |
//! | 48 | 8 | sequence | the newest event |
//! | 56 | 8 | time | of the newest event |
//! | 64 | 32 | frame hash | of the last frame |
//! | 96 | 4 | file count | |
//! | 100 | 4 | reserved | 0 |
//! | 104 | … | files | each: name length (2), name, length (8), identity (32), BLAKE3-256 (32) |
//! | … | 4 | CRC | CRC-32 over everything before it |
//!
//! The identity tells files of one name apart without reading them, see [`super::identity`].

use std::io;
use std::path::Path;

use ledger_core::{Sequence, Timestamp};

use crate::vfs::Vfs;

const MAGIC: [u8; 4] = *b"PACB";
/// The version of the format that this build writes, and the only one it reads.
const FORMAT_VERSION: u16 = 1;
const VERSION_AT: usize = 4;
const RESERVED_AT: usize = VERSION_AT + 2;
const DATABASE_AT: usize = RESERVED_AT + 2;
const EPOCH_AT: usize = DATABASE_AT + 16;
const SEGMENTS_AT: usize = EPOCH_AT + 16;
const SEQUENCE_AT: usize = SEGMENTS_AT + 8;
const TIME_AT: usize = SEQUENCE_AT + 8;
const FRAME_HASH_AT: usize = TIME_AT + 8;
const FILE_COUNT_AT: usize = FRAME_HASH_AT + 32;
const RESERVED_TAIL_AT: usize = FILE_COUNT_AT + 4;
const FILES_AT: usize = RESERVED_TAIL_AT + 4;
const CRC_BYTES: usize = 4;
/// What a file takes beside its name.
const FILE_BYTES: usize = 2 + 8 + 32 + 32;

/// What a backup consists of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// The database.
    pub database: u128,
    /// The epoch of the newest event.
    pub epoch: u128,
    /// The journal's segments, from the first on.
    pub segments: u64,
    /// The newest event.
    pub sequence: Sequence,
    /// Its time.
    pub time: Timestamp,
    /// The hash of the last frame.
    pub frame_hash: [u8; 32],
    /// The files: the segments in order, then the snapshots.
    pub files: Vec<StoredFile>,
}

/// A file of a backup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredFile {
    /// Its name, without a directory.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// What tells it from another file of this name and length.
    pub identity: [u8; 32],
    /// BLAKE3-256 of its content.
    pub hash: [u8; 32],
}

/// Why a manifest cannot be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It ends too early, or too late.
    #[error("it is not as long as it says")]
    Length,
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
    /// A name is none that a file of a backup can have.
    #[error("it names a file that no backup consists of")]
    Name,
}

impl Manifest {
    /// Reads the file from the device.
    pub(crate) fn load(vfs: &dyn Vfs, path: &Path) -> io::Result<Result<Self, ManifestError>> {
        let mut device = vfs.open_device(path)?;
        let length = device.length()?;
        let Some(length) = usize::try_from(length)
            .ok()
            .filter(|&length| length < 1 << 30)
        else {
            return Ok(Err(ManifestError::Length));
        };
        let mut bytes = vec![0; length];
        device.read_at(&mut bytes, 0)?;
        Ok(Self::read(&bytes))
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = vec![0; FILES_AT];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        put(0, &MAGIC);
        put(VERSION_AT, &FORMAT_VERSION.to_le_bytes());
        put(DATABASE_AT, &self.database.to_le_bytes());
        put(EPOCH_AT, &self.epoch.to_le_bytes());
        put(SEGMENTS_AT, &self.segments.to_le_bytes());
        put(SEQUENCE_AT, &self.sequence.get().to_le_bytes());
        put(TIME_AT, &self.time.get().to_le_bytes());
        put(FRAME_HASH_AT, &self.frame_hash);
        let files = u32::try_from(self.files.len()).expect("fewer than 2^32 files");
        put(FILE_COUNT_AT, &files.to_le_bytes());
        for file in &self.files {
            let name = u16::try_from(file.name.len()).expect("a file's name is short");
            bytes.extend(name.to_le_bytes());
            bytes.extend(file.name.as_bytes());
            bytes.extend(file.bytes.to_le_bytes());
            bytes.extend(file.identity);
            bytes.extend(file.hash);
        }
        let crc = crc32fast::hash(&bytes);
        bytes.extend(crc.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(ManifestError::NoMagic);
        }
        let (body, crc) = bytes
            .split_last_chunk::<CRC_BYTES>()
            .filter(|(body, _)| body.len() >= FILES_AT)
            .ok_or(ManifestError::Length)?;
        let version = u16::from_le_bytes(array(body, VERSION_AT));
        if version != FORMAT_VERSION {
            return Err(ManifestError::UnknownVersion {
                found: version,
                supported: FORMAT_VERSION,
            });
        }
        if crc32fast::hash(body).to_le_bytes() != *crc {
            return Err(ManifestError::Checksum);
        }
        if array(body, RESERVED_AT) != [0; 2] || array(body, RESERVED_TAIL_AT) != [0; 4] {
            return Err(ManifestError::Reserved);
        }
        let mut rest = &body[FILES_AT..];
        let mut files = Vec::new();
        for _ in 0..u32::from_le_bytes(array(body, FILE_COUNT_AT)) {
            files.push(read_file(&mut rest)?);
        }
        if !rest.is_empty() {
            return Err(ManifestError::Length);
        }
        let u64_at = |at| u64::from_le_bytes(array(body, at));
        Ok(Self {
            database: u128::from_le_bytes(array(body, DATABASE_AT)),
            epoch: u128::from_le_bytes(array(body, EPOCH_AT)),
            segments: u64_at(SEGMENTS_AT),
            sequence: Sequence::new(u64_at(SEQUENCE_AT)),
            time: Timestamp::new(u64_at(TIME_AT)),
            frame_hash: array(body, FRAME_HASH_AT),
            files,
        })
    }
}

fn read_file(rest: &mut &[u8]) -> Result<StoredFile, ManifestError> {
    let mut take = |length: usize| {
        let (part, behind) = rest.split_at_checked(length).ok_or(ManifestError::Length)?;
        *rest = behind;
        Ok(part)
    };
    let name_bytes = usize::from(u16::from_le_bytes(array(take(2)?, 0)));
    let name = std::str::from_utf8(take(name_bytes)?).map_err(|_| ManifestError::Name)?;
    if !super::is_backup_name(name) {
        return Err(ManifestError::Name);
    }
    let fixed = take(FILE_BYTES - 2)?;
    Ok(StoredFile {
        name: name.to_owned(),
        bytes: u64::from_le_bytes(array(fixed, 0)),
        identity: array(fixed, 8),
        hash: array(fixed, 40),
    })
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N]
        .try_into()
        .expect("the fields of a manifest lie inside it")
}
