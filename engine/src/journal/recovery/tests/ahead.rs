//! What threads read, decode and seal while the events are posted.

use std::sync::Arc;

use crate::journal::fixture::{Judge, append, dir, open_judged, read_all};
use crate::journal::recovery::{Damage, RecoveryError};
use crate::journal::{JournalOptions, Opened, Preparation, open};
use crate::vfs::MemoryVfs;

const SEGMENT_BYTES: u64 = 12 << 10;

/// Opens as a server does, with threads.
fn open_with_threads(vfs: &MemoryVfs) -> Result<Opened, RecoveryError> {
    let options = JournalOptions {
        segment_bytes: SEGMENT_BYTES,
        preparation: Preparation::Background,
    };
    open(Arc::new(vfs.clone()), dir(), options, &mut Judge::default())
}

/// Three segments that nobody sealed, with 120 events.
fn unsealed() -> MemoryVfs {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    for events in [3, 70, 5, 40, 2] {
        append(&mut opened.log, events).unwrap();
    }
    drop(opened);
    vfs
}

/// A frame is handed over in parts; here it ends before, at and behind the end of one.
#[test]
fn frames_of_any_number_of_events_are_replayed() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, 4 << 20).unwrap();
    for events in [1, 1023, 1024, 1025, 1, 2048, 3000] {
        append(&mut opened.log, events).unwrap();
    }
    drop(opened);
    for form in ["active", "sealed"] {
        let opened = open_judged(&vfs, 4 << 20).expect(form);
        assert_eq!(opened.recovered.sequence.get(), 8122, "{form}");
        read_all(&opened);
    }
}

/// A thread seals, and what it was told to write is compared with what the device holds.
#[test]
fn a_lost_write_of_the_thread_that_seals_loses_nothing() {
    let left = unsealed();
    let whole = left.after_kill();
    drop(open_with_threads(&whole).unwrap());
    let mut noticed = 0;
    for n in 1..=whole.calls().total() {
        let vfs = left.after_kill();
        vfs.lose_at(n);
        let opened = open_with_threads(&vfs);
        noticed += u64::from(matches!(opened, Err(RecoveryError::Seal(_))));
        drop(opened);
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

/// A failure of the thread that seals refuses the start, and the next one finds all as it was.
#[test]
fn a_failure_of_the_thread_that_seals_refuses_the_start() {
    let left = unsealed();
    let whole = left.after_kill();
    drop(open_with_threads(&whole).unwrap());
    let mut refused = 0;
    for n in 1..=whole.calls().total() {
        let vfs = left.after_kill();
        vfs.fail_at(n);
        let opened = open_with_threads(&vfs);
        refused += u64::from(matches!(opened, Err(RecoveryError::Seal(_))));
        drop(opened);
        let again = open_judged(&vfs.after_kill(), SEGMENT_BYTES);
        let again = again.unwrap_or_else(|error| panic!("call {n}: {error}"));
        assert_eq!(again.recovered.sequence.get(), 120, "call {n}");
    }
    assert!(
        refused >= 6,
        "a write and a sync for each segment: {refused}"
    );
}
