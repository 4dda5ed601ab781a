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

#[test]
fn a_backup_on_disk_is_restored_on_disk() {
    use std::path::PathBuf;
    use std::sync::Arc;

    use ledger_core::{Sequence, Timestamp};
    use ledger_engine::backup::{self, BackupDirectory};
    use ledger_engine::restore::{RestoreOptions, Until, restore};
    use ledger_engine::vfs::{OsVfs, Vfs};
    use ledger_engine::{Clock, SystemClock};

    let dir = TempDir::new().unwrap();
    let path = |name: &str| -> PathBuf { dir.path().join(name) };
    let config = |name: &str| Config {
        segment_bytes: 1 << 20,
        directory_names_max: 0,
        on_panic: OnPanic::Poison,
        ..Config::new(path(name))
    };
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    let teller = Teller {
        engine: Engine::open(config("data")).expect("the engine opens"),
    };
    teller.create_accounts(vec![named_account(1, "Till"), named_account(2, "Bank")]);
    for id in 1..=3 {
        assert_eq!(teller.status_of(transfer(id, 5)), TransferStatus::Created);
        let backup = teller.engine.backup().expect("a backup");
        let directory =
            BackupDirectory::open(&vfs, &path("backup"), &mut |_| {}).expect("it opens");
        directory
            .receive(&backup, &mut |_| {})
            .expect("it is received");
    }
    let manifest = backup::verify(&vfs, &path("backup"), &mut |_| {}).expect("it is whole");
    assert_eq!((manifest.segments, manifest.sequence.get()), (3, 5));

    let options = RestoreOptions {
        from: path("backup"),
        to: path("restored"),
        until: Until::Sequence(Sequence::new(4)),
        verify: true,
        now: SystemClock::new().wall(),
        accept_clock: false,
    };
    let restored = restore(&vfs, &options, &mut |_| {}).expect("it restores");
    assert!(restored.time > Timestamp::ZERO);
    let teller = Teller {
        engine: Engine::open(config("restored")).expect("the engine opens"),
    };
    assert_eq!(teller.engine.status().epoch, restored.epoch);
    assert_eq!(teller.status_of(transfer(2, 5)), TransferStatus::Exists);
    assert_eq!(teller.totals(2).credits_posted.get(), 10);
    assert_eq!(teller.status_of(transfer(3, 5)), TransferStatus::Created);
}
