//! Books that do not add up end the engine.

use std::sync::Arc;

use ledger_core::{AccountId, Amount, Fact, Sequence};

use super::restarts::{open_engine, pay};
use crate::Halt;
use crate::journal::names;
use crate::snapshot::derive::{Difference, IN_MEMORY_MAX, Order, derive};
use crate::snapshot::entry::{Entry, Epoch, Positioned};
use crate::snapshot::fixture::{Making, dir, sealed, write};
use crate::snapshot::foot::Place;
use crate::snapshot::pace::Pace;
use crate::snapshot::writer::Writer;
use crate::snapshot::{CreateSnapshotError, DeriveError, Snapshot, verify};
use crate::vfs::{MemoryVfs, Vfs};

fn difference(vfs: &MemoryVfs) -> Difference {
    let (last, _) = *sealed(vfs).last().unwrap();
    let meta = crate::journal::meta::Meta::load(vfs, &names::meta(dir()));
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let order = Order {
        vfs: &shared,
        dir: dir(),
        database: meta.unwrap().unwrap().database,
        base: None,
        through: last,
        names: Default::default(),
        in_memory_max: IN_MEMORY_MAX,
    };
    match derive(&order, &Pace::UNBOUNDED) {
        Err(DeriveError::Differs { source, .. }) => source,
        other => panic!("{other:?}"),
    }
}

/// A total in the last event of an account is one off, in a frame whose checksums are right.
#[test]
fn a_wrong_total_is_found() {
    let mut making = Making::new(31);
    making.make(300);
    let mut events = making.events().to_vec();
    let wrong = events
        .iter_mut()
        .rev()
        .find_map(|event| match &mut event.fact {
            Fact::TransferCreated(created) => Some((event.sequence, created)),
            _ => None,
        });
    let (sequence, created) = wrong.unwrap();
    let total = &mut created.credit_after.credits_posted;
    *total = total.checked_add(Amount::new(1)).unwrap();
    let account = created.transfer.credit_account_id;
    let vfs = MemoryVfs::new(31);
    write(&vfs, &events, 32 << 10, 10);
    let expected = Difference::TotalsDiffer {
        account,
        last: sequence,
    };
    assert_eq!(difference(&vfs), expected);
}

/// An amount is one off, and with it no total.
#[test]
fn a_wrong_amount_is_found() {
    let mut making = Making::new(32);
    making.make(300);
    let mut events = making.events().to_vec();
    let wrong = events.iter_mut().find_map(|event| match &mut event.fact {
        Fact::TransferCreated(created) if created.transfer.pending_id.is_zero() => Some(created),
        _ => None,
    });
    let amount = &mut wrong.unwrap().transfer.amount;
    *amount = amount.checked_add(Amount::new(1)).unwrap();
    let vfs = MemoryVfs::new(32);
    write(&vfs, &events, 32 << 10, 10);
    let found = difference(&vfs);
    assert!(
        matches!(
            found,
            Difference::TotalsDiffer { .. } | Difference::HoldSplitWrong(_)
        ),
        "{found}"
    );
}

/// What remains of a hold is not what its post says.
#[test]
fn a_wrong_split_is_found() {
    let mut making = Making::new(33);
    making.make(600);
    let mut events = making.events().to_vec();
    let wrong = events.iter_mut().find_map(|event| match &mut event.fact {
        Fact::TransferCreated(created) if !created.hold.rest.is_zero() => Some(created),
        _ => None,
    });
    let created = wrong.expect("a partial post that keeps its hold open");
    created.hold.rest = created.hold.rest.checked_add(Amount::new(1)).unwrap();
    let hold = created.transfer.pending_id;
    let vfs = MemoryVfs::new(33);
    write(&vfs, &events, 32 << 10, 10);
    assert_eq!(difference(&vfs), Difference::HoldSplitWrong(hold));
}

/// Writes a snapshot anew in which the first account has one unit more, with all its checksums and
/// its digest right.
fn falsify(vfs: &MemoryVfs, snapshot: &Snapshot) {
    let (place, standing): (Place, _) = (*snapshot.place(), *snapshot.standing());
    let pace = Pace::UNBOUNDED;
    let writer = Writer::create(vfs, dir(), place.database, standing, &pace);
    let mut writer = writer.ok().unwrap();
    fn add<E: Entry>(writer: &mut Writer<'_>, entry: &E) {
        assert!(writer.add(entry).is_ok());
    }
    for epoch in Epoch::all(snapshot.lineage()) {
        add(&mut writer, &epoch);
    }
    for ledger in snapshot.ledgers() {
        add(&mut writer, &ledger.unwrap());
    }
    for positioned in snapshot.accounts() {
        let mut positioned: Positioned = positioned.unwrap();
        if positioned.position == 0 {
            let total = &mut positioned.account.totals.debits_posted;
            *total = total.checked_add(Amount::new(1)).unwrap();
        }
        add(&mut writer, &positioned);
    }
    assert!(writer.finish(place).is_ok());
}

#[test]
fn a_difference_ends_the_engine() {
    let vfs = MemoryVfs::new(41);
    let engine = open_engine(&vfs);
    pay(&engine, 1);
    let info = engine.create_snapshot(Some("books")).unwrap();
    assert_eq!(info.names, ["books".into()]);
    assert_eq!((info.accounts, info.transfers), (2, 1));
    assert_eq!(info.sequence, Sequence::new(3));
    assert_eq!(engine.snapshots(), std::slice::from_ref(&info));

    let snapshot = Snapshot::open(&vfs, &info.file).unwrap();
    falsify(&vfs, &snapshot);
    assert!(
        verify(&vfs, &info.file).is_err(),
        "accounts and ledgers do not add up"
    );
    pay(&engine, 2);
    let error = engine.create_snapshot(None).unwrap_err();
    let CreateSnapshotError::Derive(DeriveError::Differs { source, .. }) = &error else {
        panic!("{error}");
    };
    assert_eq!(
        *source,
        Difference::TotalsDiffer {
            account: AccountId::new(1),
            last: Sequence::new(4),
        }
    );
    assert!(error.to_string().contains("pacioli verify"), "{error}");
    assert_eq!(engine.wait_halted(), Halt::BooksDiffer);
}

#[test]
fn names_are_judged() {
    let vfs = MemoryVfs::new(42);
    let engine = open_engine(&vfs);
    for name in ["", "a b", "ä", &"x".repeat(65)] {
        let refused = engine.create_snapshot(Some(name)).unwrap_err();
        assert!(
            matches!(refused, CreateSnapshotError::Name { .. }),
            "{name}"
        );
    }
    let first = engine.create_snapshot(Some("year-end_2027.1")).unwrap();
    let same = engine.create_snapshot(Some("year-end_2027.1")).unwrap();
    assert_eq!(first, same, "nothing came since");
    pay(&engine, 1);
    let refused = engine.create_snapshot(Some("year-end_2027.1")).unwrap_err();
    assert!(
        matches!(refused, CreateSnapshotError::NameTaken { .. }),
        "{refused}"
    );
    let second = engine.create_snapshot(None).unwrap();
    assert!(second.sequence > first.sequence);
    assert_eq!(engine.snapshots(), [first, second]);
    engine.shutdown();
}
