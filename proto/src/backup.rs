//! The parts of a backup on the wire.

use crate::{FieldPath, Malformed, Receipt, uint128::number, v1};

/// A file of a backup. It does not change any more.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BackupFile {
    /// Its name, without a directory.
    pub name: Box<str>,
    /// Its length.
    pub bytes: u64,
    /// Tells it from others of its name and length; not a hash of its content.
    pub identity: [u8; 32],
}

/// What a backup consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BackupBegin {
    /// The newest event that it holds.
    pub receipt: Receipt,
    /// Names the database for ever.
    pub database_id: u128,
    /// The journal's segments in it, from the first on.
    pub segments: u64,
    /// How many files it consists of.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// How much of that is sent, since the receiver does not have it.
    pub bytes_to_send: u64,
}

/// A part of a backup. First its beginning and its files; then, for each file that the receiver
/// does not have, in the order of the list, its beginning, its chunks and its end; at last the end
/// of all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BackupPart {
    /// The first part.
    Begin(BackupBegin),
    /// The files of the backup: the segments in order, then the snapshots.
    Files(Vec<BackupFile>),
    /// A file is sent now.
    FileBegin {
        /// Its place in the list of files.
        index: u64,
    },
    /// The next bytes of the file.
    Chunk {
        /// The position of its first byte in the file.
        offset: u64,
        /// The bytes.
        content: Vec<u8>,
    },
    /// The file was sent whole.
    FileEnd {
        /// BLAKE3-256 of its content.
        hash: [u8; 32],
    },
    /// The last part. A backup that ends without it is none yet.
    End,
}

fn hash(bytes: &[u8], at: FieldPath) -> Result<[u8; 32], Malformed> {
    bytes.try_into().map_err(|_| Malformed::Unfitting { at })
}

impl From<&BackupFile> for v1::BackupFile {
    fn from(file: &BackupFile) -> Self {
        Self {
            name: file.name.to_string(),
            bytes: file.bytes,
            identity: file.identity.to_vec(),
        }
    }
}

impl v1::BackupFile {
    /// The file; `at` names it where it is malformed.
    ///
    /// # Errors
    /// Its identity is not 32 bytes.
    pub fn read(self, at: FieldPath) -> Result<BackupFile, Malformed> {
        Ok(BackupFile {
            identity: hash(&self.identity, at.with("identity"))?,
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
                segments: begin.segments,
                files: begin.files,
                bytes: begin.bytes,
                bytes_to_send: begin.bytes_to_send,
            }),
            BackupPart::Files(files) => Part::Files(v1::BackupFiles {
                files: files.iter().map(Into::into).collect(),
            }),
            BackupPart::FileBegin { index } => Part::FileBegin(v1::BackupFileBegin { index }),
            BackupPart::Chunk { offset, content } => {
                Part::Chunk(v1::BackupChunk { offset, content })
            }
            BackupPart::FileEnd { hash } => Part::FileEnd(v1::BackupFileEnd {
                hash: hash.to_vec(),
            }),
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
                segments: begin.segments,
                files: begin.files,
                bytes: begin.bytes,
                bytes_to_send: begin.bytes_to_send,
            }),
            Part::Files(v1::BackupFiles { files }) => {
                let files = files.into_iter().enumerate();
                BackupPart::Files(
                    files
                        .map(|(index, file)| file.read(FieldPath::item("files", index)))
                        .collect::<Result<_, _>>()?,
                )
            }
            Part::FileBegin(v1::BackupFileBegin { index }) => BackupPart::FileBegin { index },
            Part::Chunk(v1::BackupChunk { offset, content }) => {
                BackupPart::Chunk { offset, content }
            }
            Part::FileEnd(end) => BackupPart::FileEnd {
                hash: hash(&end.hash, FieldPath::of("file_end.hash"))?,
            },
            Part::End(v1::BackupEnd {}) => BackupPart::End,
        })
    }
}

#[cfg(test)]
mod tests;
