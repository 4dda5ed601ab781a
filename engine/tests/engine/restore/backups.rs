//! Backups of a running engine, and restoring from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ledger_core::Sequence;
use ledger_engine::Engine;
use ledger_engine::backup::{self, Backup, BackupDirectory, BackupError, Manifest};
use ledger_engine::restore::{RestoreError, Until};
use ledger_engine::vfs::{MemoryVfs, Vfs};

use super::history::{DIR, History, small};
use super::{RESTORED, check, open, options, restore};
use crate::teller::{Teller, clock, create, eventually, hold, transfer_between};

const BACKUP: &str = "/backup";

fn shared(vfs: &MemoryVfs) -> Arc<dyn Vfs> {
    Arc::new(vfs.clone())
}

fn open_backup(vfs: &MemoryVfs) -> Result<BackupDirectory, BackupError> {
    BackupDirectory::open(&shared(vfs), Path::new(BACKUP), &mut |_| {})
}

/// Takes a backup of an engine into a directory of another machine.
fn take(engine: &Engine, to: &MemoryVfs) -> Result<Manifest, BackupError> {
    let backup = engine.backup()?;
    open_backup(to)?.receive(&backup, &mut |_| {})
}

fn verify(vfs: &MemoryVfs) -> Result<Manifest, BackupError> {
    backup::verify(&shared(vfs), Path::new(BACKUP), &mut |_| {})
}

/// The files of a directory with what is in them, without locks.
fn files(vfs: &MemoryVfs, dir: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let in_dir = vfs.paths().into_iter().filter(|path| path.starts_with(dir));
    in_dir
        .filter(|path| !path.ends_with("pacioli.lock"))
        .map(|path| (path.clone(), vfs.contents(&path).expect("it is there")))
        .collect()
}

/// Writes some more with ids from `first` on.
fn write_more(teller: &Teller, first: u128, requests: u128) {
    for number in 0..requests {
        let id = first + number * 100;
        let transfers = (0..40).map(|n| transfer_between(id + n, 1 + n % 3, 2 + n % 3, 1 + n));
        let transfers = transfers.chain([hold(id + 90, 5, 0)]).collect();
        teller.ask(create(transfers)).expect("an answer");
    }
}

fn running(vfs: &MemoryVfs) -> Teller {
    let teller = Teller::open_as(small(DIR), vfs, &clock());
    teller.open_accounts(12);
    write_more(&teller, 1_000, 20);
    teller
        .engine
        .create_snapshot(Some("noon"))
        .expect("a snapshot");
    write_more(&teller, 100_000, 20);
    teller
}

#[test]
fn a_backup_restores_to_what_was_durable() {
    let (vfs, stored) = (MemoryVfs::new(1), MemoryVfs::new(2));
    let teller = running(&vfs);
    let durable = teller.engine.status().durable;
    let manifest = take(&teller.engine, &stored).expect("a backup");
    assert_eq!(manifest.sequence, durable);
    assert!(manifest.segments > 1);
    assert_eq!(verify(&stored).expect("it is whole"), manifest);

    write_more(&teller, 500_000, 3);
    let history = History::read(vfs.after_kill(), DIR);
    let mut wanted = options(BACKUP, RESTORED, Until::End);
    wanted.verify = true;
    let restored = restore(&stored, &wanted).expect("it restores");
    let audit = restored.audit.as_ref().expect("it was audited");
    assert_eq!((audit.errors, audit.sequence), (0, restored.sequence));
    let teller = open(&stored, RESTORED, &restored);
    check(&teller, &history, durable.get(), &restored);

    let cut = history.rounded(durable.get() / 2);
    let until = Until::Sequence(Sequence::new(durable.get() / 2));
    let restored = restore(&stored, &options(BACKUP, "/half", until)).expect("it restores");
    check(&open(&stored, "/half", &restored), &history, cut, &restored);
}

#[test]
fn a_backup_under_full_load_passes_the_audit() {
    use ledger_engine::Config;
    use ledger_engine::journal::Preparation;

    let vfs = MemoryVfs::new(3);
    let config = Config {
        preparation: Preparation::Background,
        ..small(DIR)
    };
    let teller = Arc::new(Teller::open_as(config, &vfs, &clock()));
    teller.open_accounts(12);
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4_u128)
        .map(|writer| {
            let (teller, done) = (Arc::clone(&teller), Arc::clone(&done));
            thread::spawn(move || {
                let mut number = 0;
                while !done.load(Ordering::Relaxed) {
                    write_more(&teller, ((writer + 1) << 64) + number * 1_000, 1);
                    number += 1;
                }
            })
        })
        .collect();
    let stored = MemoryVfs::new(4);
    let mut newest = Sequence::ZERO;
    for round in 0..4 {
        let durable = || teller.engine.status().durable;
        eventually("something is written", || durable() > newest);
        let durable = durable();
        let manifest = take(&teller.engine, &stored).expect("a backup");
        assert!(manifest.sequence >= durable && manifest.sequence > newest);
        newest = manifest.sequence;
        let machine = stored.after_kill();
        let mut wanted = options(BACKUP, RESTORED, Until::End);
        wanted.verify = true;
        let restored = restore(&machine, &wanted).expect("it restores");
        assert_eq!(restored.plan.sequence, newest, "round {round}");
        let audit = restored.audit.expect("it was audited");
        assert_eq!((audit.errors, audit.notes), (0, 0));
        assert!(
            audit
                .ledgers
                .iter()
                .all(ledger_engine::verify::LedgerProof::is_balanced)
        );
    }
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().expect("the writer ends");
    }
}

