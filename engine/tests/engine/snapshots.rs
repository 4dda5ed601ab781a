//! Several who have snapshots taken at once.

use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle, scope};
use std::time::Duration;

use ledger_engine::snapshot::{CreateSnapshotError, SnapshotInfo};
use ledger_engine::vfs::MemoryVfs;

use crate::gate::{Gate, GatedVfs};
use crate::teller::{Teller, clock, config, eventually, transfer};

type Taken = Result<SnapshotInfo, Box<CreateSnapshotError>>;

/// A database with something in it, and a gate before the snapshots that are taken.
fn opened() -> (Teller, Arc<Gate>) {
    let vfs = GatedVfs::new(MemoryVfs::new(3));
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config(), Arc::new(vfs), &clock()).expect("it opens");
    teller.open_accounts(2);
    (teller, gate)
}

/// Writes a transfer, and then asks for a snapshot that has it, up to where one is to be derived.
fn pay_and_ask<'scope>(
    scope: &'scope Scope<'scope, '_>,
    teller: &'scope Teller,
    id: u128,
    name: Option<&'static str>,
) -> ScopedJoinHandle<'scope, Taken> {
    teller.create_transfer(transfer(id, 1));
    let sealed = teller.engine.status().segments_sealed;
    let asked = scope.spawn(move || teller.engine.create_snapshot(name).map_err(Box::new));
    eventually("the transfer is sealed", || {
        teller.engine.status().segments_sealed > sealed
    });
    // Nothing tells that somebody waits.
    std::thread::sleep(Duration::from_millis(20));
    asked
}

#[test]
fn two_who_ask_for_one_name_at_once_get_one_snapshot() {
    let (teller, gate) = opened();
    gate.shut_for(".deriving");
    let (first, second) = scope(|scope| {
        let before = pay_and_ask(scope, &teller, 1, None);
        gate.wait_for_somebody();
        let first = pay_and_ask(scope, &teller, 2, Some("noon"));
        let second = pay_and_ask(scope, &teller, 3, Some("noon"));
        gate.open();
        before.join().unwrap().expect("a snapshot");
        (first.join().unwrap(), second.join().unwrap())
    });
    let first = first.expect("a snapshot");
    assert_eq!(first, second.expect("the same"));
    assert_eq!(
        first.transfers, 3,
        "it has all that came before it was asked"
    );
    assert_eq!(named_noon(&teller), [first]);
}

#[test]
fn a_name_is_taken_while_its_snapshot_is() {
    let (teller, gate) = opened();
    gate.shut_for(".deriving");
    let (first, second) = scope(|scope| {
        let first = pay_and_ask(scope, &teller, 1, Some("noon"));
        gate.wait_for_somebody();
        // What comes now is not in it.
        let second = pay_and_ask(scope, &teller, 2, Some("noon"));
        gate.open();
        (first.join().unwrap(), second.join().unwrap())
    });
    let first = first.expect("a snapshot");
    let refused = *second.expect_err("another one");
    let CreateSnapshotError::NameTaken { sequence } = refused else {
        panic!("{refused}")
    };
    assert_eq!(sequence, first.sequence);
    assert_eq!(named_noon(&teller), [first]);
}

fn named_noon(teller: &Teller) -> Vec<SnapshotInfo> {
    let mut snapshots = teller.engine.snapshots();
    snapshots.retain(|snapshot| snapshot.names.contains(&"noon".into()));
    snapshots
}
