//! Whether a snapshot says what the books say at its end.

use std::path::Path;

use super::Problem;
use super::books::Books;
use crate::journal::chain::Chain;
use crate::snapshot::Snapshot;
use crate::vfs::Vfs;

/// More differences of one snapshot are not told: one mistake may touch all accounts.
const TOLD_MAX: usize = 10;

/// Holds the snapshot in `file` against the books, which end with this segment and with the event
/// with which it ends. Segments without events may follow, and one of those is where a later
/// snapshot at the same event ends; `None` for a snapshot of another segment than this. What
/// cannot be read is left to whoever reads the file for itself.
pub(super) fn differences(
    vfs: &dyn Vfs,
    file: &Path,
    segment: u64,
    chain: &Chain,
    books: &Books,
) -> Option<Vec<Problem>> {
    let Ok(snapshot) = Snapshot::open(vfs, file) else {
        return Some(Vec::new());
    };
    let info = snapshot.info();
    if info.segment != segment {
        return None;
    }
    let mut problems = Vec::new();
    let place = (info.database, info.epoch, info.frame_hash, info.time);
    if place
        != (
            chain.database,
            chain.lineage.epoch(),
            chain.hash,
            chain.time,
        )
        || *snapshot.lineage() != chain.lineage
    {
        problems.push(Problem::SnapshotElsewhere);
    }
    if !books.stand_as(snapshot.standing()) {
        problems.push(Problem::SnapshotCounters);
    }
    let ledgers: Option<Vec<_>> = snapshot.ledgers().map(Result::ok).collect();
    if ledgers.is_some_and(|ledgers| ledgers != books.ledgers()) {
        problems.push(Problem::SnapshotLedgers);
    }
    let mut accounts = 0;
    for positioned in snapshot.accounts().map_while(Result::ok) {
        accounts += 1;
        let account = positioned.account.id;
        if books.account(positioned.position) != Some(positioned.account) {
            problems.push(Problem::SnapshotAccount(account));
            if problems.len() >= TOLD_MAX {
                return Some(problems);
            }
        }
    }
    let mut holds = 0;
    for hold in snapshot.holds().map_while(Result::ok) {
        holds += 1;
        if books.hold(hold.id).is_none_or(|known| *known != hold) {
            problems.push(Problem::SnapshotHold(hold.id));
            if problems.len() >= TOLD_MAX {
                return Some(problems);
            }
        }
    }
    if (accounts, holds) != (books.account_count(), books.open_hold_count()) {
        problems.push(Problem::SnapshotCounts);
    }
    Some(problems)
}