#[test]
fn every_flipped_byte_of_a_backup_is_refused_with_its_file() {
    let (vfs, stored) = (MemoryVfs::new(5), MemoryVfs::new(6));
    let teller = Teller::open_as(small(DIR), &vfs, &clock());
    teller.open_accounts(3);
    teller.create_transfer(transfer_between(1, 1, 2, 5));
    teller.engine.create_snapshot(None).expect("a snapshot");
    teller.create_transfer(transfer_between(2, 1, 2, 5));
    take(&teller.engine, &stored).expect("a backup");
    for (path, contents) in files(&stored, BACKUP) {
        for byte in 0..contents.len() {
            let damaged = stored.after_kill();
            damaged.flip(&path, byte as u64 * 8 + (byte % 8) as u64);
            let refused = restore(&damaged, &options(BACKUP, RESTORED, Until::End));
            let refused = refused.expect_err("a damaged backup is refused");
            assert_names(&refused.to_string(), &path, byte);
            let refused = verify(&damaged).expect_err("a damaged backup is refused");
            assert_names(&refused.to_string(), &path, byte);
            let nothing = open_fails(&damaged, RESTORED);
            assert!(nothing, "nothing opens, byte {byte} of {}", path.display());
        }
    }
}

fn assert_names(refused: &str, path: &Path, byte: usize) {
    let name = path.display().to_string();
    assert!(refused.contains(&name), "byte {byte} of {name}: {refused}");
}

/// Whether nothing that was ever written can be opened.
fn open_fails(vfs: &MemoryVfs, dir: &str) -> bool {
    match Teller::try_open(small(dir), vfs, &clock()) {
        Err(_) => true,
        // An empty directory becomes a new database.
        Ok(teller) => teller.engine.status().durable == Sequence::ZERO,
    }
}

#[test]
fn a_missing_file_and_a_half_made_backup_are_refused() {
    let (vfs, stored) = (MemoryVfs::new(7), MemoryVfs::new(8));
    let teller = running(&vfs);
    take(&teller.engine, &stored).expect("a backup");
    for (path, _) in files(&stored, BACKUP) {
        let damaged = stored.after_kill();
        damaged.take_away(&path);
        let wanted = options(BACKUP, RESTORED, Until::End);
        let refused = restore(&damaged, &wanted).expect_err("a part is missing");
        match path.ends_with("pacioli.backup") {
            true => assert!(
                matches!(
                    refused,
                    RestoreError::Missing { .. } | RestoreError::NoSource { .. }
                ),
                "{refused}"
            ),
            false => assert_names(&refused.to_string(), &path, 0),
        }
        assert!(verify(&damaged).is_err());
    }
}

#[test]
fn a_backup_is_not_opened_as_a_database() {
    let (vfs, stored) = (MemoryVfs::new(9), MemoryVfs::new(10));
    let teller = running(&vfs);
    take(&teller.engine, &stored).expect("a backup");
    let before = files(&stored, BACKUP);
    let refused = Teller::try_open(small(BACKUP), &stored, &clock())
        .err()
        .expect("it is refused");
    assert!(
        refused.to_string().contains("snapshot restore"),
        "{refused}"
    );
    let verified = ledger_engine::verify::verify(&shared(&stored), Path::new(BACKUP), &mut Deaf);
    let refused = verified.expect_err("it is refused");
    assert!(refused.to_string().contains("backup --verify"), "{refused}");
    assert_eq!(files(&stored, BACKUP), before);
}

struct Deaf;

impl ledger_engine::verify::Report for Deaf {
    fn finding(&mut self, finding: ledger_engine::verify::Finding) {
        panic!("{finding}");
    }
}

