//! A journal of more segments than a process may have open files, and what happens when no more
//! files can be opened.

use std::sync::Arc;

use ledger_core::{AccountId, Sequence, TransferStatus as S};
use ledger_engine::backup::BackupDirectory;
use ledger_engine::vfs::{self, MemoryVfs, Vfs};
use ledger_engine::{
    At, Config, Degraded, Failure, Health, Paging, SimulatedClock, TransferFilter,
};

use crate::old_history::{History, files, small, threaded};
use crate::teller::{Teller, clock, create, eventually, transfer};

/// A history in more sealed segments than are ever open.
fn long(clock: &Arc<SimulatedClock>) -> (MemoryVfs, Teller, History) {
    let vfs = MemoryVfs::new(1);
    let teller = Teller::open_as(accepting(small()), &vfs, clock);
    let mut history = History::play(&teller, clock);
    while teller.engine.status().segments_sealed < SEGMENTS {
        history.bury(&teller, 10);
    }
    (vfs, teller, history)
}

const SEGMENTS: u64 = 250;
/// Sealed segments, index runs, and what a few threads write and read at once.
const OPEN_FILES_MAX: u64 = 64 + 30 + 20;

fn accepting(config: Config) -> Config {
    Config {
        accept_clock: true,
        ..config
    }
}

/// Reads here and there in the whole of the journal, from several threads.
fn read_around(teller: &Teller) {
    let durable = teller.engine.status().durable.get();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for n in 0..500 {
                    let sequence = Sequence::new(1 + (n * 7919 + thread * 104_729) % durable);
                    let events = teller.engine.read_events(&[sequence]);
                    assert_eq!(events.unwrap()[0].sequence, sequence);
                }
                let accounts = [AccountId::new(1), AccountId::new(2)];
                for part in 1..=20 {
                    let at = At::Sequence(Sequence::new(durable / 20 * part));
                    let balances = teller.engine.balances_at(&accounts, at);
                    assert!(balances.is_ok(), "{balances:?}");
                }
            });
        }
    });
}

#[test]
fn files_are_open_only_while_they_are_read() {
    let clock = clock();
    let (vfs, teller, history) = long(&clock);
    let check = |vfs: &MemoryVfs, teller: &Teller| {
        assert!(files(vfs, "sealed").len() as u64 >= SEGMENTS);
        read_around(teller);
        history.check(teller);
        let transfers = teller
            .engine
            .list_transfers(&TransferFilter::default(), &Paging::default());
        assert_eq!(transfers.unwrap().transfers.len(), 100);
        teller.engine.create_snapshot(None).expect("a snapshot");
        let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
        let directory = BackupDirectory::open(&shared, "/backup".as_ref(), &mut |_| {}).unwrap();
        let backup = teller.engine.backup().expect("a backup");
        directory.receive(&backup, &mut |_| {}).expect("it arrives");
        let most = vfs.open_files_most();
        assert!(most <= OPEN_FILES_MAX, "{most} files were open at once");
        assert_eq!(vfs.opens_refused(), 0);
    };
    check(&vfs, &teller);
    drop(teller);
    // A start reads all segments: those of a snapshot in passing, and without one event by event.
    let vfs = vfs.after_kill();
    for snapshot in files(&vfs, "snapshot") {
        let teller = Teller::open_as(accepting(small()), &vfs.after_kill(), &clock);
        read_around(&teller);
        drop(teller);
        vfs.take_away(&snapshot);
    }
    let vfs = vfs.after_kill();
    vfs.set_open_files_max(OPEN_FILES_MAX);
    let teller = Teller::open_as(accepting(threaded()), &vfs, &clock);
    check(&vfs, &teller);
    assert_eq!(teller.engine.health(), Health::Serving);
}

/// A day on which the `n`-th file cannot be opened; how many were.
fn day_with_a_refusal(n: u64) -> u64 {
    let (vfs, clock) = (MemoryVfs::new(n), clock());
    vfs.refuse_open_at(n);
    let open = || Teller::try_open(accepting(small()), &vfs, &clock);
    let teller = open().or_else(|_| open());
    let teller = teller.expect("what the start was refused, the next one is not");
    let mut history = History::play(&teller, &clock);
    while teller.engine.status().segments_sealed < 9 {
        history.bury_patiently(&teller);
    }
    while teller.engine.create_snapshot(None).is_err() {
        history.bury_patiently(&teller);
    }
    history.check(&teller);
    while teller.engine.create_snapshot(None).is_err() {
        history.bury_patiently(&teller);
    }
    assert_eq!(teller.engine.health(), Health::Serving, "opening {n}");
    let opens = vfs.opens();
    drop(teller);
    let vfs = vfs.after_power_cut();
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    assert_eq!(teller.engine.status().degraded, [], "opening {n}");
    history.check(&teller);
    opens
}

#[test]
fn a_file_that_cannot_be_opened_for_the_moment_ends_nothing() {
    let opens = day_with_a_refusal(0);
    for n in 1..=opens {
        day_with_a_refusal(n);
    }
}

