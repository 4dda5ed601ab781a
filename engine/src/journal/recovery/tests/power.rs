//! The power goes, the process is killed, or the disk fails, at every single call.

use crate::journal::FrameKind;
use crate::journal::fixture::{append, append_empty, open_judged, read_all};
use crate::journal::recovery::{Damage, RecoveryError};
use crate::vfs::MemoryVfs;

/// Two or three frames a segment.
const SEGMENT_BYTES: u64 = 12 << 10;

/// What a run knows when it ends, whether or not it came to its end.
#[derive(Clone, Copy, Default, Debug)]
struct Outcome {
    /// The newest event that was acknowledged.
    acknowledged: u64,
    /// The newest event that was sent to the journal.
    sent: u64,
    came_to_its_end: bool,
}

/// Two processes, one after the other: roll-overs, marks, a frame over many blocks, a roll on
/// demand, an end that is not clean and a clean one.
fn run(vfs: &MemoryVfs) -> Outcome {
    let mut outcome = Outcome::default();
    let _ = play(vfs, &mut outcome);
    outcome
}

fn play(vfs: &MemoryVfs, outcome: &mut Outcome) -> Option<()> {
    for process in 0..2 {
        let mut opened = open_judged(vfs, SEGMENT_BYTES).ok()?;
        let log = &mut opened.log;
        assert!(log.last_sequence().get() >= outcome.acknowledged);
        let step = |outcome: &mut Outcome, log: &mut _, events| {
            outcome.sent = outcome.acknowledged.max(outcome.sent) + events;
            outcome.acknowledged = append(log, events)?;
            Some(())
        };
        step(outcome, log, 1)?;
        append_empty(log, FrameKind::Mark)?;
        step(outcome, log, 5)?;
        step(outcome, log, 70)?;
        log.roll().ok()?;
        step(outcome, log, 3)?;
        step(outcome, log, 2)?;
        append_empty(log, FrameKind::Mark)?;
        if process == 1 {
            append_empty(log, FrameKind::End)?;
        }
        read_all(&opened);
    }
    outcome.came_to_its_end = true;
    Some(())
}

/// Opens what is left and checks that it is what it must be; then goes on with it.
fn check(vfs: &MemoryVfs, outcome: Outcome, what: &str) {
    let mut opened = open_judged(vfs, SEGMENT_BYTES).unwrap_or_else(|error| {
        let source = std::error::Error::source(&error);
        panic!("{what}: refused: {error}: {source:?}: {outcome:?}")
    });
    let last = opened.recovered.sequence.get();
    assert!(
        last >= outcome.acknowledged,
        "{what}: lost: {last}, {outcome:?}"
    );
    assert!(
        last <= outcome.sent,
        "{what}: invented: {last}, {outcome:?}"
    );
    assert_eq!(append(&mut opened.log, 2), Some(last + 2), "{what}");
    read_all(&opened);
    drop(opened);
    let again = open_judged(vfs, SEGMENT_BYTES).expect("it opened before");
    assert_eq!(again.recovered.sequence.get(), last + 2, "{what}");
}

fn calls_of_a_run() -> u64 {
    let vfs = MemoryVfs::new(0);
    let outcome = run(&vfs);
    assert!(outcome.came_to_its_end, "{outcome:?}");
    assert_eq!(outcome.acknowledged, 162);
    let calls = vfs.calls();
    assert!(calls.renames > 10 && calls.removes >= 4, "{calls:?}");
    calls.total()
}

#[test]
fn the_power_goes_at_every_call() {
    for n in 1..=calls_of_a_run() {
        for seed in 0..6 {
            let vfs = MemoryVfs::new(seed * 1_000 + n);
            vfs.cut_power_at(n);
            let outcome = run(&vfs);
            assert!(vfs.is_off() && !outcome.came_to_its_end);
            check(
                &vfs.after_power_cut(),
                outcome,
                &format!("call {n}, seed {seed}"),
            );
        }
    }
}

#[test]
fn the_process_is_killed_at_every_call() {
    for n in 1..=calls_of_a_run() {
        let vfs = MemoryVfs::new(n);
        vfs.cut_power_at(n);
        let outcome = run(&vfs);
        check(&vfs.after_kill(), outcome, &format!("call {n}"));
    }
}

#[test]
fn the_disk_fails_at_every_call() {
    for n in 1..=calls_of_a_run() {
        for refuse in [false, true] {
            let vfs = MemoryVfs::new(n);
            if refuse {
                vfs.refuse_at(n);
            } else {
                vfs.fail_at(n);
            }
            let outcome = run(&vfs);
            let what = format!("call {n}, refused: {refuse}");
            check(&vfs.after_kill(), outcome, &what);
            check(&vfs.after_power_cut(), outcome, &what);
        }
    }
}

/// The power goes during the recovery from a power cut, at each of its calls.
#[test]
fn the_power_goes_during_recovery() {
    let calls = calls_of_a_run();
    for n in (1..=calls).step_by(3) {
        let vfs = MemoryVfs::new(n);
        vfs.cut_power_at(n);
        let outcome = run(&vfs);
        let left = vfs.after_power_cut();
        let whole = left.after_kill();
        open_judged(&whole, SEGMENT_BYTES).expect("checked by another test");
        for m in 1..=whole.calls().total() {
            let recovering = left.after_kill();
            recovering.cut_power_at(m);
            let _ = open_judged(&recovering, SEGMENT_BYTES);
            assert!(recovering.is_off());
            let what = format!("call {n}, then call {m} of the recovery");
            check(&recovering.after_power_cut(), outcome, &what);
        }
    }
}

