//! Names of accounts, both ways, and the directory that may be lost at any time.

use std::path::Path;
use std::sync::Arc;

use ledger_core::{AccountId, AccountUpdate, Sequence, UpdateId, UpdateStatus};
use ledger_engine::vfs::MemoryVfs;
use ledger_engine::{Body, Command, Config, Degraded, DirectoryError, SimulatedClock};
use tempfile::TempDir;

use crate::teller::{Teller, account, clock, config, eventually, named_account};

fn config_at(path: &Path) -> Config {
    Config {
        directory_names_max: 1000,
        directory_cache_bytes: 8 << 20,
        directory_path: Some(path.join("directory")),
        ..config()
    }
}

fn open(dir: &TempDir, vfs: &MemoryVfs, clock: &Arc<SimulatedClock>) -> Teller {
    Teller::open_as(config_at(dir.path()), vfs, clock)
}

fn find(teller: &Teller, prefix: &str) -> Vec<(u128, String)> {
    // A rebuild takes its time.
    eventually("the directory is ready", || {
        !matches!(
            teller.engine.find_by_name(prefix, 10),
            Err(DirectoryError::Rebuilding { .. } | DirectoryError::Unavailable)
        )
    });
    let found = teller
        .engine
        .find_by_name(prefix, 10)
        .expect("the directory answers");
    found
        .into_iter()
        .map(|(id, name)| (id.get(), name.into()))
        .collect()
}

fn owned(names: &[(u128, &str)]) -> Vec<(u128, String)> {
    names
        .iter()
        .map(|&(id, name)| (id, name.to_owned()))
        .collect()
}

fn rename(teller: &Teller, update: u128, id: u128, name: &str) {
    let update = AccountUpdate {
        update_id: UpdateId::new(update),
        id: AccountId::new(id),
        name: Some(name.into()),
        ..AccountUpdate::default()
    };
    let reply = teller.ask(Command::UpdateAccounts(vec![update])).unwrap();
    let Body::Updates(answers) = reply.body else {
        panic!("not an answer to updates")
    };
    assert_eq!(answers[0].status, UpdateStatus::Updated);
}

fn fill(teller: &Teller) {
    teller.create_accounts(vec![
        named_account(1, "Assets:Bank"),
        named_account(2, "Assets:Cash"),
        named_account(3, "Equity"),
        account(4),
        named_account(5, "Assets"),
    ]);
    rename(teller, 1, 3, "Assets:Car");
    rename(teller, 2, 2, "");
}

const AFTER_FILL: [(u128, &str); 3] = [(5, "Assets"), (1, "Assets:Bank"), (3, "Assets:Car")];

fn name_of(teller: &Teller, id: u128) -> String {
    let named = teller.named(id);
    teller
        .engine
        .names(&[(AccountId::new(id), named)])
        .unwrap()
        .remove(0)
        .into()
}

#[test]
fn accounts_are_found_by_the_beginning_of_their_name() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let teller = open(&dir, &vfs, &clock);
    fill(&teller);
    assert_eq!(find(&teller, "Assets"), owned(&AFTER_FILL));
    assert_eq!(find(&teller, "Assets:C"), owned(&[(3, "Assets:Car")]));
    assert_eq!(find(&teller, "Equity"), owned(&[]));
    assert_eq!(teller.engine.find_by_name("", 2).unwrap().len(), 2);
    let directory_names = teller.engine.status().directory_names;
    assert_eq!(directory_names, 3);
}

#[test]
fn names_are_told_with_and_without_the_directory() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let teller = open(&dir, &vfs, &clock);
    fill(&teller);
    let check = |teller: &Teller| {
        let names: Vec<_> = (1..=5).map(|id| name_of(teller, id)).collect();
        assert_eq!(names, ["Assets:Bank", "", "Assets:Car", "", "Assets"]);
    };
    check(&teller);
    teller.engine.shutdown();
    drop(teller);
    let teller = Teller::open_as(config(), &vfs, &clock);
    check(&teller);
    assert!(matches!(
        teller.engine.find_by_name("", 1),
        Err(DirectoryError::Unavailable)
    ));
    // An older name is told to whoever still asks for it.
    let old = teller
        .engine
        .names(&[(AccountId::new(3), Sequence::new(3))])
        .unwrap();
    assert_eq!(&*old[0], "Equity");
}

