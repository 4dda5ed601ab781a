//! Ids that are no longer in memory mean what they meant.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ledger_core::{Transfer, TransferId, TransferStatus as S};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Body, Command, Config, Found};

use crate::gate::GatedVfs;
use crate::old_history::{History, files, hold_in_group, small, threaded};
use crate::teller::{START, Teller, clock, config, create, eventually, post, transfer, wait};

fn reopen(config: Config, vfs: &MemoryVfs) -> Teller {
    let config = Config {
        accept_clock: true,
        ..config
    };
    Teller::open_as(config, vfs, &clock())
}

#[test]
fn everything_old_is_answered_as_it_was() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(small(), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    history.check(&teller);
    history.bury(&teller, 20);
    let status = teller.engine.status();
    assert!(status.recent_from.get() > 500, "{status:?}");
    assert!(status.runs > 1, "{status:?}");
    history.check(&teller);
    // Nine segments are merged once, and more often later.
    history.bury(&teller, 230);
    let status = teller.engine.status();
    assert!(status.segments_sealed >= 16, "{status:?}");
    assert!(status.runs < status.segments_sealed, "{status:?}");
    assert_eq!(status.degraded, []);
    history.check(&teller);
    teller.engine.shutdown();
    drop(teller);
    let teller = reopen(small(), &vfs.after_power_cut());
    assert!(teller.engine.status().recent_from.get() > 500);
    history.check(&teller);
    history.bury(&teller, 20);
    history.check(&teller);
}

#[test]
fn threads_seal_index_and_merge_behind_the_writer() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(threaded(), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    for _ in 0..10 {
        history.bury(&teller, 25);
        history.check(&teller);
    }
    eventually("what is sealed is indexed and merged", || {
        let status = teller.engine.status();
        status.segments_unsealed == 1 && status.runs + 8 < status.segments_sealed
    });
    history.bury(&teller, 1);
    assert!(teller.engine.status().recent_from.get() > 500);
    history.check(&teller);
    assert_eq!(teller.engine.status().degraded, []);
    drop(teller);
    let disk = vfs.after_kill();
    let teller = reopen(threaded(), &disk);
    history.check(&teller);
    drop(teller);
    assert_eq!(files(&disk, "indexing"), files(&disk, "merging"));
}

#[test]
fn what_old_ids_stand_for_can_be_found() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(small(), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    let ids: Vec<_> = [1, 2, 4, 5, 6, 20, 40, 778, 12_345]
        .map(TransferId::new)
        .into();
    let find = || match teller.ask(Command::FindTransfers(ids.clone())) {
        Ok(reply) => match reply.body {
            Body::TransfersFound(found) => found,
            other => panic!("not transfers found: {other:?}"),
        },
        Err(failure) => panic!("{failure}"),
    };
    let before = find();
    assert!(matches!(before[8].1, Found::Unknown));
    history.bury(&teller, 30);
    assert!(teller.engine.status().recent_from.get() > 500);
    assert_eq!(find(), before);
}

#[test]
fn old_reservations_count_for_their_group() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(small(), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    // One less than a group may have, some of them gone long since.
    for request in 0..8191_u128 / 50 + 1 {
        let numbers = request * 50..((request + 1) * 50).min(8191);
        let holds = numbers.map(|n| hold_in_group(100_000 + n, 9)).collect();
        let answers = teller.create_transfers(holds).answers;
        assert!(answers.iter().all(|answer| answer.status == S::Created));
    }
    assert_eq!(teller.status_of(post(200_000, 100_000)), S::Created);
    history.bury(&teller, 20);
    let status = teller.engine.status();
    assert!(status.recent_from.get() > 8300, "{status:?}");
    let last_two = vec![hold_in_group(300_000, 9), hold_in_group(300_001, 9)];
    let answers = teller.create_transfers(last_two).answers;
    assert_eq!(answers[0].status, S::Created);
    assert_eq!(answers[1].status, S::GroupIsFull);
    assert_eq!(teller.status_of(hold_in_group(300_002, 10)), S::Created);
    drop(teller);
    let teller = reopen(small(), &vfs.after_kill());
    assert_eq!(teller.status_of(hold_in_group(300_003, 9)), S::GroupIsFull);
}

/// A request is resolved while its id is in memory; then the id is forgotten; then it is decided.
#[test]
fn a_retry_is_known_though_its_id_is_forgotten_while_it_waits() {
    let files = MemoryVfs::new(1);
    let vfs = GatedVfs::new(files.clone());
    let gate = vfs.gate();
    let clock = clock();
    let teller = Teller::try_open_on(threaded(), Arc::new(vfs), &clock).expect("it opens");
    gate.shut_for("indexing");
    let mut history = History::play(&teller, &clock);
    history.bury(&teller, 20);
    let before = teller.engine.status();
    assert_eq!(before.indexed.get(), 0, "{before:?}");
    // The frame of this request waits for its sync, and the writer with it.
    gate.shut_for("preparing");
    let held_up = teller
        .start(create(vec![transfer(5_000, 1)]))
        .expect("it is admitted");
    gate.wait_for_somebody();
    std::thread::sleep(std::time::Duration::from_millis(50));
    let retry = teller
        .start(create(vec![transfer(1, 10)]))
        .expect("it is admitted");
    gate.open_for("indexing");
    eventually("the runs are made", || {
        teller.engine.status().indexed.get() > 500
    });
    assert_eq!(teller.engine.status().recent_from.get(), 1);
    gate.open();
    assert!(wait(&held_up).is_ok());
    let answers = crate::teller::transfer_answers(wait(&retry));
    assert_eq!(answers.answers[0].status, S::Exists);
    history.check(&teller);
    assert!(teller.engine.status().recent_from.get() > 500);
}

/// Retries of all ages, from several callers, while segments roll over as fast as they can.
#[test]
fn retries_race_with_forgetting() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(threaded(), &vfs, &clock);
    teller.open_accounts(2);
    let done = AtomicBool::new(false);
    let batch = |number: u128| -> Vec<Transfer> {
        (1..=40).map(|n| transfer(number * 100 + n, 1)).collect()
    };
    let written = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        for age in [1, 3, 8, 30] {
            let (teller, done, written) = (&teller, &done, &written);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let newest = u128::from(written.load(Ordering::Relaxed));
                    let Some(number) = newest.checked_sub(age) else {
                        continue;
                    };
                    let answers = teller.create_transfers(batch(number)).answers;
                    let exist = answers.iter().all(|answer| answer.status == S::Exists);
                    assert!(exist, "request {number} of {newest}");
                }
            });
        }
        for number in 0..300 {
            let answers = teller.create_transfers(batch(number)).answers;
            assert!(answers.iter().all(|answer| answer.status == S::Created));
            written.store(number as u64, Ordering::Relaxed);
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(teller.totals(1).debits_posted.get(), 300 * 40);
    assert!(teller.engine.status().recent_from.get() > 1000);
}

#[test]
fn an_old_answer_keeps_its_time() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(config(), &vfs, &clock);
    teller.open_accounts(2);
    let first = teller.create_transfer(transfer(1, 1));
    assert!(first.timestamp >= START);
    clock.advance(std::time::Duration::from_secs(86_400));
    for request in 0..40 {
        let batch = (0..50)
            .map(|n| transfer(1000 + request * 50 + n, 1))
            .collect();
        teller.create_transfers(batch);
    }
    assert!(teller.engine.status().recent_from.get() > 100);
    let again = teller.create_transfer(transfer(1, 1));
    assert_eq!(
        (again.status, again.timestamp),
        (S::Exists, first.timestamp)
    );
}
