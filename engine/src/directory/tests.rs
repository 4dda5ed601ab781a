use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::ReadError;

/// A journal of names, which can be made to hang.
#[derive(Default)]
struct Names {
    given: Mutex<Vec<NameGiven>>,
    hang: AtomicBool,
    changed: Condvar,
    lock: Mutex<()>,
}

impl NameSource for Names {
    fn names_given(
        &self,
        after: Sequence,
        through: Sequence,
        each: &mut dyn FnMut(NameGiven),
    ) -> Result<(), ReadError> {
        let guard = self.lock.lock().unwrap();
        drop(
            self.changed
                .wait_while(guard, |()| self.hang.load(Ordering::Relaxed))
                .unwrap(),
        );
        for given in self.given.lock().unwrap().iter() {
            if given.sequence > after && given.sequence <= through {
                each(given.clone());
            }
        }
        Ok(())
    }
}

fn given(sequence: u64, id: u128, name: &str) -> NameGiven {
    NameGiven {
        sequence: Sequence::new(sequence),
        id: AccountId::new(id),
        name: name.into(),
    }
}

fn opening(dir: &tempfile::TempDir) -> Opening {
    Opening {
        path: dir.path().join("directory"),
        cache_bytes: 8 << 20,
        names_max: 1_000_000,
        call_max: Duration::from_millis(500),
        identity: Identity {
            database: 1,
            epoch: 2,
        },
        journal_end: Sequence::ZERO,
        clean: true,
    }
}

fn wait_for(directory: &Directory, at: u64, id: u128, name: &str) {
    let begun = Instant::now();
    loop {
        let found = directory.find(name, 10, Sequence::new(at));
        if found
            .as_ref()
            .is_ok_and(|found| found == &[(AccountId::new(id), name.into())])
        {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{found:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// More names at once than may wait: they are read from the journal.
#[test]
fn names_that_do_not_fit_the_inbox_are_caught_up() {
    let dir = tempfile::TempDir::new().unwrap();
    let source = Arc::new(Names::default());
    let directory = Directory::start(opening(&dir), Arc::clone(&source) as Arc<_>).unwrap();
    let many: Vec<_> = (1..=70_000)
        .map(|n| given(n, u128::from(n), &format!("name {n}")))
        .collect();
    source.given.lock().unwrap().clone_from(&many);
    let mut names = many;
    directory.publish(&mut names, Sequence::new(70_000));
    assert!(names.is_empty());
    wait_for(&directory, 70_000, 70_000, "name 70000");
    wait_for(&directory, 70_000, 69_999, "name 69999");
    assert_eq!(directory.count().0, 70_000);
    directory.publish(
        &mut vec![given(70_001, 5, "another")],
        Sequence::new(70_001),
    );
    wait_for(&directory, 70_001, 5, "another");
    directory.close(Sequence::new(70_001));
    let reopening = Opening {
        journal_end: Sequence::new(70_001),
        ..opening(&dir)
    };
    let directory = Directory::start(reopening, Arc::new(Names::default())).unwrap();
    wait_for(&directory, 70_001, 5, "another");
    assert_eq!(directory.count().0, 70_000);
}

#[test]
fn a_question_that_takes_too_long_is_given_up() {
    let dir = tempfile::TempDir::new().unwrap();
    let source = Arc::new(Names::default());
    source.hang.store(true, Ordering::Relaxed);
    let opening = Opening {
        clean: false,
        journal_end: Sequence::new(9),
        ..opening(&dir)
    };
    let directory = Directory::start(opening, Arc::clone(&source) as Arc<_>).unwrap();
    let begun = Instant::now();
    let answer = directory.find("", 1, Sequence::new(9));
    assert!(
        matches!(answer, Err(DirectoryError::TimedOut { .. })),
        "{answer:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(
        directory.names(&[(AccountId::new(1), Sequence::new(1))]),
        [None]
    );
    source.hang.store(false, Ordering::Relaxed);
    source.changed.notify_all();
    source.given.lock().unwrap().push(given(3, 1, "late"));
    directory.publish(&mut Vec::new(), Sequence::new(10));
    directory.publish(&mut vec![given(11, 2, "later")], Sequence::new(11));
    wait_for(&directory, 11, 2, "later");
}

/// A question asked with a sequence that is not published yet waits for it.
#[test]
fn a_question_waits_for_its_own_sequence() {
    let dir = tempfile::TempDir::new().unwrap();
    let source = Arc::new(Names::default());
    let directory = Arc::new(Directory::start(opening(&dir), source).unwrap());
    wait_until_following(&directory);
    let asking = {
        let directory = Arc::clone(&directory);
        std::thread::spawn(move || directory.find("x", 10, Sequence::new(5)))
    };
    std::thread::sleep(Duration::from_millis(30));
    directory.publish(&mut vec![given(5, 1, "xy")], Sequence::new(5));
    let found = asking.join().unwrap().expect("an answer");
    assert_eq!(found, [(AccountId::new(1), "xy".into())]);
}

fn wait_until_following(directory: &Directory) {
    let begun = Instant::now();
    while directory.stand() != Stand::Following {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_name_is_told_only_of_the_event_that_gave_it() {
    let dir = tempfile::TempDir::new().unwrap();
    let directory = Directory::start(opening(&dir), Arc::new(Names::default())).unwrap();
    wait_until_following(&directory);
    directory.publish(
        &mut vec![given(1, 1, "old"), given(2, 1, "new")],
        Sequence::new(2),
    );
    wait_for(&directory, 2, 1, "new");
    let id = AccountId::new(1);
    let names = directory.names(&[(id, Sequence::new(1)), (id, Sequence::new(2))]);
    assert_eq!(names, [None, Some("new".into())]);
}
