//! What the auditor finds.

use std::fmt;
use std::io;
use std::path::PathBuf;

use ledger_core::{AccountId, LedgerId, Sequence, TransferId};

use super::rule::Rule;
use crate::journal::{ChainError, DecodeError, FrameError, MetaError, SealedError};
use crate::runs::RunDamage;
use crate::snapshot::SnapshotDamage;

/// Something that was found, and where.
#[derive(Debug)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// Where in the file the frame begins, or the part that is not right.
    pub offset: u64,
    /// The event, or the one that should follow there.
    pub sequence: Sequence,
    /// The ledger whose smallest units the amounts of the problem are in, if it has any.
    pub ledger: Option<LedgerId>,
    /// What it is.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, offset, sequence) = (self.file.display(), self.offset, self.sequence);
        write!(
            f,
            "{file}, byte {offset}, event {sequence}: {}",
            self.problem
        )
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Worth knowing; the server starts, and no answer is wrong.
    Note,
    /// The journal is not what was written, or what was written should not have been.
    Error,
}

/// What was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The meta file cannot be believed.
    #[error("the meta file is damaged: {0}")]
    Meta(MetaError),
    /// A segment is missing.
    #[error("segment {segment} is missing")]
    SegmentMissing {
        /// Its number.
        segment: u64,
    },
    /// A file could not be read.
    #[error("the file cannot be read: {0}")]
    Io(io::Error),
    /// No whole frame stands where one must.
    #[error("{0}")]
    Frame(FrameError),
    /// Bytes follow the last whole frame of the journal; the next start cuts them off.
    #[error("{bytes} bytes after the last whole frame are no frame; the next start cuts them off")]
    TornTail {
        /// How many, up to the last that is not zero.
        bytes: u64,
    },
    /// An active segment is not as long as it was made.
    #[error("the segment has {found} bytes instead of {expected}")]
    Length {
        /// The length of the file.
        found: u64,
        /// The length that it was made with.
        expected: u64,
    },
    /// A frame does not belong where it stands.
    #[error("{0}")]
    Chain(ChainError),
    /// A frame holds what cannot be read.
    #[error("{0}")]
    Decode(DecodeError),
    /// A sealed file contradicts itself.
    #[error("{0}")]
    Sealed(SealedError),
    /// The meta file names another end of the last sealed segment.
    #[error("the last sealed segment does not end as the meta file says")]
    NotTheSealed,
    /// The journal ends before what the meta file knows.
    #[error("the journal ends here, but the meta file knows of event {sealed}")]
    BehindMeta {
        /// The last event that the meta file knows of.
        sealed: Sequence,
    },
    /// The journal ends in another epoch than the meta file names.
    #[error("it names epoch {expected:032x}, but the journal ends in epoch {found:032x}")]
    NotTheEpoch {
        /// The epoch of the last frame.
        found: u128,
        /// The epoch in the meta file.
        expected: u128,
    },
    /// A crash left the active file of a segment that is sealed; the next start removes it.
    #[error("the active file of a sealed segment is still there; the next start removes it")]
    ActiveBesideSealed,
    /// Frames are missing, so that what follows is not checked against the rules.
    #[error("from here on events are not checked against the rules, since events are missing")]
    Unchecked,
    /// An event breaks a rule.
    #[error("{0}")]
    Rule(Rule),
    /// An index run is damaged; the next start makes it anew.
    #[error("{0}")]
    Run(RunDamage),
    /// An index run is not of this part of this journal.
    #[error("the run does not begin and end where segments of this journal do")]
    RunElsewhere,
    /// An index run has events that the journal does not have. Runs are made of what was sealed, so
    /// the end of the journal is lost.
    #[error(
        "the run holds events up to {covered}, but the journal ends with event {last}: what was \
         acknowledged since is missing, unless the run was put there by mistake"
    )]
    RunBeyondEnd {
        /// The last event that the run covers.
        covered: Sequence,
        /// The last event of the journal.
        last: Sequence,
    },
    /// An index run is sound in itself, but not what its segments say.
    #[error("the run's postings of {section} are not those of the events that it covers")]
    RunPostings {
        /// What the postings are of.
        section: &'static str,
    },
    /// A snapshot is damaged.
    #[error("{0}")]
    Snapshot(SnapshotDamage),
    /// A snapshot is not of this part of this journal.
    #[error("the snapshot is not of this database, epoch and frame")]
    SnapshotElsewhere,
    /// A snapshot has events that the journal does not have.
    #[error("the snapshot holds more than the journal, which ends with event {last}")]
    SnapshotBeyondEnd {
        /// The last event of the journal.
        last: Sequence,
    },
    /// A snapshot's counters do not follow from the events.
    #[error("the snapshot's sequence, times or number of transfers do not follow from the events")]
    SnapshotCounters,
    /// A snapshot's ledgers do not follow from the events.
    #[error("the snapshot's ledgers do not follow from the events")]
    SnapshotLedgers,
    /// An account in a snapshot does not follow from the events.
    #[error("account {0} of the snapshot does not follow from the events")]
    SnapshotAccount(AccountId),
    /// A reservation in a snapshot does not follow from the events.
    #[error("reservation {0} of the snapshot does not follow from the events")]
    SnapshotHold(TransferId),
    /// A snapshot lacks accounts or reservations, or has too many.
    #[error("the snapshot does not have as many accounts or reservations as the events make")]
    SnapshotCounts,
    /// The directory of names cannot be read; the next start makes it anew.
    #[error("the directory of names is damaged; remove it, and the next start makes it anew")]
    DirectoryDamaged,
    /// The directory has another name for an account than the events.
    #[error("the directory does not have the name of account {0} that the events gave")]
    DirectoryName(AccountId),
    /// The accounts of a ledger do not add up.
    #[error("debits and credits of ledger {0} differ")]
    Unbalanced(LedgerId),
}

impl Problem {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::TornTail { .. } | Self::ActiveBesideSealed => Severity::Note,
            _ => Severity::Error,
        }
    }
}
