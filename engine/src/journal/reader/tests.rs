use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::journal::fixture::{append, event, open_judged, read_all};
use crate::vfs::MemoryVfs;

const SEGMENT_BYTES: u64 = 256 << 10;

#[test]
fn large_and_small_frames_in_sealed_and_active_segments() {
    let vfs = MemoryVfs::new(1);
    for _ in 0..2 {
        let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
        for events in [1, 1, 700, 64, 65, 1, 2_000, 3] {
            append(&mut opened.log, events).unwrap();
        }
        read_all(&opened);
        assert!(opened.reader.stats().segments_unsealed >= 1);
    }
    let opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    read_all(&opened);
    let stats = opened.reader.stats();
    assert_eq!(stats.segments_unsealed, 0);
    assert!(
        stats.segments_sealed >= 2 && stats.disk_bytes > 400_000,
        "{stats:?}"
    );
}

#[test]
fn a_visit_begins_and_ends_anywhere() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    for events in [3, 90, 1] {
        append(&mut opened.log, events).unwrap();
    }
    let reader = &opened.reader;
    for (from, through) in [(1, 1), (3, 4), (50, 94), (94, 94), (10, 9)] {
        let mut read = Vec::new();
        let visited = reader.visit(Sequence::new(from), Sequence::new(through), |recorded| {
            read.push(recorded.event.sequence.get());
            ControlFlow::Continue(())
        });
        visited.unwrap();
        assert_eq!(read, (from..=through).collect::<Vec<_>>());
    }
    let mut count = 0;
    let stopped = reader.visit(Sequence::new(1), Sequence::new(94), |_| {
        count += 1;
        if count == 10 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    stopped.unwrap();
    assert_eq!(count, 10);
    let beyond = reader.visit(Sequence::new(90), Sequence::new(95), |_| {
        ControlFlow::Continue(())
    });
    assert!(matches!(beyond, Err(JournalReadError::NotThere { sequence }) if sequence.get() == 95));
}

#[test]
fn readers_follow_an_appender() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, SEGMENT_BYTES).unwrap();
    let durable = AtomicU64::new(0);
    const LAST: u64 = 8_000;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (reader, durable) = (opened.reader.clone(), &durable);
            scope.spawn(move || {
                let mut next = 1;
                while next <= LAST {
                    let through = durable.load(Ordering::Acquire);
                    if through < next {
                        std::thread::yield_now();
                        continue;
                    }
                    let newest = reader.event(Sequence::new(through));
                    assert_eq!(newest.unwrap(), event(through));
                    let visited =
                        reader.visit(Sequence::new(next), Sequence::new(through), |recorded| {
                            assert_eq!(recorded.event.sequence.get(), next);
                            next += 1;
                            ControlFlow::Continue(())
                        });
                    visited.unwrap();
                }
            });
        }
        while durable.load(Ordering::Relaxed) < LAST {
            let last = append(&mut opened.log, 80).unwrap();
            durable.store(last, Ordering::Release);
        }
    });
}
