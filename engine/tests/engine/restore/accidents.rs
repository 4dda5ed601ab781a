//! What may happen during a restore, and what may be given to it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ledger_core::Sequence;
use ledger_engine::restore::{RestoreError, Until};
use ledger_engine::vfs::{MemoryVfs, Vfs};

use super::history::{DIR, History, Random, small};
use super::{RESTORED, check, open, options, restore};
use crate::teller::{Teller, clock, create, transfer_between};

#[test]
fn a_crash_at_every_call_leaves_nothing_that_opens_or_the_whole() {
    let history = History::write(31, 24);
    let cut = history.rounded(history.newest() * 2 / 3);
    let wanted = options(DIR, RESTORED, Until::Sequence(Sequence::new(cut)));
    let calls = {
        let vfs = history.vfs.after_kill();
        let before = vfs.calls().total();
        restore(&vfs, &wanted).expect("it restores");
        vfs.calls().total() - before
    };
    let mut whole = 0;
    for call in 1..=calls {
        for loses_power in [true, false] {
            let vfs = history.vfs.after_kill();
            vfs.cut_power_at(vfs.calls().total() + call);
            restore(&vfs, &wanted).expect_err("the power goes");
            let vfs = match loses_power {
                true => vfs.after_power_cut(),
                false => vfs.after_kill(),
            };
            let opened = Teller::try_open(small(RESTORED), &vfs.after_kill(), &clock());
            match opened {
                Ok(teller) if teller.engine.status().durable == Sequence::ZERO => {
                    // The directory was never made, so a new database is.
                    let is_restored = |path: &std::path::PathBuf| path.starts_with(RESTORED);
                    assert!(
                        vfs.paths()
                            .iter()
                            .all(|path| { !is_restored(path) || path.ends_with("pacioli.lock") })
                    );
                }
                Ok(teller) => {
                    assert_eq!(teller.engine.status().durable.get(), cut + 1);
                    whole += 1;
                    continue;
                }
                Err(error) => {
                    let says = error.to_string();
                    assert!(says.contains("has not finished"), "call {call}: {says}");
                }
            }
            // Another attempt begins anew.
            let restored = restore(&vfs, &wanted).expect("it restores");
            check(&open(&vfs, RESTORED, &restored), &history, cut, &restored);
        }
    }
    assert!(whole > 0, "the last calls leave the whole");
}

#[test]
fn a_damaged_journal_is_refused_with_the_file() {
    let history = History::write(32, 24);
    let wanted = options(DIR, RESTORED, Until::End);
    let mut random = Random::new(3);
    let sealed = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "sealed");
    for path in history.vfs.paths().into_iter().filter(sealed) {
        let length = history.vfs.contents(&path).expect("it is there").len() as u64;
        for _ in 0..60 {
            let vfs = history.vfs.after_kill();
            vfs.flip(&path, random.below(length * 8));
            let refused = restore(&vfs, &wanted).expect_err("it is damaged");
            let says = refused.to_string();
            assert!(says.contains(&path.display().to_string()), "{says}");
            assert!(
                Teller::try_open(small(RESTORED), &vfs, &clock()).map_or(true, |teller| {
                    teller.engine.status().durable == Sequence::ZERO
                })
            );
        }
    }
}

#[test]
fn only_a_new_directory_is_restored_into_and_only_a_stopped_server_from() {
    let history = History::write(33, 9);
    let vfs = history.vfs.after_kill();
    let into_itself = restore(&vfs, &options(DIR, DIR, Until::End)).unwrap_err();
    assert!(
        matches!(into_itself, RestoreError::TargetNotEmpty { .. }),
        "{into_itself}"
    );
    vfs.put(Path::new("/busy/notes.txt"), b"mine".to_vec());
    let busy = restore(&vfs, &options(DIR, "/busy", Until::End)).unwrap_err();
    assert!(busy.to_string().contains("notes.txt"), "{busy}");
    let nowhere = restore(&vfs, &options("/nowhere", RESTORED, Until::End)).unwrap_err();
    assert!(
        matches!(nowhere, RestoreError::NoSource { .. }),
        "{nowhere}"
    );

    let teller = Teller::open_as(small(DIR), &vfs, &clock());
    let in_use = restore(&vfs, &options(DIR, RESTORED, Until::End)).unwrap_err();
    assert!(in_use.to_string().contains("pacioli backup"), "{in_use}");
    drop(teller);
    restore(&vfs, &options(DIR, RESTORED, Until::End)).expect("it restores");
}

