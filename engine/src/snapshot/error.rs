//! Why a snapshot cannot be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::journal::DecodeError;
use crate::vfs;

/// Why a snapshot cannot be read. Nothing is lost with it: an older one and more of the journal
/// give the same state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The file system refused.
    #[error("cannot read {}", file.display())]
    Io {
        /// The snapshot.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file is not what was written.
    #[error(
        "{} is damaged at byte {offset}; an older snapshot or the journal gives the same state, \
         and the file may be removed",
        file.display()
    )]
    Damaged {
        /// The snapshot.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// How.
        source: SnapshotDamage,
    },
}

impl SnapshotError {
    /// Whether the file system refused for want of something that others give back: then nothing
    /// is wrong with the snapshot.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if vfs::passes(source))
    }

    pub(super) fn io(file: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io {
            file: file.to_owned(),
            source,
        }
    }
}

/// What is wrong with a damaged snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotDamage {
    /// Too short or too long for what its foot says.
    #[error("the file has {found} bytes instead of {expected}")]
    Length {
        /// The length of the file.
        found: u64,
        /// The length that the foot demands, or the shortest possible one.
        expected: u64,
    },
    /// It does not begin or end as a snapshot does.
    #[error("this is no snapshot")]
    NoMagic,
    /// Another version of Pacioli wrote it.
    #[error("the snapshot has format version {found}; this build reads version {supported}")]
    UnknownVersion {
        /// The version in the file.
        found: u16,
        /// The version of this build.
        supported: u16,
    },
    /// A checksum does not fit its bytes.
    #[error("a CRC-32 does not match its bytes")]
    Checksum,
    /// A reserved field is in use.
    #[error("a reserved field is in use")]
    Reserved,
    /// An entry is none of this format.
    #[error("an entry cannot be read: {0}")]
    Entry(DecodeError),
    /// Entries are not in their order.
    #[error("an entry does not come after the one before it")]
    Order,
    /// There are not as many entries as the foot says.
    #[error("there are not as many entries as the foot says")]
    Counts,
    /// The entries are not those that the digest was made of.
    #[error("the entries do not give the digest in the foot")]
    Digest,
    /// The name of the file says another sequence.
    #[error("the file is not named after the event with which it ends")]
    Name,
    /// Debits and credits differ, or accounts and ledgers do.
    #[error("the totals of the accounts do not add up to those of their ledgers")]
    Unbalanced,
}
