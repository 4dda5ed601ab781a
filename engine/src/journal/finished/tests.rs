use std::path::Path;

use super::*;
use crate::journal::fixture::{append, dir, event, open_judged, read_all};
use crate::journal::meta::Meta;
use crate::journal::{Opened, SegmentLog};
use crate::vfs::MemoryVfs;

const SEGMENT: u64 = 64 << 10;

/// Takes part without any wish.
#[derive(Default)]
struct Along {
    events: Vec<u64>,
    break_off: bool,
}

impl Companion for Along {
    fn event(&mut self, event: &Event) {
        self.events.push(event.sequence.get());
    }

    fn pace(&mut self, _: u64) -> ControlFlow<()> {
        match self.break_off {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// Fills `segments` segments and begins another one.
fn fill(log: &mut SegmentLog, segments: u64) -> Option<u64> {
    let mut last = log.last_sequence().get();
    for _ in 0..segments {
        for events in [1, 30, 3] {
            last = append(log, events)?;
        }
        if !log.roll().ok()? {
            return None;
        }
    }
    append(log, 2).or(Some(last))
}

fn seal(opened: &mut Opened) -> Result<Vec<u64>, FinishError> {
    let mut along = Along::default();
    while opened.finished.seal_next(&mut along)?.is_some() {}
    Ok(along.events)
}

#[test]
fn what_the_log_left_is_sealed_in_order() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT).unwrap();
    assert!(seal(&mut opened).unwrap().is_empty(), "nothing is finished");
    fill(&mut opened.log, 3).unwrap();
    assert_eq!(opened.finished.count(), 3);
    assert_eq!(opened.finished.next_sequence(), Sequence::new(1));
    assert_eq!(seal(&mut opened).unwrap(), (1..=102).collect::<Vec<_>>());
    assert_eq!(opened.finished.count(), 0);
    assert_eq!(opened.finished.next_sequence(), Sequence::new(103));
    let stats = opened.reader.stats();
    assert_eq!((stats.segments_sealed, stats.segments_unsealed), (3, 1));
    for number in 1..=3 {
        assert!(vfs.contents(&names::sealed(dir(), number)).is_some());
        assert!(vfs.contents(&names::active(dir(), number)).is_none());
    }
    let meta = Meta::load(&vfs, &names::meta(dir())).unwrap().unwrap();
    assert_eq!(meta.sealed_segment, 3);
    assert_eq!(meta.sealed_sequence, Sequence::new(102));
    read_all(&opened);
    drop(opened);
    let opened = open_judged(&vfs, SEGMENT).unwrap();
    assert_eq!(opened.recovered.sequence.get(), 104);
    read_all(&opened);
}

#[test]
fn who_reads_an_active_file_may_go_on_while_it_is_sealed() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT).unwrap();
    fill(&mut opened.log, 1).unwrap();
    let reader = opened.reader.clone();
    let mut next = 1;
    reader
        .visit(Sequence::new(1), Sequence::new(36), |recorded| {
            if next == 5 {
                seal(&mut opened).unwrap();
            }
            assert_eq!(recorded.event, event(next));
            next += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(next, 37);
}

#[test]
fn what_was_broken_off_is_made_again() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT).unwrap();
    fill(&mut opened.log, 1).unwrap();
    let mut along = Along {
        break_off: true,
        ..Along::default()
    };
    let broken = opened.finished.seal_next(&mut along);
    assert!(matches!(broken, Err(FinishError::BrokenOff)), "{broken:?}");
    assert_eq!(seal(&mut opened).unwrap().len(), 34);
    read_all(&opened);
}

#[test]
fn a_full_disk_is_tried_again() {
    let mut refused = 0;
    for call in 1.. {
        let vfs = MemoryVfs::new(1);
        let mut opened = open_judged(&vfs, SEGMENT).unwrap();
        fill(&mut opened.log, 2).unwrap();
        let refuse_at = vfs.calls().total() + call;
        vfs.refuse_at(refuse_at);
        match seal(&mut opened) {
            // Nothing was left to write, or an active file stays until the next start.
            Ok(_) => {}
            Err(FinishError::Refused { .. }) => refused += 1,
            // A sync is not refused for want of space, it fails; the meta file's ends the engine.
            Err(FinishError::Unsure { source, .. }) => {
                assert_ne!(source.kind(), io::ErrorKind::StorageFull, "call {call}");
                continue;
            }
            Err(other) => panic!("call {call}: {other}"),
        }
        seal(&mut opened).unwrap();
        assert_eq!(opened.finished.count(), 0);
        read_all(&opened);
        drop(opened);
        if vfs.calls().total() < refuse_at {
            break;
        }
        read_all(&open_judged(&vfs, SEGMENT).unwrap());
    }
    assert!(refused >= 10, "{refused} calls write");
}

