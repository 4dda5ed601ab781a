//! Crashes while snapshots are taken and old ones removed.

use std::path::PathBuf;

use super::damage::{derive_at, recover};
use crate::journal::names;
use crate::snapshot::fixture::{Making, dir, replayed, sealed, try_open_journal, write};
use crate::snapshot::{Keeping, Snapshot, Snapshots, verify};
use crate::vfs::{MemoryVfs, Vfs};

use std::sync::Arc;

use ledger_core::Sequence;

const SEGMENT_BYTES: u64 = 16 << 10;

fn written(seed: u64) -> (MemoryVfs, Making) {
    let mut making = Making::new(seed);
    making.make(420);
    let vfs = MemoryVfs::new(seed);
    write(&vfs, making.events(), SEGMENT_BYTES, 9);
    (vfs, making)
}

/// Takes a snapshot at the end of each of the first segments, as far as it gets.
fn take_some(vfs: &MemoryVfs) {
    let database = crate::journal::meta::Meta::load(vfs, &names::meta(dir()));
    let Ok(Ok(meta)) = database else { return };
    let Ok(opened) = try_open_journal(vfs, SEGMENT_BYTES) else {
        return;
    };
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let snapshots = Snapshots::new(Keeping {
        vfs: shared,
        dir: dir().to_owned(),
        database: meta.database,
        reader: opened.reader,
        appended: Box::new(|| 0),
        growth_bytes_min: 0,
    });
    for through in 1..=4 {
        let name = (through == 1).then_some("first");
        if snapshots.take(&snapshots.taking(), through, name).is_err() {
            return;
        }
    }
}

fn kept(vfs: &MemoryVfs) -> Vec<PathBuf> {
    let is_snapshot = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        matches!(names::read(name), names::Name::Snapshot(_))
    };
    vfs.paths().into_iter().filter(is_snapshot).collect()
}

#[test]
fn the_two_newest_and_the_named_are_kept() {
    let (vfs, making) = written(21);
    take_some(&vfs);
    let segments = sealed(&vfs);
    let expected: Vec<PathBuf> = [0, 2, 3]
        .iter()
        .map(|&index: &usize| names::snapshot(dir(), segments[index].1))
        .collect();
    assert_eq!(kept(&vfs), expected);
    let named = Snapshot::open(&vfs, &expected[0]).unwrap();
    assert_eq!(named.names(), ["first".into()]);
    for path in &expected {
        let info = verify(&vfs, path).unwrap();
        let state = replayed(making.events(), info.sequence);
        assert_eq!(info.digest, state.digest());
    }
    // A name is given to one that is there, and is not lost when another is added.
    let again = derive_at(&vfs, Some(&expected[0]), segments[0].0);
    let named = Snapshot::open(&vfs, &again).unwrap();
    assert_eq!(named.names(), ["before_the_audit".into(), "first".into()]);
}

/// Rows 15 to 17: at any call the power goes or the process is killed. What has a snapshot's name
/// is a whole snapshot, and what is recovered is what was written.
#[test]
fn a_crash_at_every_call_leaves_only_whole_snapshots() {
    let (vfs, making) = written(22);
    let before = vfs.calls().total();
    let trial = vfs.after_kill();
    take_some(&trial);
    let calls = trial.calls().total() - vfs.after_kill().calls().total();
    assert!(calls > 30 && before > 0, "{calls}");
    let end = Sequence::new(making.events().len() as u64);
    let digest = replayed(making.events(), end).digest();
    for call in 1..=calls {
        let vfs = vfs.after_kill();
        vfs.cut_power_at(vfs.calls().total() + call);
        take_some(&vfs);
        assert!(vfs.is_off(), "call {call} was made");
        for after in [vfs.after_power_cut(), vfs.after_kill()] {
            for path in kept(&after) {
                let info = verify(&after, &path).unwrap();
                let state = replayed(making.events(), info.sequence);
                assert_eq!(info.digest, state.digest(), "call {call}");
            }
            assert_eq!(recover(&after).unwrap().1, digest, "call {call}");
        }
    }
}

/// Row 2: a refusal at any call leaves nothing behind that counts, and the next attempt works.
#[test]
fn a_refusal_at_every_call_is_made_good_by_the_next_attempt() {
    let (vfs, making) = written(23);
    let trial = vfs.after_kill();
    let start = trial.calls().total();
    take_some(&trial);
    let calls = trial.calls().total() - start;
    for call in (1..=calls).step_by(3) {
        let vfs = vfs.after_kill();
        vfs.refuse_at(vfs.calls().total() + call);
        take_some(&vfs);
        take_some(&vfs);
        assert_eq!(kept(&vfs), kept(&trial), "call {call}");
        for path in kept(&vfs) {
            let info = verify(&vfs, &path).unwrap();
            let state = replayed(making.events(), info.sequence);
            assert_eq!(info.digest, state.digest(), "call {call}");
        }
    }
}
