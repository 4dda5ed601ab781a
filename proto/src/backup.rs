//! The parts of a backup on the wire.

use crate::{FieldPath, Malformed, Receipt, uint128::number, v1};

/// A file that the receiver of a backup has, whole or in part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldFile {
    /// Its name, as it was announced.
    pub name: Box<str>,
    /// How many bytes of it, from the first on.
    pub bytes: u64,
    /// The hash that it was announced with.
    pub hash: [u8; 32],
}

/// What a backup consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BackupBegin {
    /// The newest event that it holds.
    pub receipt: Receipt,
    /// Names the database for ever.
    pub database_id: u128,
    /// How many files it consists of.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// How much of that is sent, since the receiver does not have it.
    pub bytes_to_send: u64,
}

/// A file of a backup. It does not change while it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupFile {
    /// Its name, without a directory.
    pub name: Box<str>,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3-256 of its content.
    pub hash: [u8; 32],
    /// The first byte that is sent: its length if the receiver has all of it.
    pub from: u64,
}

/// A part of a backup: its beginning, then for each file its announcement and its chunks in order,
/// then the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BackupPart {
    /// The first part.
    Begin(BackupBegin),
    /// A file, before its chunks.
    File(BackupFile),
    /// The next bytes of the file that was announced last.
    Chunk {
        /// The position of its first byte in the file.
        offset: u64,
        /// The bytes.
        content: Vec<u8>,
    },
    /// The last part. A backup that ends without it is none yet.
    End,
}

fn hash(bytes: &[u8], at: FieldPath) -> Result<[u8; 32], Malformed> {
    bytes.try_into().map_err(|_| Malformed::Unfitting { at })
}

impl From<&HeldFile> for v1::HeldFile {
    fn from(held: &HeldFile) -> Self {
        Self {
            name: held.name.to_string(),
            bytes: held.bytes,
            hash: held.hash.to_vec(),
        }
    }
}

impl v1::HeldFile {
    /// The file that a receiver has; `at` names it where it is malformed.
    ///
    /// # Errors
    /// Its hash is not 32 bytes.
    pub fn read(self, at: FieldPath) -> Result<HeldFile, Malformed> {
        Ok(HeldFile {
            hash: hash(&self.hash, at.with("hash"))?,
            name: self.name.into_boxed_str(),
            bytes: self.bytes,
        })
    }
}

impl From<BackupPart> for v1::BackupResponse {
    fn from(part: BackupPart) -> Self {
        use v1::backup_response::Part;

        let part = match part {
            BackupPart::Begin(begin) => Part::Begin(v1::BackupBegin {
                receipt: Some((&begin.receipt).into()),
                database_id: Some(begin.database_id.into()),
                files: begin.files,
                bytes: begin.bytes,
                bytes_to_send: begin.bytes_to_send,
            }),
            BackupPart::File(file) => Part::File(v1::BackupFile {
                name: file.name.into(),
                bytes: file.bytes,
                hash: file.hash.to_vec(),
                from: file.from,
            }),
            BackupPart::Chunk { offset, content } => {
                Part::Chunk(v1::BackupChunk { offset, content })
            }
            BackupPart::End => Part::End(v1::BackupEnd {}),
        };
        Self { part: Some(part) }
    }
}

impl v1::BackupResponse {
    /// The part that this message is.
    ///
    /// # Errors
    /// It is none that this version knows, or a hash in it is not 32 bytes.
    pub fn read(self) -> Result<BackupPart, Malformed> {
        use v1::backup_response::Part;

        let part = self.part.ok_or(Malformed::Absent {
            at: FieldPath::of("part"),
        })?;
        Ok(match part {
            Part::Begin(begin) => BackupPart::Begin(BackupBegin {
                receipt: Receipt::read(begin.receipt)?,
                database_id: number(begin.database_id),
                files: begin.files,
                bytes: begin.bytes,
                bytes_to_send: begin.bytes_to_send,
            }),
            Part::File(file) => BackupPart::File(BackupFile {
                name: file.name.into_boxed_str(),
                bytes: file.bytes,
                hash: hash(&file.hash, FieldPath::of("file.hash"))?,
                from: file.from,
            }),
            Part::Chunk(v1::BackupChunk { offset, content }) => {
                BackupPart::Chunk { offset, content }
            }
            Part::End(v1::BackupEnd {}) => BackupPart::End,
        })
    }
}

#[cfg(test)]
mod tests;