/// Calls of which the disk says that they worked, though what they wrote never arrived.
#[test]
fn a_lost_write_is_found() {
    let mut found = 0;
    for call in 1.. {
        let vfs = MemoryVfs::new(1);
        let mut opened = open_judged(&vfs, SEGMENT).unwrap();
        let lost = vfs.calls().total() + call;
        vfs.lose_at(lost);
        fill(&mut opened.log, 1).unwrap();
        if vfs.calls().total() < lost {
            break;
        }
        match seal(&mut opened) {
            Ok(_) => read_all(&opened),
            Err(error) => {
                found += 1;
                assert!(matches!(error, FinishError::Damaged { .. }), "{error:?}");
                assert!(error.to_string().contains("segment-0000000001.active"));
                assert!(vfs.contents(&names::active(dir(), 1)).is_some());
            }
        }
    }
    assert!(found >= 6, "three frames were written and synced: {found}");
}

#[test]
fn a_sealed_file_that_does_not_read_back_is_found() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT).unwrap();
    fill(&mut opened.log, 1).unwrap();
    // The call after the next makes the file; then it is written.
    vfs.lose_at(vfs.calls().total() + 2);
    let error = seal(&mut opened).unwrap_err();
    assert!(matches!(error, FinishError::ReadBack { .. }), "{error:?}");
    assert!(vfs.contents(&names::active(dir(), 1)).is_some());
}

#[test]
fn an_active_file_that_cannot_be_read_is_told() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT).unwrap();
    fill(&mut opened.log, 1).unwrap();
    let active = names::active(dir(), 1);
    vfs.fail_reads(&active);
    let error = seal(&mut opened).unwrap_err();
    assert!(error.to_string().contains("segment-0000000001.active"));
}

#[test]
fn a_read_that_is_refused_for_the_moment_is_tried_again() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT).unwrap();
    fill(&mut opened.log, 1).unwrap();
    vfs.refuse_reads(true);
    let error = seal(&mut opened).unwrap_err();
    assert!(matches!(error, FinishError::Refused { .. }), "{error:?}");
    let error = opened.reader.event(Sequence::new(1)).unwrap_err();
    assert!(error.passing().is_some(), "{error:?}");
    vfs.refuse_reads(false);
    assert_eq!(seal(&mut opened).unwrap().len(), 34);
    read_all(&opened);
}

/// At each place where a file or a directory is opened.
#[test]
fn sealing_is_tried_again_when_a_file_can_be_opened() {
    for n in 1.. {
        let vfs = MemoryVfs::new(n);
        let mut opened = open_judged(&vfs, SEGMENT).unwrap();
        fill(&mut opened.log, 1).unwrap();
        let begun = vfs.opens();
        vfs.refuse_open_at(begun + n);
        let refused = seal(&mut opened).err();
        if vfs.opens_refused() == 0 {
            assert!(
                n > 6,
                "files are opened, a name and the meta file are made durable"
            );
            break;
        }
        let refused = refused.expect("without the file it cannot be sealed");
        assert!(
            matches!(refused, FinishError::Refused { .. }),
            "{refused:?}"
        );
        assert_eq!(seal(&mut opened).unwrap().len(), 34);
        read_all(&opened);
        drop(opened);
        read_all(&open_judged(&vfs.after_power_cut(), SEGMENT).unwrap());
    }
}

/// Appends and seals, in turns; the last event that was acknowledged.
fn day(vfs: &MemoryVfs) -> u64 {
    let mut last = 0;
    let Ok(mut opened) = open_judged(vfs, SEGMENT) else {
        return last;
    };
    for _ in 0..3 {
        let Some(durable) = fill(&mut opened.log, 1) else {
            return last.max(opened.log.last_sequence().get());
        };
        last = durable;
        if seal(&mut opened).is_err() {
            return last;
        }
    }
    last
}

#[test]
fn a_crash_at_any_call_loses_nothing() {
    let vfs = MemoryVfs::new(1);
    assert_eq!(day(&vfs), 108);
    let calls = vfs.calls().total();
    for call in 1..=calls {
        for seed in 0..3 {
            let vfs = MemoryVfs::new(call * 10 + seed);
            vfs.cut_power_at(call);
            let last = day(&vfs);
            for disk in [vfs.after_power_cut(), vfs.after_kill()] {
                let opened = open_judged(&disk, SEGMENT).unwrap();
                assert!(opened.recovered.sequence.get() >= last, "call {call}");
                read_all(&opened);
                drop(opened);
                let temporary = |path: &&std::path::PathBuf| ends(path, &["sealing", "tmp"]);
                assert_eq!(disk.paths().iter().find(temporary), None, "call {call}");
            }
        }
    }
}

fn ends(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|ending| endings.iter().any(|one| ending == *one))
}

#[test]
fn any_call_may_fail() {
    let calls = {
        let vfs = MemoryVfs::new(1);
        day(&vfs);
        vfs.calls().total()
    };
    for call in 1..=calls {
        let vfs = MemoryVfs::new(call);
        vfs.fail_at(call);
        let last = day(&vfs);
        for disk in [vfs.after_power_cut(), vfs.after_kill()] {
            let opened = open_judged(&disk, SEGMENT).unwrap();
            assert!(opened.recovered.sequence.get() >= last, "call {call}");
            read_all(&opened);
        }
    }
}