/// What was made from the journal would be there again, but the making takes long.
#[test]
fn a_start_that_cannot_open_a_file_gives_nothing_up() {
    let clock = clock();
    let vfs = MemoryVfs::new(1);
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    while teller.engine.status().segments_sealed < 3 {
        history.bury(&teller, 3);
    }
    teller.engine.create_snapshot(None).expect("a snapshot");
    drop(teller);
    let kept = |disk: &MemoryVfs| {
        let made = [files(disk, "run"), files(disk, "snapshot")].concat();
        made.into_iter().map(|file| disk.contents(&file)).collect()
    };
    let before: Vec<_> = kept(&vfs);
    assert!(before.len() >= 4, "three runs and a snapshot");
    let mut refused = Vec::new();
    for n in 1.. {
        let disk = vfs.after_kill();
        disk.refuse_open_at(n);
        let open = || Teller::try_open(accepting(small()), &disk, &clock);
        let teller = open().or_else(|error| {
            refused.push(error.to_string());
            open()
        });
        let teller = teller.expect("the next start");
        let after: Vec<_> = kept(&disk);
        assert!(
            before.iter().all(|file| after.contains(file)),
            "opening {n}"
        );
        if disk.opens_refused() == 0 {
            break;
        }
        history.check(&teller);
    }
    for kind in ["run-", "snapshot-", "segment-"] {
        assert!(refused.iter().any(|told| told.contains(kind)), "{kind}");
    }
}

#[test]
fn while_no_file_can_be_opened_what_is_open_goes_on() {
    let clock = clock();
    let vfs = MemoryVfs::new(1);
    let teller = Teller::open_as(accepting(threaded()), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    while teller.engine.status().segments_sealed < 12 {
        history.bury(&teller, 10);
    }
    eventually("everything is sealed and indexed", || {
        let status = teller.engine.status();
        status.segments_unsealed == 1 && status.degraded.is_empty()
    });
    drop(teller);
    let teller = Teller::open_as(accepting(threaded()), &vfs, &clock);
    eventually("there is room for what is new", || {
        teller.ask(create(vec![transfer(1 << 40, 1)])).is_ok()
    });
    vfs.refuse_opens(true);
    // What is old cannot be looked at, and nothing is decided without it.
    let retry = teller.ask(create(vec![transfer(1, 10)]));
    assert!(matches!(retry, Err(Failure::ReadRefused)), "{retry:?}");
    let page = teller
        .engine
        .list_transfers(&TransferFilter::default(), &Paging::default());
    assert!(vfs::is_passing(&page.unwrap_err()));
    assert!(teller.engine.create_snapshot(None).is_err());
    assert!(teller.engine.backup().is_err());
    // What is new is decided, until the segments that stand ready are used up.
    while history.try_bury(&teller) {}
    let batch = (0..50).map(|n| transfer((2 << 40) + n, 1)).collect();
    let new = teller.ask(create(batch));
    assert!(matches!(new, Err(Failure::StorageFull)), "{new:?}");
    let told = |degraded: &Degraded| matches!(degraded, Degraded::SegmentNotPrepared { .. });
    eventually("it is told", || {
        teller.engine.status().degraded.iter().any(told)
    });
    assert_eq!(teller.engine.health(), Health::Serving);
    assert!(!files(&vfs, "run").is_empty(), "no run was given up");
    vfs.refuse_opens(false);
    eventually("everything goes on", || {
        teller.ask(create(vec![transfer(2 << 40, 1)])).is_ok()
            && teller.engine.status().degraded.is_empty()
    });
    assert_eq!(teller.status_of(transfer(1, 10)), S::Exists);
    teller.engine.create_snapshot(None).expect("a snapshot");
    history.check(&teller);
}

#[test]
fn what_cannot_be_read_for_want_of_memory_is_read_later() {
    let clock = clock();
    let vfs = MemoryVfs::new(1);
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    while teller.engine.status().segments_sealed < 9 {
        history.bury(&teller, 10);
    }
    teller.engine.create_snapshot(None).expect("a snapshot");
    let runs = files(&vfs, "run");
    vfs.refuse_reads(true);
    let retry = teller.ask(create(vec![transfer(1, 10)]));
    assert!(matches!(retry, Err(Failure::ReadRefused)), "{retry:?}");
    assert!(teller.engine.create_snapshot(None).is_err());
    for snapshot in files(&vfs, "snapshot") {
        vfs.take_away(&snapshot);
    }
    assert!(teller.engine.create_snapshot(None).is_err());
    // The filters are wrong about a new id now and then.
    let mut new = (1 << 40..).map(|id| teller.ask(create(vec![transfer(id, 1)])));
    assert!(new.any(|reply| reply.is_ok()));
    assert!(teller.engine.create_snapshot(None).is_err());
    assert_eq!(teller.engine.health(), Health::Serving);
    assert_eq!(files(&vfs, "run"), runs, "nothing is wrong with them");
    vfs.refuse_reads(false);
    history.bury(&teller, 20);
    teller.engine.create_snapshot(None).expect("a snapshot");
    history.check(&teller);
    assert_eq!(teller.engine.status().degraded, []);
}
