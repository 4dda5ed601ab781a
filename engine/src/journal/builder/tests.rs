use ledger_core::{Fact, TransferId, TransferRejected, TransferStatus};
use proptest::prelude::*;

use super::*;
use crate::journal::event::tests::any_fact;
use crate::journal::{OwnedContext, RequestContext};

const BASE: Timestamp = Timestamp::new(1_000);
const CLOSING: Closing = Closing {
    kind: FrameKind::Events,
    close_time: Timestamp::new(9_000_000),
    committed: Sequence::ZERO,
};

fn event(sequence: u64) -> Event {
    Event {
        sequence: Sequence::new(sequence),
        time: Timestamp::new(BASE.get() + sequence),
        chained: false,
        fact: Fact::TransferRejected(TransferRejected {
            id: TransferId::new(u128::from(sequence)),
            status: TransferStatus::ExceedsCredits,
            control_id: 0,
        }),
    }
}

fn contents(frame: &Frame) -> Vec<(Event, OwnedContext, bool)> {
    frame
        .events()
        .map(|recorded| recorded.expect("what was built can be read"))
        .map(|r| (r.event, r.request.to_owned(), r.ends_request))
        .collect()
}

#[test]
fn requests_keep_their_context_and_their_events() {
    let mut builder = FrameBuilder::new(Sequence::new(10), BASE);
    let asked = RequestContext {
        principal: Some("till 4"),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        origin: Some("checkout"),
        internal: false,
    };
    builder.begin_request(&asked);
    builder.push(&event(10));
    builder.push(&event(11));
    assert_eq!(builder.end_request(), 2);
    builder.begin_request(&RequestContext::default());
    assert_eq!(builder.end_request(), 0, "a read leaves nothing behind");
    builder.begin_request(&RequestContext::INTERNAL);
    builder.push(&event(12));
    assert_eq!(builder.end_request(), 1);
    assert_eq!(builder.request_count(), 2);

    let frame = builder.close(CLOSING);
    assert_eq!(frame.last_sequence(), Sequence::new(12));
    let expected = [
        (event(10), asked.to_owned(), false),
        (event(11), asked.to_owned(), true),
        (event(12), RequestContext::INTERNAL.to_owned(), true),
    ];
    assert_eq!(contents(&frame), expected);
    assert_eq!(frame.event(Sequence::new(11)), Some(event(11)));
    assert_eq!(frame.event(Sequence::new(9)), None);
    assert_eq!(frame.event(Sequence::new(13)), None);
}

#[test]
fn a_rewound_chain_leaves_nothing_behind() {
    let mut plain = FrameBuilder::new(Sequence::new(1), BASE);
    plain.begin_request(&RequestContext::default());
    plain.push(&event(1));
    plain.push(&event(2));
    plain.end_request();

    let mut rewound = FrameBuilder::new(Sequence::new(1), BASE);
    rewound.begin_request(&RequestContext::default());
    rewound.push(&event(1));
    let mark = rewound.mark();
    rewound.push(&event(2));
    rewound.push(&event(3));
    rewound.rewind(mark);
    assert_eq!(rewound.event(Sequence::new(2)), None);
    rewound.push(&event(2));
    let mark = rewound.mark();
    rewound.rewind(mark);
    rewound.end_request();
    rewound.begin_request(&RequestContext::default());
    let mark = rewound.mark();
    rewound.push(&event(3));
    rewound.rewind(mark);
    rewound.end_request();

    let (plain, rewound) = (plain.close(CLOSING), rewound.close(CLOSING));
    assert_eq!(plain.padded_payload(), rewound.padded_payload());
    assert_eq!(plain.offsets(), rewound.offsets());
}

#[test]
fn used_memory_shows_nothing_of_its_last_use() {
    let mut builder = FrameBuilder::new(Sequence::new(1), BASE);
    builder.begin_request(&RequestContext::default());
    for sequence in 1..=500 {
        builder.push(&event(sequence));
    }
    builder.end_request();
    let frame = builder.close(CLOSING);
    let mut builder = FrameBuilder::reusing(frame, Sequence::new(501), BASE);
    builder.begin_request(&RequestContext::default());
    builder.push(&event(501));
    builder.end_request();
    let frame = builder.close(CLOSING);
    assert_eq!(frame.padded_bytes(), 4096);
    let padding = &frame.padded_payload()[frame.payload().len()..];
    assert!(padding.iter().all(|&byte| byte == 0));
    assert_eq!(contents(&frame).len(), 1);
}

#[test]
fn a_frame_never_outgrows_what_was_foretold() {
    let mut builder = FrameBuilder::new(Sequence::new(1), BASE);
    let long = "p".repeat(5000);
    let foretold = builder.padded_bytes_with(3);
    builder.begin_request(&RequestContext {
        principal: Some(&long),
        traceparent: Some(&long),
        origin: Some(&long),
        internal: false,
    });
    (1..=3).for_each(|sequence| builder.push(&event(sequence)));
    builder.end_request();
    assert!(builder.padded_bytes() <= foretold);
    let frame = builder.close(CLOSING);
    let principal = contents(&frame)[0].1.principal.clone();
    assert_eq!(
        principal.unwrap().len(),
        super::super::CONTEXT_FIELD_BYTES_MAX
    );
}

#[test]
#[should_panic(expected = "in the order of their sequence")]
fn a_gap_is_refused() {
    let mut builder = FrameBuilder::new(Sequence::new(1), BASE);
    builder.begin_request(&RequestContext::default());
    builder.push(&event(2));
}

#[test]
#[should_panic(expected = "base time")]
fn a_time_before_the_base_is_refused() {
    let mut builder = FrameBuilder::new(Sequence::new(1), BASE);
    builder.begin_request(&RequestContext::default());
    builder.push(&Event {
        time: Timestamp::new(999),
        ..event(1)
    });
}

proptest! {
    #[test]
    fn any_events_read_back(facts in proptest::collection::vec(any_fact(Timestamp::new(2_000)), 1..40)) {
        let mut builder = FrameBuilder::new(Sequence::new(1), BASE);
        let mut events = Vec::new();
        for (index, fact) in facts.into_iter().enumerate() {
            let event = Event {
                sequence: Sequence::new(index as u64 + 1),
                time: Timestamp::new(2_000),
                chained: index % 3 == 0,
                fact,
            };
            builder.begin_request(&RequestContext::default());
            builder.push(&event);
            prop_assert_eq!(builder.event(event.sequence), Some(event.clone()));
            builder.end_request();
            events.push(event);
        }
        let frame = builder.close(CLOSING);
        for event in &events {
            prop_assert_eq!(frame.event(event.sequence), Some(event.clone()));
        }
        let read: Vec<Event> = contents(&frame).into_iter().map(|(event, ..)| event).collect();
        prop_assert_eq!(read, events);
    }
}