#[test]
fn a_backup_of_another_database_or_history_is_left_alone() {
    let (vfs, stored) = (MemoryVfs::new(11), MemoryVfs::new(12));
    let teller = running(&vfs);
    take(&teller.engine, &stored).expect("a backup");
    let before = files(&stored, BACKUP);

    let other = running(&MemoryVfs::new(13));
    let refused = take(&other.engine, &stored).expect_err("another database");
    assert!(
        matches!(refused, BackupError::OtherDatabase { .. }),
        "{refused}"
    );

    let until = Until::Sequence(Sequence::new(100));
    let restored = restore(&stored, &options(BACKUP, RESTORED, until)).expect("it restores");
    let branched = open(&stored, RESTORED, &restored);
    write_more(&branched, 900_000, 60);
    let refused = take(&branched.engine, &stored).expect_err("another history");
    assert!(
        matches!(refused, BackupError::OtherHistory { .. }),
        "{refused}"
    );
    assert_eq!(files(&stored, BACKUP), before);
}

/// Takes a first backup, goes on, and says what a fresh one of the end looks like.
fn grown() -> (Teller, MemoryVfs, Vec<(PathBuf, Vec<u8>)>) {
    let (vfs, stored) = (MemoryVfs::new(14), MemoryVfs::new(15));
    let teller = running(&vfs);
    let snapshot = || {
        teller
            .engine
            .create_snapshot(None)
            .expect("a snapshot")
            .sequence
    };
    let first = snapshot();
    take(&teller.engine, &stored).expect("a backup");
    // The first snapshot makes way for newer ones, and is no part of the next backup.
    for round in 1..=3 {
        write_more(&teller, round * 700_000, 12);
        snapshot();
    }
    let kept = teller.engine.snapshots();
    assert!(kept.iter().all(|kept| kept.sequence != first));
    let fresh = MemoryVfs::new(16);
    take(&teller.engine, &fresh).expect("a backup");
    let fresh = files(&fresh, BACKUP);
    (teller, stored, fresh)
}

#[test]
fn an_incremental_backup_is_as_good_as_a_fresh_one_wherever_it_was_cut_off() {
    let (teller, stored, fresh) = grown();
    let calls = {
        let machine = stored.after_kill();
        let before = machine.calls().total();
        take(&teller.engine, &machine).expect("a backup");
        assert_eq!(files(&machine, BACKUP), fresh);
        machine.calls().total() - before
    };
    for call in 1..=calls {
        for loses_power in [true, false] {
            let machine = stored.after_kill();
            machine.cut_power_at(machine.calls().total() + call);
            take(&teller.engine, &machine).expect_err("the power goes");
            let machine = match loses_power {
                true => machine.after_power_cut(),
                false => machine.after_kill(),
            };
            verify(&machine).expect("there is a whole backup at every moment");
            let held = open_backup(&machine);
            assert!(!held.expect("it goes on").held().is_empty());
            take(&teller.engine, &machine).expect("a backup");
            assert_eq!(files(&machine, BACKUP), fresh, "call {call}");
        }
    }
}

#[test]
fn a_first_backup_goes_on_wherever_it_was_cut_off() {
    let (teller, _, fresh) = grown();
    let calls = {
        let machine = MemoryVfs::new(20);
        take(&teller.engine, &machine).expect("a backup");
        machine.calls().total()
    };
    for call in 1..=calls {
        let machine = MemoryVfs::new(call);
        machine.cut_power_at(call);
        take(&teller.engine, &machine).expect_err("the power goes");
        let machine = machine.after_power_cut();
        if verify(&machine).is_err() {
            let wanted = options(BACKUP, RESTORED, Until::End);
            restore(&machine, &wanted).expect_err("there is no backup yet");
            assert!(open_fails(&machine.after_kill(), BACKUP));
        }
        take(&teller.engine, &machine).expect("a backup");
        assert_eq!(files(&machine, BACKUP), fresh, "call {call}");
    }
}

#[test]
fn what_is_there_is_not_sent_again() {
    let (teller, stored, _) = grown();
    let backup = teller.engine.backup().expect("sealed");
    let mut directory = open_backup(&stored).expect("it opens");
    let held: Vec<_> = directory.held().into_iter().map(|held| held.name).collect();
    let plan = backup.plan();
    let wanted = directory.begin(plan.clone()).expect("it goes on");
    let is_new = |index: &usize| !held.contains(&plan.files[*index].name);
    let new: Vec<_> = (0..plan.files.len()).filter(is_new).collect();
    assert_eq!(wanted, new);
    assert!(new.len() < plan.files.len() && !new.is_empty());
}