/// Several segments that stood ready are thrown away; none of them may seem to be missing if that
/// is interrupted, by a power cut or by a kill.
#[test]
fn the_power_goes_while_unused_segments_are_removed() {
    let left = MemoryVfs::new(1);
    let mut opened = open_judged(&left, SEGMENT_BYTES).unwrap();
    append(&mut opened.log, 3).unwrap();
    let ready = [SEGMENT_BYTES; 3];
    assert_eq!(opened.log.space().fits(&ready), crate::journal::Fit::Fits);
    drop(opened);
    let outcome = Outcome {
        acknowledged: 3,
        sent: 3,
        came_to_its_end: true,
    };
    let whole = left.after_kill();
    drop(open_judged(&whole, SEGMENT_BYTES).unwrap());
    for n in 1..=whole.calls().total() {
        let vfs = left.after_kill();
        vfs.cut_power_at(n);
        let _ = open_judged(&vfs, SEGMENT_BYTES);
        check(&vfs.after_kill(), outcome, &format!("killed at call {n}"));
        check(
            &vfs.after_power_cut(),
            outcome,
            &format!("power cut at call {n}"),
        );
    }
}

/// After a failed sync the page cache shows a frame that the device does not have.
#[test]
fn what_only_the_page_cache_shows_is_not_there() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    assert_eq!(append(&mut opened.log, 3), Some(3));
    vfs.fail_syncs(true);
    assert_eq!(append(&mut opened.log, 3), None);
    vfs.fail_syncs(false);
    assert_eq!(append(&mut opened.log, 3), None, "a failed sync is final");
    drop(opened);
    let opened = open_judged(&vfs.after_kill(), SEGMENT_BYTES).unwrap();
    assert_eq!(opened.recovered.sequence.get(), 3);
}

/// A write that says it worked but never reached the device is noticed, or it was the last.
#[test]
fn a_lost_write_is_noticed() {
    let mut refused = 0;
    for n in 1..=calls_of_a_run() {
        let vfs = MemoryVfs::new(n);
        vfs.lose_at(n);
        let outcome = run(&vfs);
        match open_judged(&vfs.after_power_cut(), SEGMENT_BYTES) {
            Ok(opened) => {
                let last = opened.recovered.sequence.get();
                assert!(
                    last + 70 >= outcome.acknowledged,
                    "call {n}: {last}, {outcome:?}"
                );
            }
            Err(RecoveryError::Io { .. } | RecoveryError::Locked { .. }) => panic!("call {n}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
}

/// The same while segments are sealed: the active file goes only when the sealed one was read back.
#[test]
fn a_lost_write_while_sealing_loses_nothing() {
    let left = MemoryVfs::new(1);
    let mut opened = open_judged(&left, SEGMENT_BYTES).unwrap();
    for events in [3, 70, 5, 40, 2] {
        append(&mut opened.log, events).unwrap();
    }
    drop(opened);
    let whole = left.after_kill();
    drop(open_judged(&whole, SEGMENT_BYTES).unwrap());
    let mut noticed = 0;
    for n in 1..=whole.calls().total() {
        let vfs = left.after_kill();
        vfs.lose_at(n);
        noticed += u64::from(matches!(
            open_judged(&vfs, SEGMENT_BYTES),
            Err(RecoveryError::Seal(_))
        ));
        match open_judged(&vfs.after_power_cut(), SEGMENT_BYTES) {
            Ok(opened) => assert_eq!(opened.recovered.sequence.get(), 120, "call {n}"),
            // The meta file, names and zeros are not read back, but they cannot hide anything.
            Err(RecoveryError::Meta { .. } | RecoveryError::SegmentMissing { .. }) => {}
            Err(RecoveryError::Damaged {
                source: Damage::Length { .. },
                ..
            }) => {}
            Err(error) => panic!("call {n}: {error}"),
        }
    }
    assert!(noticed >= 3, "at least once for each segment: {noticed}");
}

/// A full disk stops nothing but writing, and writing goes on when there is room.
#[test]
fn a_full_disk_clears() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    let space = opened.log.space();
    let block = [4096];
    vfs.set_capacity(0);
    let mut last = 0;
    while space.fits(&block) == crate::journal::Fit::Fits {
        last = append(&mut opened.log, 1).expect("it fits");
    }
    assert!((3..=6).contains(&last), "{last}");
    assert_eq!(space.fits(&block), crate::journal::Fit::Full);
    assert_eq!(space.trouble(), Some(std::io::ErrorKind::StorageFull));
    read_all(&opened);
    vfs.set_capacity(u64::MAX);
    assert_eq!(space.fits(&block), crate::journal::Fit::Fits);
    assert_eq!(space.trouble(), None);
    assert_eq!(append(&mut opened.log, 1), Some(last + 1));
}
