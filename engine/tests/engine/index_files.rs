//! Runs that are missing, damaged or unreadable are made again, and never taken for "not there".

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{AccountId, TransferStatus as S};
use ledger_engine::journal::RecoveryError;
use ledger_engine::vfs::{MemoryVfs, Vfs};
use ledger_engine::{
    BalanceFilter, Between, Command, Config, Degraded, Failure, OpenError, Paging, QueryError,
    Refused, SimulatedClock,
};

use crate::gate::GatedVfs;
use crate::old_history::{History, files, small, threaded};
use crate::teller::{Teller, clock, create, eventually, transfer, wait};

fn accepting(config: Config) -> Config {
    Config {
        accept_clock: true,
        ..config
    }
}

/// A disk with a history whose ids are all in runs but for the newest segments'.
fn buried(clock: &Arc<SimulatedClock>) -> (MemoryVfs, History) {
    let vfs = MemoryVfs::new(1);
    let teller = Teller::open_as(small(), &vfs, clock);
    let mut history = History::play(&teller, clock);
    history.bury(&teller, 200);
    teller.engine.shutdown();
    assert!(teller.engine.status().runs >= 3);
    drop(teller);
    (vfs, history)
}

#[test]
fn runs_that_are_gone_are_made_again() {
    let clock = clock();
    let (vfs, mut history) = buried(&clock);
    for run in files(&vfs, "run") {
        vfs.take_away(&run);
    }
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    let status = teller.engine.status();
    assert!(status.runs >= 1, "{status:?}");
    assert_eq!(status.degraded, []);
    history.check(&teller);
    history.bury(&teller, 20);
    history.check(&teller);
}

#[test]
fn any_run_may_be_missing() {
    let clock = clock();
    let (vfs, history) = buried(&clock);
    for run in files(&vfs, "run") {
        let disk = vfs.after_kill();
        disk.take_away(&run);
        let teller = Teller::open_as(accepting(small()), &disk, &clock);
        assert_eq!(teller.engine.status().degraded, [], "{}", run.display());
        history.check(&teller);
    }
}

#[test]
fn a_flipped_byte_is_found_when_it_matters() {
    let clock = clock();
    let (vfs, history) = buried(&clock);
    for run in files(&vfs, "run") {
        let length = vfs.contents(&run).expect("it is there").len() as u64;
        for place in 0..6 {
            let disk = vfs.after_kill();
            disk.flip(&run, (length - 1) * 8 * place / 5 + place);
            let teller = Teller::open_as(accepting(small()), &disk, &clock);
            check_patiently(&history, &teller);
        }
    }
}

/// A request that meets the damage is told to come again, and nothing of it is decided.
#[test]
fn a_flipped_byte_under_a_question_about_the_past_is_mended() {
    let clock = clock();
    let (vfs, _) = buried(&clock);
    let questions: Vec<BalanceFilter> = (1..=4)
        .map(|account| BalanceFilter {
            account: AccountId::new(account),
            sequences: Between::default(),
            times: Between::default(),
        })
        .collect();
    let paging = Paging::default();
    let sound = Teller::open_as(accepting(small()), &vfs.after_kill(), &clock);
    let expected: Vec<_> = questions
        .iter()
        .map(|question| {
            sound
                .engine
                .list_balances(question, &paging)
                .unwrap()
                .entries
        })
        .collect();
    let mut mended = 0;
    for run in files(&vfs, "run") {
        let bytes = vfs.contents(&run).unwrap().len() as u64;
        for byte in (0..bytes).step_by(211) {
            let disk = vfs.after_kill();
            disk.flip(&run, byte * 8);
            let teller = Teller::open_as(accepting(small()), &disk, &clock);
            for (question, expected) in questions.iter().zip(&expected) {
                let page = loop {
                    match teller.engine.list_balances(question, &paging) {
                        Ok(page) => break page,
                        Err(QueryError::Refused(Refused::RebuildingIndex { .. })) => mended += 1,
                        Err(error) => panic!("byte {byte} of {}: {error}", run.display()),
                    }
                };
                assert_eq!(page.entries, *expected, "byte {byte} of {}", run.display());
            }
        }
    }
    assert!(mended > 0, "some byte was met by a question");
}

fn check_patiently(history: &History, teller: &Teller) {
    let ids = [1, 2, 4, 6, 20, 40];
    for id in ids {
        for attempt in 0.. {
            let reply = teller.ask(create(vec![transfer(id, 10)]));
            match reply {
                Ok(_) => {
                    let answers = crate::teller::transfer_answers(reply).answers;
                    assert_ne!(answers[0].status, S::Created, "{id}");
                    break;
                }
                Err(Failure::RebuildingIndex { .. }) => assert!(attempt < 5),
                Err(other) => panic!("{other}"),
            }
        }
    }
    for ask in history.questions() {
        let answered = (0..5).any(|_| match teller.ask(ask.clone()) {
            Ok(_) => true,
            Err(Failure::RebuildingIndex { .. }) => false,
            Err(other) => panic!("{other}"),
        });
        assert!(answered, "damage is found once");
    }
    history.check(teller);
}

