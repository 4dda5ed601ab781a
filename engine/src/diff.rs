//! What became of each account between two snapshots.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use ledger_core::Account;

use crate::snapshot::{Accounts, Snapshot, SnapshotError, SnapshotInfo};
use crate::vfs::Vfs;

/// An account that is not the same in two snapshots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountDifference {
    /// As it was in the first one; `None` if it was not there.
    pub before: Option<Account>,
    /// As it is in the second one; `None` if it is not there, which is so only if the first one is
    /// of a later time or of another history.
    pub after: Option<Account>,
}

/// What two snapshots have in common and what not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiffSummary {
    /// The first snapshot.
    pub before: SnapshotInfo,
    /// The second snapshot.
    pub after: SnapshotInfo,
    /// Whether the second one came from the first one, with no restore to an earlier point between.
    pub same_history: bool,
    /// Accounts that only the second one has.
    pub created: u64,
    /// Accounts that both have, and that differ.
    pub changed: u64,
    /// Accounts that both have, and that are the same.
    pub unchanged: u64,
    /// Accounts that only the first one has.
    pub gone: u64,
}

/// Why two snapshots cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// One of them cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// They are of two databases.
    #[error(
        "{} is of database {before_database:032x}, {} of database {after_database:032x}",
        before.display(), after.display()
    )]
    OtherDatabase {
        /// The first snapshot.
        before: PathBuf,
        /// Its database.
        before_database: u128,
        /// The second snapshot.
        after: PathBuf,
        /// Its database.
        after_database: u128,
    },
}

/// Shows each account that differs between two snapshots, in the order of their ids.
///
/// # Errors
/// [`DiffError`]; what was shown until then is so.
pub fn diff(
    vfs: &dyn Vfs,
    before: &Path,
    after: &Path,
    visit: &mut dyn FnMut(AccountDifference),
) -> Result<DiffSummary, DiffError> {
    let (first, second) = (Snapshot::open(vfs, before)?, Snapshot::open(vfs, after)?);
    let mut summary = DiffSummary {
        before: first.info(),
        after: second.info(),
        same_history: is_same_history(&first, &second),
        created: 0,
        changed: 0,
        unchanged: 0,
        gone: 0,
    };
    if summary.before.database != summary.after.database {
        return Err(DiffError::OtherDatabase {
            before: before.to_owned(),
            before_database: summary.before.database,
            after: after.to_owned(),
            after_database: summary.after.database,
        });
    }
    let (mut older, mut newer) = (first.accounts(), second.accounts());
    let (mut left, mut right) = (next(&mut older)?, next(&mut newer)?);
    loop {
        let order = match (&left, &right) {
            (None, None) => return Ok(summary),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => left.id.cmp(&right.id),
        };
        let before = match order {
            Ordering::Greater => None,
            _ => std::mem::replace(&mut left, next(&mut older)?),
        };
        let after = match order {
            Ordering::Less => None,
            _ => std::mem::replace(&mut right, next(&mut newer)?),
        };
        let counted = match order {
            Ordering::Less => &mut summary.gone,
            Ordering::Greater => &mut summary.created,
            Ordering::Equal if before == after => &mut summary.unchanged,
            Ordering::Equal => &mut summary.changed,
        };
        *counted += 1;
        if before != after {
            visit(AccountDifference { before, after });
        }
    }
}

fn next(accounts: &mut Accounts) -> Result<Option<Account>, SnapshotError> {
    let positioned = accounts.next().transpose()?;
    Ok(positioned.map(|positioned| positioned.account))
}

/// Whether the events up to the first snapshot are among those up to the second.
fn is_same_history(before: &Snapshot, after: &Snapshot) -> bool {
    let (first, second) = (before.info(), after.info());
    let placed = after.lineage().place(first.epoch, first.sequence);
    first.sequence <= second.sequence && placed.is_ok()
}
