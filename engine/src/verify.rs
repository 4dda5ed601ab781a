//! The auditor: reads a journal from its first event and checks all that can be checked of it, and
//! what was made from it.
//!
//! It shares no code with the rules that decided. Those say what may happen; this says what may
//! never be seen to have happened, from the events alone: the chain of frames, ids that are unique
//! for ever, every total after every event computed anew, limits and ceilings at the moment of
//! each reservation, what became of each reservation and when, the sum of each transfer's
//! reversals, nothing but releases on closed accounts, and for every ledger that debits equal
//! credits.
//!
//! Index runs, snapshots and the directory of names are held against the events as well: each run
//! must have exactly the postings that its segments give, each snapshot the state that the books
//! are in where it ends, the directory the names that accounts have at the end. Several files are
//! read at once; the books are kept by one thread, in the order of the events.
//!
//! It reads the files as they are, changes nothing, and goes on after a finding as far as there is
//! sense in it. Where frames are missing, the rest is still checked for damage, but no longer
//! against the rules, since what went before is not known.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{LedgerId, Sequence, Sum, Timestamp};

use crate::journal::FrameHash;
use crate::journal::names;
use crate::vfs::Vfs;

mod books;
mod checking;
mod directory;
mod files;
mod finding;
mod found;
mod index;
mod reading;
mod rule;
mod snapshots;

pub use finding::{Finding, Problem, Severity};
pub use rule::Rule;

/// Takes what the auditor finds and how far it has come.
pub trait Report {
    /// Something that is not as it must be, or is worth knowing.
    fn finding(&mut self, finding: Finding);

    /// How far it has come; now and then.
    fn progress(&mut self, _progress: crate::journal::Progress) {}
}

/// What was read.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Summary {
    /// The database; zero if the meta file could not be read.
    pub database: u128,
    /// The epoch.
    pub epoch: u128,
    /// The newest event; zero if there is none.
    pub sequence: Sequence,
    /// The journal time at the last frame's closing.
    pub time: Timestamp,
    /// The hash of the last frame: what the newest receipt must show.
    pub hash: FrameHash,
    /// Segments read.
    pub segments: u64,
    /// Frames read.
    pub frames: u64,
    /// Events read.
    pub events: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Index runs that are sound in themselves.
    pub runs: u64,
    /// Snapshots that are sound in themselves.
    pub snapshots: u64,
    /// Accounts that exist.
    pub accounts: u64,
    /// Transfers that were created, reservations, posts, voids and reversals among them.
    pub transfers: u64,
    /// Reservations that are open.
    pub open_holds: u64,
    /// Each ledger with what its accounts add up to, in order.
    pub ledgers: Vec<LedgerProof>,
    /// The first event that could not be checked against the rules, because frames before it are
    /// missing.
    pub unchecked_from: Option<Sequence>,
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are not.
    pub notes: u64,
}

/// What the accounts of a ledger add up to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerProof {
    /// The ledger.
    pub ledger: LedgerId,
    /// What its registration calls it; empty if it is not registered.
    pub code: Box<str>,
    /// The decimals of its amounts; zero if it is not registered.
    pub scale: u32,
    /// Accounts in it.
    pub accounts: u64,
    /// The sum of their pending debits.
    pub debits_pending: Sum,
    /// The sum of their posted debits.
    pub debits_posted: Sum,
    /// The sum of their pending credits.
    pub credits_pending: Sum,
    /// The sum of their posted credits.
    pub credits_posted: Sum,
}

impl LedgerProof {
    /// Whether debits equal credits, pending and posted each.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.debits_pending == self.credits_pending && self.debits_posted == self.credits_posted
    }
}

/// Why nothing could be checked at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A running process uses the directory.
    #[error(
        "{} is in use by a running server; stop it first, or verify a copy of a stopped one",
        dir.display()
    )]
    Locked {
        /// The data directory.
        dir: PathBuf,
    },
    /// There is no database here.
    #[error("{} holds no database ({} is not there)", dir.display(), names::META)]
    NoDatabase {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory is a backup.
    #[error(
        "{} is a backup, not a data directory; check it with `pacioli backup --verify {}`",
        dir.display(), dir.display()
    )]
    Backup {
        /// The directory.
        dir: PathBuf,
    },
    /// A restore into the directory has not finished.
    #[error(
        "a restore into {} has not finished; run it again, or remove the directory",
        dir.display()
    )]
    RestoreUnfinished {
        /// The directory.
        dir: PathBuf,
    },
    /// The file system refused.
    #[error("cannot read {}", file.display())]
    Io {
        /// The file or directory.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// Checks the journal in `dir`, of a server that is not running.
///
/// # Errors
/// [`VerifyError`] where nothing could be checked. What is found to be wrong is no error: it goes to
/// `report` and is counted in the summary.
pub fn verify(
    vfs: &Arc<dyn Vfs>,
    dir: &Path,
    report: &mut dyn Report,
) -> Result<Summary, VerifyError> {
    let found = found::Found::open(&**vfs, dir)?;
    Ok(files::Auditor::new(vfs, dir, &found, report).audit())
}

/// The same of a directory that a restore is not done with, and that nobody else can open.
pub(crate) fn verify_unopened(
    vfs: &Arc<dyn Vfs>,
    dir: &Path,
    report: &mut dyn Report,
) -> Result<Summary, VerifyError> {
    let found = found::Found::unopened(&**vfs, dir)?;
    Ok(files::Auditor::new(vfs, dir, &found, report).audit())
}

#[cfg(test)]
mod tests;
