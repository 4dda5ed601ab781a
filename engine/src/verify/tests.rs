//! What the auditor says of whole data directories.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Event, Fact, Sequence, Timestamp};

use super::books::tests::recorded;
use super::*;
use crate::journal::{
    Appended, Closing, FrameBuilder, FrameError, FrameKind, JournalOptions, Log, Opened,
    Preparation, Replay, RequestContext, SealedError, SegmentLog, open,
};
use crate::vfs::MemoryVfs;

const SEGMENT_BYTES: u64 = 8 << 10;

fn dir() -> &'static Path {
    Path::new("/data")
}

struct Anything;

impl Replay for Anything {
    fn event(
        &mut self,
        _: &Event,
        _: &RequestContext<'_>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

fn open_journal(vfs: &MemoryVfs) -> Opened {
    let options = JournalOptions {
        segment_bytes: SEGMENT_BYTES,
        preparation: Preparation::Inline,
    };
    open(Arc::new(vfs.clone()), dir(), options, &mut Anything).unwrap()
}

fn append(log: &mut SegmentLog, events: &[Event], kind: FrameKind) {
    let base = log.last_time();
    let next = Sequence::new(log.last_sequence().get() + 1);
    let mut builder = FrameBuilder::new(next, base);
    if !events.is_empty() {
        builder.begin_request(&RequestContext::default());
        events.iter().for_each(|event| builder.push(event));
        builder.end_request();
    }
    let frame = builder.close(Closing {
        kind,
        close_time: events.last().map_or(base, |event| event.time),
        committed: log.last_sequence(),
    });
    assert!(matches!(log.append(&frame), Appended::Durable(_)));
}

/// A data directory with these events: sealed segments, active ones, an end.
fn directory_of(events: &[Event]) -> MemoryVfs {
    let vfs = MemoryVfs::new(1);
    let (first, rest) = events.split_at(events.len() / 2);
    for part in [first, rest] {
        let mut opened = open_journal(&vfs);
        let mut part = part;
        while !part.is_empty() {
            let mut length = part.len().min(5);
            while part[length - 1].chained {
                length += 1;
            }
            append(&mut opened.log, &part[..length], FrameKind::Events);
            part = &part[length..];
        }
        append(&mut opened.log, &[], FrameKind::Mark);
    }
    vfs
}

#[derive(Default)]
struct Findings(Vec<Finding>, u64);

impl Report for Findings {
    fn finding(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    fn progress(&mut self, progress: crate::journal::Progress) {
        assert!(progress.bytes <= progress.bytes_total);
        self.1 += 1;
    }
}

fn audit(vfs: &MemoryVfs) -> (Summary, Vec<Finding>) {
    let mut findings = Findings::default();
    let vfs: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let summary = verify(&vfs, dir(), &mut findings).unwrap();
    assert_eq!(summary.errors + summary.notes, findings.0.len() as u64);
    assert!(findings.1 > 0, "progress is shown");
    (summary, findings.0)
}

fn texts(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(Finding::to_string).collect()
}

#[test]
fn a_sound_journal_has_no_findings() {
    let events = recorded().0;
    let vfs = directory_of(&events);
    let before: Vec<_> = vfs.paths().iter().map(|path| vfs.contents(path)).collect();
    let (summary, findings) = audit(&vfs);
    assert_eq!(texts(&findings), [""; 0]);
    assert_eq!(summary.events, events.len() as u64);
    assert_eq!(summary.sequence.get(), events.len() as u64);
    assert_eq!(summary.accounts, 5);
    assert_eq!(summary.unchecked_from, None);
    assert!(summary.ledgers.iter().all(LedgerProof::is_balanced));
    let opened = open_journal(&vfs.after_kill());
    assert_eq!(summary.hash, opened.recovered.hash);
    assert_eq!(summary.database, opened.recovered.database);
    let after: Vec<_> = vfs.paths().iter().map(|path| vfs.contents(path)).collect();
    assert_eq!(before, after, "the auditor changes nothing");
}

#[test]
fn a_fact_that_breaks_a_rule_is_named_with_its_place() {
    let mut events = recorded().0;
    let sequence = events.iter_mut().find_map(|event| match &mut event.fact {
        Fact::TransferCreated(created) if created.transfer.id.get() == 11 => {
            created.transfer.code = 0;
            Some(event.sequence)
        }
        _ => None,
    });
    let (summary, findings) = audit(&directory_of(&events));
    assert_eq!(summary.errors, 1);
    assert_eq!(Some(findings[0].sequence), sequence);
    assert!(matches!(
        findings[0].problem,
        Problem::Rule(Rule::TransferCodeZero)
    ));
    let text = findings[0].to_string();
    assert!(
        text.starts_with("/data/segment-0000000001.sealed, byte "),
        "{text}"
    );
    assert!(text.ends_with("the transfer's code is 0"), "{text}");
}

#[test]
fn every_flipped_byte_of_the_journal_is_found() {
    let vfs = directory_of(&recorded().0);
    for path in vfs.paths() {
        let contents = vfs.contents(&path).unwrap();
        let is_sealed = path.extension().is_some_and(|ending| ending == "sealed");
        for byte in (0..contents.len()).step_by(11) {
            let vfs = vfs.after_kill();
            vfs.flip(&path, byte as u64 * 8 + 3);
            let (summary, _) = audit(&vfs);
            let is_meta = path == names::meta(dir());
            if is_sealed || is_meta {
                assert!(summary.errors > 0, "byte {byte} of {}", path.display());
            }
        }
    }
}

#[test]
fn damage_in_the_middle_is_found_and_what_follows_is_read() {
    let vfs = directory_of(&recorded().0);
    let is_active = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "active");
    let path = vfs.paths().into_iter().find(is_active).unwrap();
    vfs.flip(&path, 8 * 200);
    let (summary, findings) = audit(&vfs);
    assert!(matches!(
        findings[0].problem,
        Problem::Frame(FrameError::Checksum)
    ));
    assert_eq!((&findings[0].file, findings[0].offset), (&path, 0));
    assert!(summary.unchecked_from.is_some());
    assert!(
        findings
            .iter()
            .any(|f| matches!(f.problem, Problem::Unchecked))
    );
    assert_eq!(
        summary.sequence.get(),
        recorded().0.len() as u64,
        "it went on to the end"
    );
}

#[test]
fn a_torn_tail_is_no_error() {
    let vfs = directory_of(&recorded().0);
    let mut opened = open_journal(&vfs);
    let last = recorded().0.last().unwrap().clone();
    let mut next = last.clone();
    next.sequence = Sequence::new(last.sequence.get() + 1);
    next.time = Timestamp::new(last.time.get() + 1);
    append(&mut opened.log, &[next], FrameKind::Events);
    drop(opened);
    let is_active = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "active");
    let newest = vfs.paths().into_iter().rfind(is_active).unwrap();
    vfs.flip(&newest, 8 * 200);
    let (summary, findings) = audit(&vfs);
    assert_eq!(
        (summary.errors, summary.notes),
        (0, 1),
        "{:?}",
        texts(&findings)
    );
    assert!(matches!(findings[0].problem, Problem::TornTail { .. }));
}

#[test]
fn a_missing_segment_and_a_missing_meta_file_are_found() {
    let vfs = directory_of(&recorded().0);
    vfs.take_away(&names::sealed(dir(), 1));
    let (_, findings) = audit(&vfs);
    assert!(matches!(
        findings[0].problem,
        Problem::SegmentMissing { segment: 1 }
    ));

    let vfs = directory_of(&recorded().0);
    vfs.take_away(&names::meta(dir()));
    let (summary, findings) = audit(&vfs);
    assert!(matches!(findings[0].problem, Problem::Meta(_)));
    assert_eq!(summary.events, recorded().0.len() as u64);
}

#[test]
fn an_edited_footer_is_found() {
    let vfs = directory_of(&recorded().0);
    let path = names::sealed(dir(), 1);
    let mut contents = vfs.contents(&path).unwrap();
    let footer_at = contents.len() - 176;
    contents[footer_at + 64] ^= 1;
    let crc = crc32fast::hash(&contents[footer_at..footer_at + 172]).to_le_bytes();
    contents[footer_at + 172..].copy_from_slice(&crc);
    vfs.put(&path, contents);
    let (_, findings) = audit(&vfs);
    let is_contradiction =
        |f: &Finding| matches!(f.problem, Problem::Sealed(SealedError::Contradiction));
    assert!(
        findings.iter().any(is_contradiction),
        "{:?}",
        texts(&findings)
    );
}

#[test]
fn a_running_server_and_an_empty_directory_are_refused() {
    let vfs = directory_of(&recorded().0);
    let opened = open_journal(&vfs);
    let shared: Arc<dyn Vfs> = Arc::new(vfs.clone());
    let refused = verify(&shared, dir(), &mut Findings::default()).unwrap_err();
    assert!(matches!(refused, VerifyError::Locked { .. }));
    assert!(refused.to_string().contains("stop it first"), "{refused}");
    drop(opened);
    verify(&shared, dir(), &mut Findings::default()).unwrap();

    let empty = MemoryVfs::new(1);
    empty.create_dir(dir()).unwrap();
    let shared: Arc<dyn Vfs> = Arc::new(empty.clone());
    let refused = verify(&shared, dir(), &mut Findings::default()).unwrap_err();
    assert!(matches!(refused, VerifyError::NoDatabase { .. }));
    assert!(empty.paths().is_empty(), "not even a lock is left");
}
