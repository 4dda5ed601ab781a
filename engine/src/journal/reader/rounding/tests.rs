use super::*;
use crate::journal::fixture::{append, event, open_judged};
use crate::journal::{Appended, Closing, FrameBuilder, FrameKind, Log, RequestContext, SegmentLog};
use crate::vfs::MemoryVfs;

/// Appends a frame of requests with so many events each.
fn append_requests(log: &mut SegmentLog, requests: &[u64]) {
    let mut next = log.last_sequence().get() + 1;
    let mut builder = FrameBuilder::new(Sequence::new(next), event(next - 1).time);
    for &events in requests {
        builder.begin_request(&RequestContext::default());
        for _ in 0..events {
            builder.push(&event(next));
            next += 1;
        }
        builder.end_request();
    }
    let frame = builder.close(Closing {
        kind: FrameKind::Events,
        close_time: event(next - 1).time,
        committed: Sequence::ZERO,
    });
    assert!(matches!(log.append(&frame), Appended::Durable(_)));
}

#[test]
fn a_moment_is_rounded_down_to_a_requests_end() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, 256 << 10).unwrap();
    let mut ends = vec![0];
    for requests in [
        &[3, 1, 200][..],
        &[1],
        &[70, 70, 2],
        &[1, 1],
        &[4_000],
        &[2],
    ] {
        append_requests(&mut opened.log, requests);
        for events in requests {
            ends.push(ends.last().unwrap() + events);
        }
    }
    let last = *ends.last().unwrap();
    for sequence in 0..=last {
        let expected = *ends.iter().rev().find(|&&end| end <= sequence).unwrap();
        let rounded = opened.reader.request_end(Sequence::new(sequence)).unwrap();
        assert_eq!(rounded.get(), expected, "of {sequence}");
    }
    assert!(opened.reader.request_end(Sequence::new(last + 1)).is_err());
}

#[test]
fn a_time_leads_to_the_newest_event_that_is_not_later() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, 256 << 10).unwrap();
    for events in [3, 1, 700, 2_000, 1] {
        append(&mut opened.log, events).unwrap();
    }
    for through in [0, 1, 5, 2_705] {
        for (time, expected) in [
            (event(0).time, 0),
            (Timestamp::new(event(1).time.get() - 1), 0),
            (event(1).time, 1),
            (Timestamp::new(event(4).time.get() + 1), 4),
            (event(704).time, 704),
            (Timestamp::MAX, u64::MAX),
        ] {
            let newest = opened.reader.newest_until(time, Sequence::new(through));
            assert_eq!(newest.unwrap().get(), expected.min(through));
        }
    }
}

#[test]
fn stretches_follow_one_another_without_gaps() {
    let vfs = MemoryVfs::new(1);
    let mut opened = open_judged(&vfs, 256 << 10).unwrap();
    for events in [2_000; 4] {
        append(&mut opened.log, events).unwrap();
    }
    drop(opened);
    let mut opened = open_judged(&vfs, 256 << 10).unwrap();
    append(&mut opened.log, 10).unwrap();
    let (from, through) = (Sequence::new(1_500), Sequence::new(8_010));
    let stretches = opened.reader.stretches(from, through);
    assert!(stretches.len() >= 3);
    assert!(stretches[0].first <= from && from <= stretches[0].last);
    for pair in stretches.windows(2) {
        assert_eq!(pair[0].last.next(), pair[1].first);
    }
    assert!(stretches[0].zone().is_some());
    let active = stretches.last().unwrap();
    assert!(active.zone().is_none() && active.last >= through);
    assert_eq!(opened.reader.stretches(from, from).len(), 1);
}
