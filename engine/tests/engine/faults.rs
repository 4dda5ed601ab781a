//! Writes and syncs that fail, and disks that are full.

use ledger_core::{Amount, TransferId, TransferStatus};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Command, Config, Degraded, Failure, Halt, Health, Refused};

use crate::gate::GatedVfs;
use crate::teller::{Teller, clock, config, create, eventually, hold, transfer, wait};

#[test]
fn a_failed_sync_poisons_the_engine() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open(&vfs, &clock);
    teller.open_accounts(2);
    teller.create_transfer(transfer(1, 1));
    vfs.fail_syncs(true);
    assert_eq!(
        teller.ask(create(vec![transfer(2, 1)])),
        Err(Failure::OutcomeUnknown)
    );
    // It would work again, but what the device holds is not known any more.
    vfs.fail_syncs(false);
    assert_eq!(teller.engine.wait_halted(), Halt::JournalFailed);
    assert_eq!(teller.engine.health(), Health::Halted);
    assert!(matches!(
        teller.start(create(vec![transfer(3, 1)])),
        Err(Refused::Halted)
    ));
    teller.engine.shutdown();
    drop(teller);
    let teller = Teller::open(&vfs.after_kill(), &clock);
    assert_eq!(teller.status_of(transfer(1, 1)), TransferStatus::Exists);
    let status = teller.status_of(transfer(2, 1));
    assert!(matches!(
        status,
        TransferStatus::Exists | TransferStatus::Created
    ));
    assert_eq!(teller.totals(2).credits_posted, Amount::new(2));
}

#[test]
fn everybody_in_flight_is_told_that_the_outcome_is_unknown() {
    let files = MemoryVfs::new(1);
    let vfs = GatedVfs::new(files.clone());
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config(), std::sync::Arc::new(vfs), &clock()).unwrap();
    teller.open_accounts(2);
    gate.shut();
    let mut pending = vec![teller.start(create(vec![transfer(1, 1)])).unwrap()];
    gate.wait_for_somebody();
    pending.extend((2..50).map(|id| teller.start(create(vec![transfer(id, 1)])).unwrap()));
    files.fail_syncs(true);
    gate.open();
    for pending in pending {
        assert_eq!(wait(&pending), Err(Failure::OutcomeUnknown));
    }
}

#[test]
fn a_full_disk_refuses_before_deciding_and_clears_by_itself() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let config = Config {
        segment_bytes: 64 << 10,
        ..config()
    };
    let teller = Teller::open_as(config.clone(), &vfs, &clock);
    teller.open_accounts(2);
    teller.create_transfer(hold(1, 10, 100));
    vfs.set_capacity(300 << 10);
    let mut created = 0;
    let refused = loop {
        match teller.ask(create(vec![transfer(1000 + created, 1)])) {
            Ok(_) => created += 1,
            Err(failure) => break failure,
        }
        assert!(created < 1000, "the disk is full at some time");
    };
    assert_eq!(refused, Failure::StorageFull);
    assert_eq!(teller.engine.health(), Health::Serving);
    assert!(
        teller
            .engine
            .status()
            .degraded
            .iter()
            .any(|degraded| matches!(degraded, Degraded::SegmentNotPrepared { .. }))
    );
    // Questions are answered, and what is due is released from the reserve.
    assert_eq!(teller.totals(2).credits_posted, Amount::new(created));
    for id in 5000..5100 {
        // That an id is unknown depends on the time, which there is no space to write down.
        let unknown = Command::FindTransfers(vec![TransferId::new(id)]);
        assert!(teller.ask(unknown).is_ok(), "reads use up no reserve");
    }
    clock.advance(std::time::Duration::from_secs(200));
    eventually("the reservation is released", || {
        teller.totals(1).debits_pending == Amount::ZERO
    });
    assert_eq!(
        teller.ask(create(vec![transfer(9999, 1)])),
        Err(Failure::StorageFull),
        "the refusal stands"
    );
    vfs.set_capacity(u64::MAX);
    eventually("there is room again", || {
        teller.ask(create(vec![transfer(9999, 1)])).is_ok()
    });
    assert_eq!(teller.totals(2).credits_posted, Amount::new(created + 1));
    teller.engine.shutdown();
    drop(teller);
    let teller = Teller::open_as(config, &vfs, &clock);
    assert_eq!(teller.totals(2).credits_posted, Amount::new(created + 1));
}

#[test]
fn a_disk_that_stalls_is_told_of() {
    let vfs = GatedVfs::new(MemoryVfs::new(1));
    let gate = vfs.gate();
    let teller = Teller::try_open_on(config(), std::sync::Arc::new(vfs), &clock()).unwrap();
    teller.open_accounts(2);
    gate.shut();
    let pending = teller.start(create(vec![transfer(1, 1)])).unwrap();
    let stalled = || {
        let degraded = teller.engine.status().degraded;
        degraded
            .iter()
            .any(|degraded| matches!(degraded, Degraded::DiskStalled { .. }))
    };
    eventually("the stall is noticed", stalled);
    gate.open();
    assert!(wait(&pending).is_ok());
    assert!(!stalled());
}
