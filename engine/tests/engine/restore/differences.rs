//! Two snapshots, account by account, also across a restore.

use std::collections::BTreeMap;

use ledger_core::{Account, Sequence, State};
use ledger_engine::restore::Until;
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{AccountDifference, DiffError, DiffSummary, diff};

use super::history::{DIR, History, small};
use super::{RESTORED, open, options, restore};
use crate::teller::{Teller, account, clock, create, transfer_between};

fn move_some(teller: &Teller, first: u128) {
    let transfers = (0..20).map(|n| transfer_between(first + n, 1 + n % 2, 3, 1 + n));
    teller.ask(create(transfers.collect())).expect("an answer");
}

fn differences(
    vfs: &MemoryVfs,
    before: &std::path::Path,
    after: &std::path::Path,
) -> Result<(DiffSummary, Vec<AccountDifference>), DiffError> {
    let mut found = Vec::new();
    let summary = diff(vfs, before, after, &mut |difference| found.push(difference))?;
    Ok((summary, found))
}

fn by_id(state: &State) -> BTreeMap<u128, Account> {
    let accounts = state.accounts_from(0);
    accounts
        .map(|account| (account.id.get(), account.clone()))
        .collect()
}

#[test]
fn accounts_that_came_changed_or_stayed_are_told_apart() {
    let vfs = MemoryVfs::new(51);
    let teller = Teller::open_as(small(DIR), &vfs, &clock());
    teller.open_accounts(6);
    move_some(&teller, 100);
    let first = teller.engine.create_snapshot(None).expect("a snapshot");
    move_some(&teller, 200);
    teller.create_accounts(vec![account(9), account(4_000)]);
    let second = teller.engine.create_snapshot(None).expect("a snapshot");
    let history = History::read(vfs.after_kill(), DIR);
    let state = |sequence: Sequence| by_id(&history.state(sequence.get()));
    let (before, after) = (state(first.sequence), state(second.sequence));

    let (summary, found) = differences(&vfs, &first.file, &second.file).expect("it compares");
    assert!(summary.same_history);
    let counts = (
        summary.created,
        summary.changed,
        summary.unchanged,
        summary.gone,
    );
    assert_eq!(counts, (2, 3, 3, 0));
    let ids: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let expected: Vec<_> = ids
        .into_iter()
        .map(|id| AccountDifference {
            before: before.get(id).cloned(),
            after: after.get(id).cloned(),
        })
        .filter(|difference| difference.before != difference.after)
        .collect();
    assert_eq!(found, expected);

    let (back, _) = differences(&vfs, &second.file, &first.file).expect("it compares");
    assert_eq!((back.created, back.gone, back.same_history), (0, 2, false));
    let (same, none) = differences(&vfs, &first.file, &first.file).expect("it compares");
    assert_eq!((same.unchanged, none.len()), (6, 0));
}

#[test]
fn a_restore_between_two_snapshots_is_told() {
    let vfs = MemoryVfs::new(52);
    let teller = Teller::open_as(small(DIR), &vfs, &clock());
    teller.open_accounts(6);
    let early = teller.engine.create_snapshot(None).expect("a snapshot");
    move_some(&teller, 100);
    let late = teller.engine.create_snapshot(None).expect("a snapshot");
    teller.engine.shutdown();
    drop(teller);
    let until = Until::Sequence(Sequence::new(late.sequence.get() - 1));
    let restored = restore(&vfs, &options(DIR, RESTORED, until)).expect("it restores");
    assert_eq!(
        restored.plan.snapshots,
        [early.sequence],
        "the later one is of another history"
    );
    let teller = open(&vfs, RESTORED, &restored);
    let kept = teller.engine.snapshots();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].sequence, kept[0].digest),
        (early.sequence, early.digest)
    );
    move_some(&teller, 100);
    let branched = teller.engine.create_snapshot(None).expect("a snapshot");

    let (from_early, _) = differences(&vfs, &early.file, &branched.file).expect("it compares");
    assert!(from_early.same_history);
    let (from_late, _) = differences(&vfs, &late.file, &branched.file).expect("it compares");
    assert!(!from_late.same_history);

    // A start from the later snapshot knows the whole lineage.
    let lineage = teller.engine.lineage();
    teller.engine.shutdown();
    drop(teller);
    let again = Teller::open_as(small(RESTORED), &vfs, &clock());
    assert_eq!(again.engine.lineage(), lineage);
    assert_eq!(lineage.branches().len(), 1);

    let other = MemoryVfs::new(53);
    let stranger = Teller::open_as(small("/other"), &other, &clock());
    stranger.open_accounts(1);
    let strange = stranger.engine.create_snapshot(None).expect("a snapshot");
    let contents = other.contents(&strange.file).expect("it is there");
    vfs.put(&strange.file, contents);
    let refused = differences(&vfs, &early.file, &strange.file).expect_err("of two databases");
    assert!(
        matches!(refused, DiffError::OtherDatabase { .. }),
        "{refused}"
    );
}