#[test]
fn a_run_that_cannot_be_read_any_more_is_not_taken_for_nothing() {
    let clock = clock();
    let (vfs, history) = buried(&clock);
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    let oldest = files(&vfs, "run")
        .into_iter()
        .min()
        .expect("there are runs");
    vfs.fail_reads(&oldest);
    let reply = teller.ask(create(vec![transfer(1, 10)]));
    assert!(
        matches!(reply, Err(Failure::RebuildingIndex { .. })),
        "{reply:?}"
    );
    assert_eq!(teller.status_of(transfer(2_000_000, 1)), S::Created);
    // The new file has another name or the same one; a broken disk would break it again.
    let _ = history;
}

#[test]
fn writes_are_refused_while_the_index_is_made_again_and_reads_go_on() {
    let clock = clock();
    let (files_of_old, history) = buried(&clock);
    for run in files(&files_of_old, "run") {
        files_of_old.take_away(&run);
    }
    let vfs = GatedVfs::new(files_of_old.clone());
    let gate = vfs.gate();
    gate.shut_for("indexing");
    let teller = Teller::try_open_on(accepting(threaded()), Arc::new(vfs), &clock)
        .expect("the engine opens without its index");
    let refused = teller.start(create(vec![transfer(1, 10)]));
    let Err(Refused::RebuildingIndex { done, of }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(done.get(), 0);
    assert_eq!(of, teller.engine.status().durable);
    assert!(matches!(
        teller.start(Command::FindTransfers(vec![transfer(1, 1).id])),
        Err(Refused::RebuildingIndex { .. })
    ));
    let told = |degraded: &Degraded| matches!(degraded, Degraded::IndexRebuilding { .. });
    assert!(teller.engine.status().degraded.iter().any(told));
    let balances = teller.start(Command::GetBalances(vec![AccountId::new(1)]));
    assert!(wait(&balances.expect("reads go on")).is_ok());
    gate.open();
    eventually("the index is whole", || {
        !teller.engine.status().degraded.iter().any(told)
    });
    history.check(&teller);
}

#[test]
fn what_a_crash_left_half_made_is_removed() {
    let clock = clock();
    let (vfs, history) = buried(&clock);
    let dir = Path::new("/data");
    let left: Vec<PathBuf> = ["indexing", "merging"]
        .map(|ending| dir.join(format!("run-{:016}-{:016}.{ending}", 1, 99)))
        .into();
    for path in &left {
        vfs.put(path, b"half".to_vec());
    }
    // Whole by its name and by nothing else.
    let nonsense = dir.join(format!("run-{:016}-{:016}.run", 1, 1_000_000));
    vfs.put(&nonsense, vec![7; 5000]);
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    for path in left.iter().chain([&nonsense]) {
        assert_eq!(vfs.contents(path), None, "{}", path.display());
    }
    history.check(&teller);
}

/// A run of another history, as a copy of the wrong directory leaves it.
#[test]
fn a_run_of_another_journal_is_not_believed() {
    let clock = clock();
    let (vfs, history) = buried(&clock);
    let (other, _) = buried(&clock);
    for run in files(&vfs, "run") {
        vfs.take_away(&run);
    }
    for run in files(&other, "run") {
        vfs.put(&run, other.contents(&run).expect("it is there"));
    }
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    history.check(&teller);
    assert_eq!(teller.engine.status().degraded, []);
}

/// Runs belong to the process that has the lock; whoever does not get it looks at none.
#[test]
fn a_second_process_is_refused_before_it_looks_at_a_run() {
    let clock = clock();
    let (vfs, history) = buried(&clock);
    let gated = GatedVfs::new(vfs);
    let gate = gated.gate();
    let vfs: Arc<dyn Vfs> = Arc::new(gated);
    let teller = Teller::try_open_on(accepting(small()), Arc::clone(&vfs), &clock);
    let teller = teller.expect("the first one opens");
    let opened = gate.opened(".run");
    assert!(opened > 0);
    let second = Teller::try_open_on(accepting(small()), vfs, &clock);
    let refused = second.err().expect("the second one is refused");
    assert!(
        matches!(refused, OpenError::Recovery(RecoveryError::Locked { .. })),
        "{refused}"
    );
    assert_eq!(gate.opened(".run"), opened);
    history.check(&teller);
}

/// How many requests it takes until runs are merged, and how many calls the last of them makes.
fn merging_request() -> (u128, u64) {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(small(), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    for request in 0..500 {
        let (runs, calls) = (teller.engine.status().runs, vfs.calls().total());
        history.bury(&teller, 1);
        if teller.engine.status().runs < runs {
            return (request, vfs.calls().total() - calls);
        }
    }
    panic!("runs are merged at some time")
}

/// A disk on which a fault is set for a call of the request that seals, indexes and merges.
fn disturbed(request: u128, fault: impl FnOnce(&MemoryVfs, u64)) -> (MemoryVfs, History) {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(small(), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    history.bury(&teller, request);
    fault(&vfs, vfs.calls().total());
    for _ in 0..30 {
        if !history.try_bury(&teller) {
            break;
        }
    }
    (vfs, history)
}

#[test]
fn a_crash_while_runs_are_made_and_merged_loses_nothing() {
    let (request, calls) = merging_request();
    assert!(calls > 20, "a frame, a seal, a run and a merge: {calls}");
    for call in 1..=calls {
        let (vfs, history) = disturbed(request, |vfs, so_far| vfs.cut_power_at(so_far + call));
        let disks = [vfs.after_power_cut(), vfs.after_kill()];
        for disk in disks {
            let teller = Teller::open_as(accepting(small()), &disk, &clock());
            history.check(&teller);
            assert_eq!(teller.engine.status().degraded, [], "call {call}");
            assert_eq!(files(&disk, "indexing").len(), 0, "call {call}");
            assert_eq!(files(&disk, "merging").len(), 0, "call {call}");
        }
    }
}

#[test]
fn a_full_disk_while_runs_are_made_and_merged_is_tried_again() {
    let (request, calls) = merging_request();
    let mut went_on = 0;
    for call in 1..=calls {
        let (vfs, history) = disturbed(request, |vfs, so_far| vfs.refuse_at(so_far + call));
        // A write of the journal itself that fails ends the engine; what is refused to a run or a
        // sealed file does not.
        went_on += u64::from(history.requests() == request + 30);
        let teller = Teller::open_as(accepting(small()), &vfs.after_kill(), &clock());
        history.check(&teller);
    }
    // How many calls belong to whom depends on how the writer's syncs fall between the others.
    assert!(
        went_on > 0,
        "none of {calls} calls was one of a run or a sealed file"
    );
}

#[test]
fn a_few_segments_without_a_run_hold_nobody_up() {
    let clock = clock();
    let vfs = MemoryVfs::new(1);
    let teller = Teller::open_as(small(), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    history.bury(&teller, 40);
    teller
        .engine
        .create_snapshot(None)
        .expect("a snapshot is made");
    history.bury(&teller, 5);
    teller.engine.shutdown();
    drop(teller);
    for run in files(&vfs, "run") {
        vfs.take_away(&run);
    }
    let gated = GatedVfs::new(vfs.clone());
    let gate = gated.gate();
    gate.shut_for("indexing");
    let teller = Teller::try_open_on(accepting(threaded()), Arc::new(gated), &clock)
        .expect("the engine opens without its index");
    // The snapshot spared the replay of most events, and still their ids are known.
    let status = teller.engine.status();
    assert_eq!((status.recent_from.get(), status.indexed.get()), (1, 0));
    assert_eq!(status.degraded, []);
    history.check(&teller);
    history.bury(&teller, 3);
    gate.open();
    history.bury(&teller, 30);
    eventually("the runs are made", || {
        teller.engine.status().indexed.get() > 1000
    });
    history.check(&teller);
}

/// A merge of long runs takes minutes, in which short ones would pile up.
#[test]
fn short_runs_are_merged_while_long_ones_are() {
    let (vfs, clock) = (MemoryVfs::new(1), clock());
    let teller = Teller::open_as(accepting(small()), &vfs, &clock);
    let mut history = History::play(&teller, &clock);
    // Seven of tier 1, and seven of single segments.
    while teller.engine.status().runs < 14 {
        history.bury(&teller, 1);
    }
    drop(teller);
    let gated = GatedVfs::new(vfs.clone());
    let gate = gated.gate();
    let teller = Teller::try_open_on(accepting(threaded()), Arc::new(gated), &clock);
    let teller = teller.expect("it opens");
    // The merge that begins with the first event is the long one.
    let first = "/run-0000000000000001-";
    gate.shut_for(first);
    while gate.waiting() == 0 {
        history.bury_patiently(&teller);
    }
    let merged = gate.renamed(".merging").len();
    let runs = teller.engine.status().runs;
    while teller.engine.status().runs < runs + 8 {
        history.bury_patiently(&teller);
    }
    history.check(&teller);
    assert_eq!(gate.renamed(".merging").len(), merged, "the long one waits");
    gate.open();
    eventually("all is merged that can be", || {
        let renamed = gate.renamed(".merging");
        renamed.iter().any(|name| name.contains(first))
    });
    let renamed = gate.renamed(".merging").split_off(merged);
    let long = renamed.iter().position(|name| name.contains(first));
    assert!(long > Some(0), "the short ones come first: {renamed:?}");
    eventually("it is the one run of what it was made of", || {
        teller.engine.status().runs < runs
    });
    history.check(&teller);
    history.bury(&teller, 20);
    history.check(&teller);
    teller.engine.shutdown();
    drop(teller);
    let teller = Teller::open_as(accepting(threaded()), &vfs.after_kill(), &clock);
    history.check(&teller);
}