#[test]
fn what_arrives_otherwise_than_it_was_sent_does_not_count() {
    let (teller, stored, _) = grown();
    let backup = teller.engine.backup().expect("sealed");
    let mut directory = open_backup(&stored).expect("it opens");
    let wanted = directory.begin(backup.plan().clone()).expect("it goes on");
    let mut reader = backup.open(wanted[0]).expect("it is there");
    let mut content = vec![0; 1 << 20];
    let length = reader.read(&mut content).expect("it can be read");
    content[length / 2] ^= 1;
    directory.begin_file(wanted[0]).expect("it begins");
    directory.write(&content[..length]).expect("it is written");
    let refused = directory.end_file(reader.hash()).expect_err("it differs");
    assert!(matches!(refused, BackupError::Arrived { .. }), "{refused}");
    let refused = directory.finish().expect_err("files are missing");
    assert!(matches!(refused, BackupError::Protocol), "{refused}");
}

/// What an interrupted copy, a lying disk or rot leaves of a file.
fn leftovers(whole: &[u8]) -> [Vec<u8>; 4] {
    let half = whole.len() / 2;
    let mut hole = whole.to_vec();
    hole[100..half].fill(0);
    let mut flipped = whole.to_vec();
    flipped[half] ^= 1;
    [whole[..half].to_vec(), vec![0; whole.len()], hole, flipped]
}

/// Whether a file is among those that a sender may leave out.
fn is_held(vfs: &MemoryVfs, path: &Path) -> bool {
    let held = open_backup(vfs).expect("it opens").held();
    held.iter().any(|file| path.ends_with(&file.name))
}

#[test]
fn a_file_that_is_not_what_it_was_is_fetched_again() {
    let (teller, stored, fresh) = grown();
    let mut planned = 0;
    for (path, whole) in files(&stored, BACKUP) {
        if path.ends_with("pacioli.backup") {
            continue;
        }
        assert!(is_held(&stored, &path), "{}", path.display());
        for left in leftovers(&whole) {
            let machine = stored.after_kill();
            machine.put(&path, left);
            assert!(!is_held(&machine, &path), "{}", path.display());
            take(&teller.engine, &machine).expect("a backup");
            assert_eq!(files(&machine, BACKUP), fresh, "{}", path.display());
            verify(&machine).expect("it is whole");
        }
        planned += 1;
    }
    assert!(planned > 2);
}

/// The backup before is whole again as soon as the file is, whatever becomes of the new one.
#[test]
fn a_damaged_backup_is_mended_by_a_later_one_that_is_cut_off() {
    let (teller, stored, _) = grown();
    let whole = verify(&stored).expect("it is whole");
    let backup = teller.engine.backup().expect("sealed");
    let path = Path::new(BACKUP).join(&backup.plan().files[0].name);
    let mut damaged = stored.contents(&path).expect("it is there");
    damaged[200] ^= 1;
    stored.put(&path, damaged);
    verify(&stored).expect_err("it is damaged");
    let mut directory = open_backup(&stored).expect("it opens");
    let wanted = directory.begin(backup.plan().clone()).expect("it goes on");
    assert_eq!(wanted[0], 0);
    receive(&mut directory, &backup, 0);
    drop(directory);
    assert_eq!(verify(&stored).expect("it is whole again"), whole);
}

/// Takes a single file.
fn receive(directory: &mut BackupDirectory, backup: &Backup, index: usize) {
    let mut reader = backup.open(index).expect("it is there");
    let mut content = vec![0; 1 << 20];
    directory.begin_file(index).expect("it begins");
    loop {
        let length = reader.read(&mut content).expect("it can be read");
        if length == 0 {
            break;
        }
        directory.write(&content[..length]).expect("it is written");
    }
    directory.end_file(reader.hash()).expect("it is as sent");
}

#[test]
fn what_a_backup_that_was_cut_off_left_is_not_believed_by_its_length() {
    let (teller, _, fresh) = grown();
    let cut_off = MemoryVfs::new(21);
    let backup = teller.engine.backup().expect("sealed");
    let mut directory = open_backup(&cut_off).expect("it opens");
    let wanted = directory.begin(backup.plan().clone()).expect("it begins");
    for &index in &wanted[..2] {
        receive(&mut directory, &backup, index);
    }
    drop(directory);
    let next = &backup.plan().files[wanted[2]];
    for &index in &wanted[..2] {
        let path = Path::new(BACKUP).join(&backup.plan().files[index].name);
        let whole = cut_off.contents(&path).expect("it arrived");
        assert!(is_held(&cut_off, &path));
        for left in leftovers(&whole) {
            let machine = cut_off.after_kill();
            machine.put(&path, left);
            assert!(!is_held(&machine, &path));
            // Nor one that has its own name already, but is in no list.
            let unlisted = Path::new(BACKUP).join(&next.name);
            machine.put(&unlisted, vec![0; usize::try_from(next.bytes).unwrap()]);
            assert!(!is_held(&machine, &unlisted));
            take(&teller.engine, &machine).expect("a backup");
            assert_eq!(files(&machine, BACKUP), fresh);
        }
    }
}
