//! Runs that are not of what the journal holds: those that prove a loss, and those that do not.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{
    AccountId, Amount, LedgerId, NewAccount, Timestamp, Transfer, TransferId, TransferOptions,
    TransferStatus,
};

use crate::fixture::ask;
use crate::journal::{Preparation, RecoveryError, names};
use crate::runs::{Covered, Run};
use crate::vfs::{MemoryVfs, Vfs};
use crate::{Body, Command, Config, Engine, OnPanic, OpenError, SimulatedClock};

const DIR: &str = "/data";

fn try_open(vfs: &MemoryVfs) -> Result<Engine, OpenError> {
    let config = Config {
        segment_bytes: 64 << 10,
        directory_names_max: 0,
        on_panic: OnPanic::Poison,
        preparation: Preparation::Inline,
        accept_clock: true,
        ..Config::new(DIR)
    };
    let clock = SimulatedClock::new(Timestamp::new(1_800_000_000_000_000_000));
    Engine::open_with(config, Arc::new(vfs.clone()), Arc::new(clock))
}

fn open(vfs: &MemoryVfs) -> Engine {
    try_open(vfs).expect("the engine opens")
}

/// Asks for transfers of these ids, fifty a request; all are answered with `expected`.
fn pay(engine: &Engine, ids: Range<u128>, expected: TransferStatus) {
    let ids: Vec<_> = ids.collect();
    for ids in ids.chunks(50) {
        let transfer = |&id| Transfer {
            id: TransferId::new(id),
            debit_account_id: AccountId::new(1),
            credit_account_id: AccountId::new(2),
            amount: Amount::new(5),
            ledger: LedgerId::new(1),
            code: 1,
            ..Transfer::default()
        };
        let command = Command::CreateTransfers {
            transfers: ids.iter().map(transfer).collect(),
            options: TransferOptions::default(),
            deadline: Timestamp::ZERO,
        };
        let Body::Transfers(answers) = ask(engine, command).unwrap().body else {
            panic!("not transfers")
        };
        for (id, answer) in ids.iter().zip(answers.answers) {
            assert_eq!(answer.status, expected, "{id}");
        }
    }
}

/// A database that lived a first life and ended cleanly.
fn database(seed: u64) -> MemoryVfs {
    let vfs = MemoryVfs::new(seed);
    let engine = open(&vfs);
    let account = |id| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        ..NewAccount::default()
    };
    let accounts = (1..=2).map(account).collect();
    ask(&engine, Command::CreateAccounts(accounts)).unwrap();
    pay(&engine, 1..2_001, TransferStatus::Created);
    engine.shutdown();
    drop(engine);
    vfs
}

/// Another life, in which such transfers are created.
fn live_on(vfs: &MemoryVfs, ids: Range<u128>) {
    let engine = open(vfs);
    pay(&engine, ids, TransferStatus::Created);
    engine.shutdown();
}

/// The last event of a database that ended cleanly.
fn end(vfs: &MemoryVfs) -> u64 {
    open(&vfs.after_kill()).status().durable.get()
}

/// What the runs of a database cover, and what is in them.
fn runs(vfs: &MemoryVfs) -> Vec<(PathBuf, Covered, Vec<u8>)> {
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let paths = vfs.paths().into_iter();
    let runs = paths.filter(|path| path.extension().is_some_and(|ending| ending == "run"));
    runs.map(|path| {
        let covered = Run::covered_by(&shared, &path).expect("a run");
        let contents = vfs.contents(&path).expect("it is there");
        (path, covered, contents)
    })
    .collect()
}

/// All files but those that are half made, of use to nobody.
fn files(vfs: &MemoryVfs) -> BTreeMap<PathBuf, Vec<u8>> {
    let is_half_made = |path: &Path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        names::read(&name) == names::Name::Temporary
    };
    let paths = vfs.paths().into_iter().filter(|path| !is_half_made(path));
    paths
        .map(|path| (path.clone(), vfs.contents(&path).expect("it is there")))
        .collect()
}