#[test]
fn a_clock_far_ahead_is_not_written_down_unasked() {
    let history = History::write(34, 9);
    let mut wanted = options(DIR, RESTORED, Until::End);
    let year = 366 * 24 * 3_600;
    wanted.now = crate::teller::after(2 * year);
    wanted.accept_clock = false;
    let refused = restore(&history.vfs.after_kill(), &wanted).unwrap_err();
    assert!(refused.to_string().contains("--accept-clock"), "{refused}");
    wanted.accept_clock = true;
    let restored = restore(&history.vfs, &wanted).expect("it restores");
    assert_eq!(restored.time, wanted.now);
}

/// Copies the files of a directory one by one, in some order, as `cp -r` does while others write.
fn copy_slowly(vfs: &MemoryVfs, random: &mut Random) -> MemoryVfs {
    let copy = MemoryVfs::new(1);
    copy.create_dir(Path::new(DIR)).expect("an empty directory");
    let mut paths: Vec<_> = vfs.paths();
    while !paths.is_empty() {
        let at = usize::try_from(random.below(paths.len() as u64)).expect("few files");
        let path = paths.swap_remove(at);
        if path.ends_with("pacioli.lock") {
            continue;
        }
        if let Some(contents) = vfs.contents(&path) {
            copy.put(&path, contents);
        }
        thread::yield_now();
    }
    copy
}

#[test]
fn a_copy_of_a_running_database_is_consistent_or_refused() {
    let (mut restorable, mut refused) = (0, 0);
    let vfs = MemoryVfs::new(40);
    let teller = Arc::new(Teller::open_as(small(DIR), &vfs, &clock()));
    teller.open_accounts(4);
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (teller, done) = (Arc::clone(&teller), Arc::clone(&done));
        thread::spawn(move || {
            for id in (1..400).map(|number| number * 100) {
                let transfers = (0..30).map(|n| transfer_between(id + n, 1 + n % 3, 2 + n % 3, 1));
                teller.ask(create(transfers.collect())).expect("an answer");
                if done.load(Ordering::Relaxed) {
                    return;
                }
            }
        })
    };
    let mut random = Random::new(41);
    let mut copies = Vec::new();
    for _ in 0..12 {
        copies.push(copy_slowly(&vfs, &mut random));
    }
    done.store(true, Ordering::Relaxed);
    writer.join().expect("the writer ends");
    let whole = History::read(vfs.after_kill(), DIR);
    for copy in copies {
        let mut wanted = options(DIR, RESTORED, Until::End);
        wanted.verify = true;
        match restore(&copy, &wanted) {
            Ok(restored) => {
                restorable += 1;
                let cut = restored.plan.sequence.get();
                assert_eq!(whole.rounded(cut), cut, "whole requests");
                check(&open(&copy, RESTORED, &restored), &whole, cut, &restored);
            }
            Err(RestoreError::Missing { .. } | RestoreError::Damaged { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        // Opening the copy itself is no different.
        if let Ok(teller) = Teller::try_open(small(DIR), &copy, &clock()) {
            let newest = teller.engine.status().durable.get();
            let sequences: Vec<_> = (1..=newest).map(Sequence::new).collect();
            let events = teller
                .engine
                .read_events(&sequences)
                .expect("all can be read");
            assert!(events == whole.first(newest));
        }
    }
    assert!(
        restorable > 0,
        "{refused} of the copies were refused, and none restored"
    );
}
