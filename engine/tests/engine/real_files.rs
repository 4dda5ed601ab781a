//! The same engine on the machine's disk and clock.

use ledger_core::TransferStatus;
use ledger_engine::{Config, Engine, OnPanic};
use tempfile::TempDir;

use crate::teller::{Teller, named_account, transfer};

#[test]
fn a_database_on_disk_is_there_again() {
    let dir = TempDir::new().unwrap();
    let config = || Config {
        segment_bytes: 1 << 20,
        directory_cache_bytes: 8 << 20,
        on_panic: OnPanic::Poison,
        ..Config::new(dir.path().join("data"))
    };
    let open = || Teller {
        engine: Engine::open(config()).expect("the engine opens"),
    };
    let teller = open();
    teller.create_accounts(vec![named_account(1, "Till"), named_account(2, "Bank")]);
    assert_eq!(teller.status_of(transfer(1, 5)), TransferStatus::Created);
    assert!(Engine::open(config()).is_err(), "one process at a time");
    let (epoch, hash) = (
        teller.engine.status().epoch,
        teller.engine.status().frame_hash,
    );
    teller.engine.shutdown();
    drop(teller);

    let teller = open();
    assert_eq!(teller.engine.status().epoch, epoch);
    assert_ne!(
        teller.engine.status().frame_hash,
        hash,
        "the end was marked by a frame"
    );
    assert_eq!(teller.status_of(transfer(1, 5)), TransferStatus::Exists);
    let found = teller.engine.find_by_name("B", 10).unwrap();
    assert_eq!(&*found[0].1, "Bank");
    // As if the process had been killed.
    drop(teller);

    let teller = open();
    assert_eq!(teller.status_of(transfer(1, 5)), TransferStatus::Exists);
    assert_eq!(teller.totals(2).credits_posted.get(), 5);
}