#[test]
fn a_run_that_reaches_beyond_the_journal_refuses_the_start_and_changes_nothing() {
    let early = database(61);
    let journal = end(&early);
    let later = early.after_kill();
    live_on(&later, 10_001..12_001);
    let ahead: Vec<_> = runs(&later)
        .into_iter()
        .filter(|(_, covered, _)| covered.last.get() > journal)
        .collect();
    assert!(!ahead.is_empty());
    for (path, covered, contents) in &ahead {
        // Its footer alone says so, whatever has become of the rest.
        let mut damaged = contents.clone();
        damaged[..300].fill(0);
        let index_at = contents.len() - 300;
        damaged[index_at] ^= 1;
        for contents in [contents.clone(), damaged] {
            let vfs = early.after_kill();
            vfs.put(path, contents);
            let before = files(&vfs);
            for _ in 0..2 {
                let refused = try_open(&vfs).expect_err("it is refused");
                let OpenError::Recovery(RecoveryError::RunAhead {
                    file,
                    sequence,
                    journal: end,
                    ..
                }) = &refused
                else {
                    panic!("{refused}")
                };
                assert_eq!((file, *sequence, end.get()), (path, covered.last, journal));
                let told = refused.to_string();
                let wanted = [
                    path.display().to_string(),
                    covered.last.to_string(),
                    format!("ends with event {journal}:"),
                    "backup".to_owned(),
                    format!("pacioli verify --data-dir {DIR}"),
                ];
                for part in wanted {
                    assert!(told.contains(&part), "{part}: {told}");
                }
                assert!(files(&vfs) == before, "nothing is changed");
            }
            // Taken away by somebody who knows that it does not belong there.
            vfs.take_away(path);
            pay(&open(&vfs), 1..2_001, TransferStatus::Exists);
        }
        let vfs = early.after_kill();
        let mut nonsense = contents.clone();
        *nonsense.last_mut().unwrap() ^= 1;
        vfs.put(path, nonsense);
        pay(&open(&vfs), 1..2_001, TransferStatus::Exists);
        assert_eq!(
            vfs.contents(path),
            None,
            "what does not verify says nothing"
        );
    }
}

#[test]
fn a_run_of_another_database_proves_nothing() {
    let (vfs, other) = (database(62), database(63));
    let journal = end(&vfs);
    live_on(&other, 10_001..12_001);
    let mut beyond = 0;
    for (path, covered, contents) in runs(&other) {
        if covered.last.get() > journal {
            vfs.put(&path, contents);
            beyond += 1;
        }
    }
    assert!(beyond > 0);
    let engine = open(&vfs);
    pay(&engine, 1..2_001, TransferStatus::Exists);
    pay(&engine, 10_001..10_051, TransferStatus::Created);
}

/// Two copies of one directory both went on, and a run of one came to the other.
#[test]
fn a_run_of_a_copy_that_went_on_is_not_believed() {
    let original = database(64);
    let copy = original.after_kill();
    live_on(&copy, 10_001..12_001);
    live_on(&original, 20_001..22_001);
    let (common, journal) = (end(&database(64)), end(&original));
    let own = runs(&original);
    let mut tried = 0;
    for (path, covered, contents) in runs(&copy) {
        if covered.last.get() <= common || covered.last.get() > journal {
            continue;
        }
        let vfs = original.after_kill();
        // It would be the only one of these events.
        for (path, covered, _) in &own {
            if covered.last.get() > common {
                vfs.take_away(path);
            }
        }
        vfs.put(&path, contents.clone());
        let engine = open(&vfs);
        pay(&engine, 1..2_001, TransferStatus::Exists);
        pay(&engine, 20_001..22_001, TransferStatus::Exists);
        pay(&engine, 10_001..10_051, TransferStatus::Created);
        assert_ne!(vfs.contents(&path), Some(contents), "another one is made");
        tried += 1;
    }
    assert!(tried > 0);
}

/// Where the journal has the last segment of such a run, sealed and with another end, nothing of it
/// is lost. Where it does not, nobody can tell.
#[test]
fn a_run_of_a_copy_that_reaches_further_is_told_from_a_loss_by_its_segment() {
    let original = database(65);
    let copy = original.after_kill();
    let engine = open(&original);
    pay(&engine, 20_001..20_051, TransferStatus::Created);
    let sealed = engine.create_snapshot(None).expect("a snapshot").segment;
    engine.shutdown();
    drop(engine);
    let journal = end(&original);

    // Request by request, so that its runs are seen before they are merged.
    let engine = open(&copy);
    let mut seen = (false, false);
    for id in 0..60 {
        let first = 10_001 + id * 50;
        pay(&engine, first..first + 50, TransferStatus::Created);
        for (path, covered, contents) in runs(&copy) {
            if covered.last.get() <= journal {
                continue;
            }
            let vfs = original.after_kill();
            vfs.put(&path, contents);
            if *covered.segments.end() == sealed {
                seen.0 = true;
                let engine = open(&vfs);
                pay(&engine, 20_001..20_051, TransferStatus::Exists);
                pay(&engine, 10_001..10_051, TransferStatus::Created);
            } else {
                seen.1 = true;
                let refused = try_open(&vfs).expect_err("it is refused");
                assert!(
                    matches!(refused, OpenError::Recovery(RecoveryError::RunAhead { .. })),
                    "{refused}"
                );
            }
        }
    }
    assert_eq!(seen, (true, true));
}
