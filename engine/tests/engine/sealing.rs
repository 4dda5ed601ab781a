//! Segments that are sealed while requests are answered.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ledger_core::{Transfer, TransferStatus};
use ledger_engine::journal::Preparation;
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Config, Degraded, Halt, Health};

use crate::teller::{Teller, account, clock, config, create, eventually, transfer, wait};

/// Sealing by a thread of its own, as in life.
fn background() -> Config {
    Config {
        segment_bytes: 64 << 10,
        preparation: Preparation::Background,
        ..config()
    }
}

/// The `number`-th request of a day.
fn batch(number: u128) -> Vec<Transfer> {
    (1..=50).map(|n| transfer(number * 100 + n, 1)).collect()
}

fn ending(vfs: &MemoryVfs, ending: &str) -> Vec<PathBuf> {
    let mut paths = vfs.paths();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths
}

#[test]
fn what_the_log_leaves_is_sealed_by_and_by() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(background(), &vfs, &clock);
    teller.open_accounts(2);
    for number in 0..100 {
        teller.create_transfers(batch(number));
    }
    eventually("all but the newest segment is sealed", || {
        teller.engine.status().segments_unsealed == 1
    });
    let status = teller.engine.status();
    assert!(status.segments_sealed > 5, "{status:?}");
    assert_eq!(ending(&vfs, "sealed").len() as u64, status.segments_sealed);
    assert_eq!(ending(&vfs, "sealing").len(), 0);
    assert_eq!(status.degraded, []);
    for number in 0..100 {
        let answers = teller.create_transfers(batch(number)).answers;
        assert!(
            answers
                .iter()
                .all(|answer| answer.status == TransferStatus::Exists)
        );
    }
    teller.engine.shutdown();
    let teller = Teller::open_as(background(), &vfs.after_power_cut(), &clock);
    assert_eq!(teller.status_of(transfer(101, 1)), TransferStatus::Exists);
    assert_eq!(teller.totals(1).debits_posted.get(), 5000);
}

#[test]
fn sealing_is_tried_again_when_there_is_space() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let config = Config {
        preparation: Preparation::Inline,
        ..background()
    };
    let teller = Teller::open_as(config, &vfs, &clock);
    teller.open_accounts(2);
    // Files that are written beside the journal do not fit; segments are longer than what is left
    // of this, and so the journal is refused space as well, at the latest when it is full.
    vfs.set_capacity(300 << 10);
    let mut number = 0;
    let troubled = |degraded: &Degraded| matches!(degraded, Degraded::SealingFailed { .. });
    while teller.ask(create(batch(number))).is_ok() {
        number += 1;
        assert!(number < 1000, "the disk is full at some time");
    }
    assert_eq!(teller.engine.health(), Health::Serving);
    vfs.set_capacity(u64::MAX);
    for more in number..number + 50 {
        teller.create_transfers(batch(more));
    }
    let status = teller.engine.status();
    assert!(!status.degraded.iter().any(troubled), "{status:?}");
    assert!(status.segments_sealed > 3, "{status:?}");
    assert_eq!(status.segments_unsealed, 1);
}

#[test]
fn a_full_disk_while_sealing_is_told_and_writes_go_on() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(background(), &vfs, &clock);
    teller.open_accounts(2);
    let troubled = |degraded: &Degraded| matches!(degraded, Degraded::SealingFailed { .. });
    let mut number = 0;
    // There is room for two active segments, and not for a sealed one beside them.
    vfs.set_capacity(132 << 10);
    while !teller.engine.status().degraded.iter().any(troubled) {
        if teller.ask(create(batch(number))).is_err() {
            std::thread::sleep(Duration::from_millis(1));
        }
        number += 1;
        assert!(number < 5000, "sealing is refused space at some time");
    }
    assert_eq!(teller.engine.health(), Health::Serving);
    assert_eq!(ending(&vfs, "sealed").len(), 0);
    vfs.set_capacity(u64::MAX);
    eventually("it is tried again by itself", || {
        let status = teller.engine.status();
        status.segments_unsealed <= 1 && !status.degraded.iter().any(troubled)
    });
    eventually("writes are taken again", || {
        teller.ask(create(vec![transfer(1, 1)])).is_ok()
    });
    assert_ne!(ending(&vfs, "sealed").len(), 0);
}

/// A write of a frame that the disk says it made. Its answer was given: only a loud end is left.
#[test]
fn a_lost_write_ends_the_engine_when_its_segment_is_sealed() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(background(), &vfs, &clock);
    teller.open_accounts(2);
    for number in 0..5 {
        teller.create_transfers(batch(number));
    }
    eventually("the space in front is ready", || {
        let before = vfs.calls().total();
        std::thread::sleep(Duration::from_millis(30));
        vfs.calls().total() == before
    });
    // The next call writes a frame, the one after it syncs it.
    vfs.lose_at(vfs.calls().total() + 1);
    let first = teller.start(create(batch(5))).expect("it is admitted");
    assert!(wait(&first).is_ok(), "nobody could know");
    for number in 6..1000 {
        let Ok(pending) = teller.start(create(batch(number))) else {
            break;
        };
        if wait(&pending).is_err() {
            break;
        }
    }
    assert_eq!(teller.engine.wait_halted(), Halt::JournalDamaged);
    assert_eq!(teller.engine.health(), Health::Halted);
}

#[test]
fn the_end_does_not_wait_for_what_is_half_sealed() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    for _ in 0..3 {
        let teller = Teller::open_as(background(), &vfs, &clock);
        teller.create_accounts(vec![account(1), account(2)]);
        for number in 0..40 {
            teller.create_transfers(batch(number));
        }
        let begun = Instant::now();
        teller.engine.shutdown();
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
