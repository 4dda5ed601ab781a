//! Why there is no backup.

use std::io;
use std::path::{Path, PathBuf};

use super::ManifestError;
use crate::Halt;
use crate::journal::JournalReadError;

/// Why a backup cannot be taken, kept or believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The engine has ended, or ends.
    #[error("the engine has ended: {0:?}")]
    Ended(Halt),
    /// The disk of the server refuses what the backup waits for.
    #[error("the newest segment cannot be sealed ({kind}); make room on the server's disk")]
    NotSealed {
        /// What it said.
        kind: io::ErrorKind,
    },
    /// The newest event cannot be read.
    #[error("the newest event cannot be read: stop the server and run `pacioli verify`")]
    Unreadable(#[source] JournalReadError),
    /// The directory holds something else.
    #[error(
        "{} holds something that is no backup ({file}); give a new or an empty directory, or one \
         that holds an earlier backup of this database",
        dir.display()
    )]
    NotABackup {
        /// The directory.
        dir: PathBuf,
        /// A file in it.
        file: String,
    },
    /// The directory holds a backup of another database.
    #[error(
        "{} holds a backup of database {found:032x}, not of {expected:032x}; give another directory",
        dir.display()
    )]
    OtherDatabase {
        /// The directory.
        dir: PathBuf,
        /// The database that it holds a backup of.
        found: u128,
        /// The database that is backed up.
        expected: u128,
    },
    /// The directory holds a backup of a history that this one did not come from: the database was
    /// restored since, or the backup is newer than the database.
    #[error(
        "{file} in {} is of another history of the database, or of a later time; give another \
         directory, so that this backup is not lost",
        dir.display()
    )]
    OtherHistory {
        /// The directory.
        dir: PathBuf,
        /// A file that differs.
        file: String,
    },
    /// Another process writes there.
    #[error("{} is in use by another process", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// There is no backup.
    #[error("{} holds no backup", dir.display())]
    NoBackup {
        /// The directory.
        dir: PathBuf,
    },
    /// The backup was never finished.
    #[error("the backup in {} is not finished; run `pacioli backup` again", dir.display())]
    Unfinished {
        /// The directory.
        dir: PathBuf,
    },
    /// A file is not what it was.
    #[error("{} is damaged: {source}; remove it and run `pacioli backup` again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// How.
        source: BackupDamage,
    },
    /// A file came otherwise than it was announced.
    #[error("{name} did not arrive as it was sent")]
    Arrived {
        /// The file.
        name: String,
    },
    /// What came does not follow the plan.
    #[error("the files of the backup did not come as they were announced")]
    Protocol,
    /// The file system refused.
    #[error("cannot read or write {}", file.display())]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// How a file of a backup is damaged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupDamage {
    /// It is missing.
    #[error("it is missing")]
    Missing,
    /// It is shorter or longer.
    #[error("it has {found} bytes instead of {expected}")]
    Length {
        /// The length of the file.
        found: u64,
        /// The length in the manifest.
        expected: u64,
    },
    /// It holds other bytes.
    #[error("its BLAKE3 hash is not the one in the manifest")]
    Hash,
    /// It is the manifest, and cannot be read.
    #[error(transparent)]
    Manifest(ManifestError),
}

impl BackupError {
    pub(crate) fn io(file: &Path) -> impl Fn(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io {
            file: file.clone(),
            source,
        }
    }
}
