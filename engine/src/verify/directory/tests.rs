//! What the auditor says of the directory of names, which is real files.

use std::path::Path;
use std::sync::Arc;

use ledger_core::{AccountId, AccountUpdate, LedgerId, NewAccount, UpdateId};

use super::super::{Finding, Problem, Report, verify};
use crate::fixture::ask;
use crate::journal::names;
use crate::vfs::{OsVfs, Vfs};
use crate::{Command, Config, Engine};

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Report for Findings {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding);
    }
}

fn audit(dir: &Path) -> Vec<Finding> {
    let mut findings = Findings::default();
    let vfs: Arc<dyn Vfs> = Arc::new(OsVfs);
    verify(&vfs, dir, &mut findings).expect("there is a database");
    findings.0
}

/// A database whose accounts have names, one of them its second and one none any more.
fn database(dir: &Path) {
    let mut config = Config::new(dir);
    config.segment_bytes = 1 << 20;
    let engine = Engine::open(config).expect("a new database");
    let account = |id, name: &str| NewAccount {
        id: AccountId::new(id),
        ledger: LedgerId::new(1),
        code: 1,
        name: name.into(),
        ..NewAccount::default()
    };
    let accounts = [account(1, "cash"), account(2, "fees"), account(3, "till")];
    ask(&engine, Command::CreateAccounts(accounts.into())).expect("decided");
    let update = |update_id, id, name: &str| AccountUpdate {
        update_id: UpdateId::new(update_id),
        id: AccountId::new(id),
        name: Some(name.into()),
        ..AccountUpdate::default()
    };
    let updates = vec![update(1, 2, "charges"), update(2, 3, "")];
    ask(&engine, Command::UpdateAccounts(updates)).expect("decided");
    // The names are in the directory once it answers.
    assert_eq!(engine.find_by_name("c", 10).expect("it works").len(), 2);
    engine.shutdown();
}

#[test]
fn a_directory_is_compared_by_its_contents() {
    let temporary = tempfile::tempdir().expect("a directory");
    let dir = temporary.path();
    database(dir);
    assert!(audit(dir).is_empty());

    let open = || sled::open(dir.join(names::DIRECTORY)).expect("a directory of sled");
    let change = |id: u128, name: Option<&str>| {
        let sled = open();
        let by_id = sled.open_tree("by_id").expect("a tree");
        let key = id.to_be_bytes();
        let old = by_id.get(key).expect("readable").expect("there");
        let of_name = |name: &[u8]| [name, &[0], &key].concat();
        let by_name = sled.open_tree("by_name").expect("a tree");
        by_name.remove(of_name(&old[8..])).expect("writable");
        match name {
            Some(name) => {
                let new = [&old[..8], name.as_bytes()].concat();
                by_name
                    .insert(of_name(name.as_bytes()), &[])
                    .expect("writable");
                by_id.insert(key, new).expect("writable")
            }
            None => by_id.remove(key).expect("writable"),
        };
        sled.flush().expect("writable");
    };
    for name in [Some("cost"), None] {
        change(2, name);
        let findings = audit(dir);
        assert_eq!(findings.len(), 1, "{name:?}");
        let problem = &findings[0].problem;
        assert!(matches!(problem, Problem::DirectoryName(id) if id.get() == 2));
        assert_eq!(findings[0].file, dir.join(names::DIRECTORY));
    }
}

#[test]
fn a_directory_that_cannot_be_read_is_found_and_one_that_is_missing_is_not() {
    let temporary = tempfile::tempdir().expect("a directory");
    let dir = temporary.path();
    database(dir);
    let db = dir.join(names::DIRECTORY).join("conf");
    std::fs::write(&db, "no configuration of sled's").expect("writable");
    let findings = audit(dir);
    assert!(matches!(
        findings[..],
        [Finding {
            problem: Problem::DirectoryDamaged,
            ..
        }]
    ));
    std::fs::remove_dir_all(dir.join(names::DIRECTORY)).expect("writable");
    assert!(audit(dir).is_empty());
}
