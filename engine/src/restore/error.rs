//! Why nothing is restored.

use std::io;
use std::path::{Path, PathBuf};

use ledger_core::{Sequence, Timestamp};

use crate::ClockStep;
use crate::backup::ManifestError;
use crate::journal::{Damage, MetaError, SealError};
use crate::verify::Finding;

/// Why nothing is restored. What it was to be restored from is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is nothing to restore from.
    #[error("{} holds neither a database nor a backup", dir.display())]
    NoSource {
        /// The directory.
        dir: PathBuf,
    },
    /// A running server writes there.
    #[error(
        "{} is in use by a running server; take a backup of it with `pacioli backup` and restore \
         that, or stop the server first",
        dir.display()
    )]
    SourceInUse {
        /// The data directory.
        dir: PathBuf,
    },
    /// The backup was never finished.
    #[error(
        "the backup in {} is not finished; run `pacioli backup {}` again",
        dir.display(), dir.display()
    )]
    BackupUnfinished {
        /// The directory.
        dir: PathBuf,
    },
    /// What says what the backup consists of cannot be believed.
    #[error("{} is damaged; restore from another backup", file.display())]
    Manifest {
        /// The file.
        file: PathBuf,
        /// How it is damaged.
        source: ManifestError,
    },
    /// The file that says which database this is cannot be believed.
    #[error("{} is damaged; restore from a backup", file.display())]
    Meta {
        /// The file.
        file: PathBuf,
        /// How it is damaged.
        source: MetaError,
    },
    /// A file is missing.
    #[error("{} is missing; restore from another backup", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// A file of a backup is not the one that was received.
    #[error(
        "{} is not the file that the backup was made of; restore from another backup",
        file.display()
    )]
    Differs {
        /// The file.
        file: PathBuf,
    },
    /// The journal is damaged.
    #[error(
        "{} is damaged at byte {offset}, where event {sequence} should follow; restore from \
         another backup, or up to an earlier event",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// The event that should follow there.
        sequence: Sequence,
        /// What is wrong.
        source: Damage,
    },
    /// The journal does not reach that far.
    #[error("there is no event {sequence}: the journal ends with event {newest}")]
    BeyondEnd {
        /// The event asked for.
        sequence: Sequence,
        /// The newest event.
        newest: Sequence,
    },
    /// The new epoch would begin at a time that is hard to believe.
    #[error(
        "the clock is {step} of the journal, whose newest time is {newest}: set it right, or \
         restore with --accept-clock if it is right"
    )]
    Clock {
        /// How far it is off.
        step: ClockStep,
        /// The newest time in the journal.
        newest: Timestamp,
    },
    /// The directory to restore into holds something.
    #[error("{} is not empty ({file} is there); give a new or an empty directory", dir.display())]
    TargetNotEmpty {
        /// The directory.
        dir: PathBuf,
        /// A file in it.
        file: String,
    },
    /// Another process uses the directory to restore into.
    #[error("{} is in use by another process", dir.display())]
    TargetInUse {
        /// The directory.
        dir: PathBuf,
    },
    /// A segment could not be written.
    #[error("a segment cannot be written")]
    Seal(#[source] SealError),
    /// What was restored does not pass the audit, and so does not open.
    #[error(
        "the audit of {} has {errors} findings, the first: {first}; nothing there opens",
        dir.display()
    )]
    Audit {
        /// The directory restored into.
        dir: PathBuf,
        /// How many.
        errors: u64,
        /// The first one.
        first: Box<Finding>,
    },
    /// What was restored could not be audited.
    #[error("what was restored cannot be audited")]
    NotAudited(#[source] crate::verify::VerifyError),
    /// The machine gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Randomness,
    /// The file system refused.
    #[error("cannot read or write {}", file.display())]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl RestoreError {
    pub(super) fn io(file: &Path) -> impl Fn(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io {
            file: file.clone(),
            source,
        }
    }
}
