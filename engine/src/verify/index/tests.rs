//! What the auditor says of runs and snapshots.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{AccountId, Event, Fact, Sequence, TransferFlags};

use super::super::books::Books;
use super::super::{Finding, Problem, Report, Summary, snapshots, verify};
use crate::journal::chain::Chain;
use crate::journal::names;
use crate::journal::sealed::SealedFile;
use crate::runs::{Run, RunBuilder, SegmentPlace, merge};
use crate::snapshot::Snapshot;
use crate::snapshot::fixture::{Making, dir, sealed, take, write};
use crate::vfs::{MemoryVfs, Vfs};

const SEGMENT_BYTES: u64 = 24 << 10;
const CLOSING: TransferFlags = TransferFlags::CLOSING_DEBIT.with(TransferFlags::CLOSING_CREDIT);

/// A database with a random history, a run over its first two segments and one for each of the
/// others, and two snapshots.
fn database(seed: u64) -> (MemoryVfs, Vec<Event>) {
    let vfs = MemoryVfs::new(seed);
    let mut making = Making::new(seed);
    making.make(900);
    write(&vfs, making.events(), SEGMENT_BYTES, 4);
    let events = making.events().to_vec();
    let segments = sealed(&vfs);
    assert!(segments.len() > 3, "{} segments", segments.len());
    for &(number, _) in &segments {
        index(&vfs, number, &events);
    }
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let runs: Vec<Arc<Run>> = runs(&vfs)[..2]
        .iter()
        .map(|path| Arc::new(Run::open(&shared, path).unwrap()))
        .collect();
    merge(&shared, dir(), &runs, 1, &mut |_| ControlFlow::Continue(())).unwrap();
    for run in runs {
        shared.remove(run.path()).unwrap();
    }
    for number in [2, segments.len() as u64] {
        take(&vfs, number);
    }
    (vfs, events)
}

/// Writes the run of a segment from these events, whatever the segment holds.
fn index(vfs: &MemoryVfs, number: u64, events: &[Event]) -> Run {
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let path = names::sealed(dir(), number);
    let (footer, _) = SealedFile::open(&shared, &path, number).unwrap().unwrap();
    let mut builder = RunBuilder::new();
    let last = Sequence::new(footer.first_sequence.get() + footer.event_count - 1);
    events
        .iter()
        .filter(|event| (footer.first_sequence..=last).contains(&event.sequence))
        .for_each(|event| builder.add(event));
    let place = SegmentPlace {
        database: footer.database,
        epoch: footer.epoch,
        number,
        last_hash: footer.last_hash,
    };
    let run = builder.finish(&shared, dir(), &place, &mut |_| ControlFlow::Continue(()));
    run.unwrap().expect("the segment has events")
}

fn ending(vfs: &MemoryVfs, ending: &str) -> Vec<PathBuf> {
    let is_it = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
    let mut paths: Vec<PathBuf> = vfs.paths().into_iter().filter(is_it).collect();
    paths.sort();
    paths
}

fn runs(vfs: &MemoryVfs) -> Vec<PathBuf> {
    ending(vfs, "run")
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Report for Findings {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding);
    }
}

fn audit(vfs: &MemoryVfs) -> (Summary, Vec<Finding>) {
    let mut findings = Findings::default();
    let vfs: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let summary = verify(&vfs, dir(), &mut findings).unwrap();
    (summary, findings.0)
}

fn texts(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(Finding::to_string).collect()
}

#[test]
fn what_was_made_from_the_journal_is_sound() {
    for seed in 1..6 {
        let (vfs, events) = database(seed);
        let (summary, findings) = audit(&vfs);
        assert_eq!(texts(&findings), [""; 0], "seed {seed}");
        assert_eq!(summary.runs, runs(&vfs).len() as u64);
        assert_eq!(summary.snapshots, 2);
        assert_eq!(summary.events, events.len() as u64);
    }
}

#[test]
fn every_flipped_byte_of_a_run_and_of_a_snapshot_is_found() {
    let (vfs, _) = database(7);
    let run = runs(&vfs).remove(1);
    let snapshot = ending(&vfs, "snapshot").remove(0);
    for path in [run, snapshot] {
        let bytes = vfs.contents(&path).unwrap().len() as u64;
        // A prime step visits every kind of field.
        for byte in (0..bytes).step_by(37) {
            let vfs = vfs.after_kill();
            vfs.flip(&path, byte * 8 + byte % 8);
            let (summary, findings) = audit(&vfs);
            assert!(summary.errors > 0, "byte {byte} of {}", path.display());
            assert!(findings.iter().any(|finding| finding.file == path));
        }
    }
}