#[test]
fn the_directory_is_opened_after_a_clean_end() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let teller = open(&dir, &vfs, &clock);
    fill(&teller);
    teller.engine.shutdown();
    drop(teller);
    let teller = open(&dir, &vfs, &clock);
    assert_eq!(find(&teller, ""), owned(&AFTER_FILL));
    teller.create_accounts(vec![named_account(9, "Zoo")]);
    assert_eq!(find(&teller, "Z"), owned(&[(9, "Zoo")]));
    teller.engine.shutdown();
    drop(teller);
    let teller = open(&dir, &vfs, &clock);
    assert_eq!(find(&teller, "Z"), owned(&[(9, "Zoo")]));
    assert_eq!(teller.engine.status().directory_names, 4);
}

#[test]
fn the_directory_is_rebuilt_after_a_crash() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let teller = open(&dir, &vfs, &clock);
    fill(&teller);
    assert_eq!(find(&teller, ""), owned(&AFTER_FILL));
    drop(teller);
    let teller = open(&dir, &vfs, &clock);
    assert_eq!(find(&teller, ""), owned(&AFTER_FILL));
}

#[test]
fn a_directory_that_is_missing_is_rebuilt() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let teller = open(&dir, &vfs, &clock);
    fill(&teller);
    teller.engine.shutdown();
    drop(teller);
    std::fs::remove_dir_all(dir.path().join("directory")).unwrap();
    let teller = open(&dir, &vfs, &clock);
    assert_eq!(find(&teller, ""), owned(&AFTER_FILL));
}

/// It was closed cleanly, but the journal went on without it.
#[test]
fn a_directory_that_is_behind_is_rebuilt() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let teller = open(&dir, &vfs, &clock);
    teller.create_accounts(vec![named_account(8, "Before")]);
    teller.engine.shutdown();
    drop(teller);
    let teller = Teller::open_as(config(), &vfs, &clock);
    fill(&teller);
    teller.engine.shutdown();
    drop(teller);
    let teller = open(&dir, &vfs, &clock);
    assert_eq!(find(&teller, "Assets"), owned(&AFTER_FILL));
    assert_eq!(find(&teller, "Before"), owned(&[(8, "Before")]));
}

#[test]
fn a_directory_of_another_database_is_rebuilt() {
    let (dir, clock) = (TempDir::new().unwrap(), clock());
    let other = open(&dir, &MemoryVfs::new(1), &clock);
    other.create_accounts(vec![named_account(7, "Foreign"); 1]);
    other.engine.shutdown();
    drop(other);
    let vfs = MemoryVfs::new(2);
    let teller = Teller::open_as(config(), &vfs, &clock);
    teller.create_accounts(vec![named_account(7, "Own")]);
    teller.engine.shutdown();
    drop(teller);
    let teller = open(&dir, &vfs, &clock);
    assert_eq!(find(&teller, ""), owned(&[(7, "Own")]));
}

#[test]
fn a_directory_that_is_broken_is_rebuilt() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let teller = open(&dir, &vfs, &clock);
    fill(&teller);
    teller.engine.shutdown();
    drop(teller);
    // Every file of it, one after the other, is overwritten with rubbish.
    let files: Vec<_> = walk(&dir.path().join("directory"));
    assert!(!files.is_empty());
    for file in files {
        let length = std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
        let rubbish: Vec<u8> = (0..length).map(|at| (at * 7 + 3) as u8).collect();
        std::fs::write(&file, rubbish).unwrap();
        let teller = open(&dir, &vfs, &clock);
        assert_eq!(find(&teller, ""), owned(&AFTER_FILL), "{}", file.display());
        teller.engine.shutdown();
    }
}

fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path))
        } else {
            files.push(path)
        }
    }
    files
}

#[test]
fn names_beyond_the_limit_are_told_but_not_found() {
    let (dir, vfs, clock) = (TempDir::new().unwrap(), MemoryVfs::new(1), clock());
    let config = Config {
        directory_names_max: 2,
        ..config_at(dir.path())
    };
    let teller = Teller::open_as(config, &vfs, &clock);
    teller.create_accounts((1..=3).map(|id| named_account(id, "Same")).collect());
    eventually("the limit is noticed", || {
        matches!(
            teller.engine.find_by_name("", 10),
            Err(DirectoryError::Incomplete { names_max: 2 })
        )
    });
    assert_eq!(name_of(&teller, 3), "Same");
    let degraded = teller.engine.status().degraded;
    assert!(degraded.contains(&Degraded::DirectoryIncomplete { names_max: 2 }));
}
