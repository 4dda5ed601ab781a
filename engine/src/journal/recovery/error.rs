//! Why a data directory is not opened.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use ledger_core::Sequence;

use crate::journal::chain::ChainError;
use crate::journal::frame::FrameError;
use crate::journal::meta::MetaError;
use crate::journal::payload::DecodeError;
use crate::journal::seal::SealError;
use crate::journal::sealed::SealedError;

/// Why a data directory is not opened. Nothing in it was lost by trying.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// Another process uses the directory.
    #[error(
        "{} is in use by another process; stop that one first, or give this one another directory",
        dir.display()
    )]
    Locked {
        /// The data directory.
        dir: PathBuf,
    },
    /// The directory holds no database, and is not empty.
    #[error(
        "{} holds no database but is not empty ({} is there); give an empty or a new directory",
        dir.display(), file
    )]
    NotEmpty {
        /// The data directory.
        dir: PathBuf,
        /// A file in it.
        file: String,
    },
    /// A restore into the directory has not finished.
    #[error(
        "a restore into {} has not finished; run it again, or remove the directory",
        dir.display()
    )]
    RestoreUnfinished {
        /// The data directory.
        dir: PathBuf,
    },
    /// The directory is a backup. It is not written to, or it would be none any more.
    #[error(
        "{} is a backup, not a data directory; run \
         `pacioli snapshot restore --from {} --to DIR` and use that one",
        dir.display(), dir.display()
    )]
    Backup {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory holds segments, but not the file that says of which database.
    #[error(
        "{} is missing though the journal is there ({}); \
         restore it from a backup, then run `pacioli verify --data-dir {}`",
        file.display(), segment, dir.display()
    )]
    MetaMissing {
        /// The data directory.
        dir: PathBuf,
        /// The missing file.
        file: PathBuf,
        /// A segment that is there.
        segment: String,
    },
    /// The file that says which database this is cannot be believed.
    #[error(
        "{} is damaged; restore it from a backup, then run `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    Meta {
        /// The data directory.
        dir: PathBuf,
        /// The file.
        file: PathBuf,
        /// How it is damaged.
        source: MetaError,
    },
    /// A segment is missing.
    #[error(
        "segment {segment} of {newest} is missing from {}; restore it from a backup, \
         then run `pacioli verify --data-dir {}`",
        dir.display(), dir.display()
    )]
    SegmentMissing {
        /// The data directory.
        dir: PathBuf,
        /// The number of the missing segment.
        segment: u64,
        /// The newest segment that there must be.
        newest: u64,
    },
    /// The journal is damaged where damage is no torn tail.
    #[error(
        "{} is damaged at byte {offset}, where event {sequence} should follow; nothing was \
         changed; run `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    Damaged {
        /// The data directory.
        dir: PathBuf,
        /// The damaged file.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// The event that should follow there.
        sequence: Sequence,
        /// What is wrong.
        source: Damage,
    },
    /// An event does not follow from those before it.
    #[error(
        "event {sequence} in {} (frame at byte {offset}) contradicts the events before it; \
         run `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    Contradiction {
        /// The data directory.
        dir: PathBuf,
        /// The file.
        file: PathBuf,
        /// Where in it the event's frame begins.
        offset: u64,
        /// The event.
        sequence: Sequence,
        /// The rule that it breaks.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A snapshot reaches beyond the end of the journal: a part of that is lost.
    #[error(
        "{} reaches up to event {sequence}, which the journal, whose last segment is {segment}, \
         does not; restore the missing segments from a backup, then run \
         `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    SnapshotAhead {
        /// The data directory.
        dir: PathBuf,
        /// The snapshot.
        file: PathBuf,
        /// The last event in it.
        sequence: Sequence,
        /// The newest segment there is.
        segment: u64,
    },
    /// An index run covers events behind the end of the journal: these are lost.
    #[error(
        "{} was made of events up to {sequence}, but the journal ends with event {journal}: what \
         was acknowledged since is missing, and nothing was changed; restore the missing segments \
         from a backup, then run `pacioli verify --data-dir {}`; take the run away only if it was \
         put there by mistake",
        file.display(), dir.display()
    )]
    RunAhead {
        /// The data directory.
        dir: PathBuf,
        /// The run.
        file: PathBuf,
        /// The last event in it.
        sequence: Sequence,
        /// The last event in the journal.
        journal: Sequence,
    },
    /// A snapshot is whole, but not of this journal.
    #[error(
        "{} is whole but is not what this journal comes to at the end of segment {segment}; \
         take it away if it was put there by mistake, and run `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    SnapshotForeign {
        /// The data directory.
        dir: PathBuf,
        /// The snapshot.
        file: PathBuf,
        /// The segment with which it says that it ends.
        segment: u64,
    },
    /// A snapshot was written by another version.
    #[error(
        "{} has format version {found}; this build reads version {supported}; start the newer \
         pacioli that wrote it",
        file.display()
    )]
    SnapshotVersion {
        /// The snapshot.
        file: PathBuf,
        /// The version in the file.
        found: u16,
        /// The version of this build.
        supported: u16,
    },
    /// A recovered segment could not be sealed.
    #[error("a recovered segment cannot be sealed")]
    Seal(#[source] SealError),
    /// The file system refused.
    #[error("cannot read or write {}", file.display())]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl RecoveryError {
    pub(crate) fn io(file: &Path) -> impl Fn(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io {
            file: file.clone(),
            source,
        }
    }
}

/// What is wrong with a damaged journal.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// No whole frame stands where one must.
    #[error(transparent)]
    Frame(FrameError),
    /// An active segment is not as long as it was made.
    #[error("the file has {found} bytes instead of {expected}")]
    Length {
        /// The length of the file.
        found: u64,
        /// The length that it was made with.
        expected: u64,
    },
    /// A whole frame stands behind bytes that are none.
    #[error("{error}, but a whole frame follows at byte {behind}")]
    FrameBehind {
        /// What is wrong where the frame must stand.
        error: FrameError,
        /// Where the whole frame begins.
        behind: u64,
    },
    /// The journal goes on in a later segment, though this one does not reach up to it.
    #[error("{error}, but the journal goes on in segment {segment}")]
    SegmentBehind {
        /// What is wrong where the frame must stand.
        error: FrameError,
        /// The later segment.
        segment: u64,
    },
    /// The meta file knows of frames that are not there.
    #[error("{error}, but pacioli.meta reaches up to event {sealed} in segment {segment}")]
    BehindMeta {
        /// What is wrong where the frame must stand.
        error: FrameError,
        /// The last sealed segment.
        segment: u64,
        /// Its last event.
        sealed: Sequence,
    },
    /// A frame does not belong where it stands.
    #[error(transparent)]
    Chain(ChainError),
    /// A frame holds what this version cannot read.
    #[error(transparent)]
    Decode(DecodeError),
    /// A sealed file contradicts itself.
    #[error(transparent)]
    Sealed(SealedError),
    /// The last sealed segment is not the one that the meta file names.
    #[error("the segment does not end with the hash that pacioli.meta has for it")]
    NotTheSealed,
    /// The journal ends in another epoch than the meta file names.
    #[error("it names epoch {expected:032x}, but the journal ends in epoch {found:032x}")]
    NotTheEpoch {
        /// The epoch of the last frame.
        found: u128,
        /// The epoch in the meta file.
        expected: u128,
    },
    /// The sealed and the active file of a segment do not hold the same frames.
    #[error("{} holds other frames", other.display())]
    SealedDiffers {
        /// The other file of the segment.
        other: PathBuf,
    },
}