#[test]
fn a_sound_run_of_other_events_is_found() {
    let (vfs, mut events) = database(8);
    let number = sealed(&vfs).len() as u64;
    let path = index(&vfs, number, &events).path().to_owned();
    let (first, last) = match names::read(path.file_name().unwrap().to_str().unwrap()) {
        names::Name::Run(first, last) => (first.get() as usize, last.get() as usize),
        name => panic!("{name:?}"),
    };
    let created = events[first - 1..last]
        .iter_mut()
        .find_map(|event| match &mut event.fact {
            Fact::TransferCreated(created) if !created.transfer.flags.intersects(CLOSING) => {
                Some(created)
            }
            _ => None,
        })
        .expect("one of them is a transfer that closes nothing");
    created.transfer.debit_account_id = AccountId::new(12_345);
    index(&vfs, number, &events);
    let (_, findings) = audit(&vfs);
    assert_eq!(findings.len(), 1, "{:?}", texts(&findings));
    assert_eq!(findings[0].file, path);
    let problem = &findings[0].problem;
    assert!(
        matches!(problem, Problem::RunPostings { section } if *section == "accounts"),
        "{problem}"
    );
}

#[test]
fn a_run_and_a_snapshot_of_another_journal_are_found() {
    let (vfs, _) = database(9);
    let (other, _) = database(9);
    for path in [runs(&vfs).remove(1), ending(&vfs, "snapshot").remove(0)] {
        let vfs = vfs.after_kill();
        vfs.put(&path, other.contents(&path).unwrap());
        let (_, findings) = audit(&vfs);
        assert_eq!(findings.len(), 1, "{:?}", texts(&findings));
        assert_eq!(findings[0].file, path);
        assert!(matches!(
            findings[0].problem,
            Problem::RunElsewhere | Problem::SnapshotElsewhere
        ));
    }
}

#[test]
fn a_snapshot_under_the_name_of_another_is_found() {
    let (vfs, _) = database(10);
    let path = ending(&vfs, "snapshot").remove(1);
    let other = ending(&vfs, "snapshot").remove(0);
    vfs.put(&path, vfs.contents(&other).unwrap());
    let (_, findings) = audit(&vfs);
    assert_eq!(findings.len(), 1, "{:?}", texts(&findings));
    assert_eq!(findings[0].file, path);
    assert!(matches!(findings[0].problem, Problem::SnapshotElsewhere));
}

#[test]
fn a_snapshot_of_other_books_is_found() {
    let (vfs, events) = database(10);
    let path = ending(&vfs, "snapshot").remove(1);
    let snapshot = Snapshot::open(&vfs, &path).unwrap();
    let (chain, segment) = (Chain::behind(&snapshot.origin()), snapshot.info().segment);
    let told = |events: &[Event]| {
        let mut books = Books::default();
        for event in events {
            books.enter(event);
        }
        snapshots::differences(&vfs, &path, segment, &chain, &books).expect("its own segment")
    };
    assert!(told(&events).is_empty());
    let found = told(&events[..events.len() - 40]);
    let any = |is_it: fn(&Problem) -> bool| found.iter().any(is_it);
    assert!(any(|p| matches!(p, Problem::SnapshotCounters)));
    assert!(any(|p| matches!(p, Problem::SnapshotLedgers)));
    assert!(any(|p| matches!(p, Problem::SnapshotAccount(_))));
}

#[test]
fn a_snapshot_beyond_the_journal_is_found() {
    let (vfs, _) = database(11);
    let beyond = names::snapshot(Path::new("/data"), Sequence::new(1 << 40));
    let contents = vfs.contents(&ending(&vfs, "snapshot")[0]).unwrap();
    vfs.put(&beyond, contents);
    let (_, findings) = audit(&vfs);
    let is_it = |f: &Finding| matches!(f.problem, Problem::SnapshotBeyondEnd { .. });
    assert!(findings.iter().any(is_it), "{:?}", texts(&findings));
}

#[test]
fn a_run_beyond_the_journal_is_found() {
    let (vfs, events) = database(12);
    let (number, end) = *sealed(&vfs).last().unwrap();
    let (_, before) = sealed(&vfs)[number as usize - 2];
    let run = runs(&vfs).pop().expect("a run of the last segment");
    // The last segment is lost, and with it what knew of it.
    vfs.take_away(&names::sealed(dir(), number));
    for snapshot in ending(&vfs, "snapshot") {
        vfs.take_away(&snapshot);
    }
    let (_, findings) = audit(&vfs);
    let beyond = findings.iter().find(|finding| finding.file == run);
    let beyond = beyond.unwrap_or_else(|| panic!("{:?}", texts(&findings)));
    let Problem::RunBeyondEnd { covered, last } = beyond.problem else {
        panic!("{:?}", texts(&findings))
    };
    assert_eq!((covered, last), (end, before), "{}", events.len());
}
