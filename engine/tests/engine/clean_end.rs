//! Shutting down: what was admitted is answered, and the end is marked.

use std::sync::Arc;
use std::thread;

use ledger_core::TransferStatus;
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Failure, Halt, Health, Refused};

use crate::gate::GatedVfs;
use crate::teller::{Teller, clock, config, create, transfer, wait};

#[test]
fn a_shutdown_answers_what_was_admitted() {
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config(), Arc::new(vfs), &clock()).unwrap();
    teller.open_accounts(2);
    gate.shut();
    let mut pending = vec![teller.start(create(vec![transfer(1, 1)])).unwrap()];
    gate.wait_for_somebody();
    pending.extend((2..20).map(|id| teller.start(create(vec![transfer(id, 1)])).unwrap()));
    let ending = teller.engine.clone();
    let ending = thread::spawn(move || ending.shutdown());
    while teller.engine.health() == Health::Serving {
        thread::yield_now();
    }
    assert!(matches!(
        teller.start(create(vec![transfer(99, 1)])),
        Err(Refused::Draining)
    ));
    gate.open();
    for pending in pending {
        assert!(wait(&pending).is_ok());
    }
    ending.join().unwrap();
    assert_eq!(teller.engine.wait_halted(), Halt::Stopped);
    assert_eq!(teller.engine.health(), Health::Stopped);
    teller.engine.shutdown();
}

#[test]
fn the_data_directory_is_free_after_a_shutdown_and_not_before() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    assert!(Teller::try_open(config(), &vfs, &clock).is_err());
    teller.engine.shutdown();
    let second = Teller::open(&vfs, &clock);
    second.open_accounts(2);
}

#[test]
fn an_engine_that_is_dropped_tells_those_who_wait() {
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let clock = clock();
    let teller = Teller::try_open_on(config(), Arc::new(vfs.clone()), &clock).unwrap();
    teller.open_accounts(2);
    gate.shut();
    let first = teller.start(create(vec![transfer(1, 1)])).unwrap();
    gate.wait_for_somebody();
    let second = teller.start(create(vec![transfer(2, 1)])).unwrap();
    let dropping = thread::spawn(move || drop(teller));
    gate.open();
    dropping.join().unwrap();
    // Either came before the end or did not; nobody is left without an answer.
    let outcomes = [wait(&first), wait(&second)];
    let teller = Teller::try_open_on(config(), Arc::new(vfs), &clock).unwrap();
    for (id, outcome) in (1..).zip(outcomes) {
        let status = teller.status_of(transfer(id, 1));
        match outcome {
            Ok(_) => assert_eq!(status, TransferStatus::Exists),
            Err(failure) => assert_eq!(failure, Failure::OutcomeUnknown),
        }
    }
}
