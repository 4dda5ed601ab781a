//! What the tests of the journal write and read: events that follow from their sequence alone, so
//! that whatever is read back can be judged without remembering what was written.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use ledger_core::{
    AccountId, AccountUpdate, Amount, Event, Fact, HoldAfter, LedgerId, NewAccount, Sequence,
    Timestamp, Totals, Transfer, TransferCreated, TransferId, TransferRejected, TransferStatus,
    UpdateId,
};

use super::{
    Appended, Closing, Frame, FrameBuilder, FrameKind, JournalOptions, Log, Opened, OwnedContext,
    Preparation, RecoveryError, Replay, RequestContext, SegmentLog, open,
};
use crate::vfs::MemoryVfs;

pub(super) const DIR: &str = "/data";

pub(super) fn dir() -> &'static Path {
    Path::new(DIR)
}

/// Small segments and no threads.
pub(super) const fn small(segment_bytes: u64) -> JournalOptions {
    JournalOptions {
        segment_bytes,
        preparation: Preparation::Inline,
    }
}

fn time(sequence: u64) -> Timestamp {
    Timestamp::new(1_000_000_000 + sequence * 10)
}

/// The event that has this sequence in every test.
pub(super) fn event(sequence: u64) -> Event {
    let id = u128::from(sequence) << 64 | 7;
    let after = Totals {
        debits_posted: Amount::new(u128::from(sequence) * 1_000),
        ..Totals::ZERO
    };
    let fact = match sequence % 8 {
        1 => Fact::AccountCreated(NewAccount {
            id: AccountId::new(id),
            ledger: LedgerId::new(1),
            code: 10,
            name: format!("Account {sequence}").into(),
            timestamp: time(sequence),
            ..NewAccount::default()
        }),
        2 => Fact::TransferRejected(TransferRejected {
            id: TransferId::new(id),
            status: TransferStatus::ExceedsCredits,
            control_id: 0,
        }),
        3 => Fact::AccountUpdated(AccountUpdate {
            update_id: UpdateId::new(id),
            id: AccountId::new(1),
            balance_max: Some(Amount::new(u128::from(sequence))),
            ..AccountUpdate::default()
        }),
        _ => Fact::TransferCreated(TransferCreated {
            transfer: Transfer {
                id: TransferId::new(id),
                debit_account_id: AccountId::new(1),
                credit_account_id: AccountId::new(2),
                amount: Amount::new(1_000),
                ledger: LedgerId::new(1),
                code: (sequence % 5) as u16 + 1,
                user_data_64: sequence % 3,
                timestamp: time(sequence),
                ..Transfer::default()
            },
            took_all: false,
            hold: HoldAfter::default(),
            reversed: Amount::ZERO,
            debit_after: after,
            credit_after: after,
        }),
    };
    Event {
        sequence: Sequence::new(sequence),
        time: time(sequence),
        chained: sequence % 8 == 4,
        fact,
    }
}

/// The principal of the request that has this event.
pub(super) fn principal(sequence: u64) -> Option<String> {
    sequence
        .is_multiple_of(2)
        .then(|| format!("till {sequence}"))
}

/// A frame of `events` events from `first` on, each a request of its own.
pub(super) fn frame(first: u64, events: u64) -> Frame {
    let mut builder = FrameBuilder::new(Sequence::new(first), time(first - 1));
    for sequence in first..first + events {
        let principal = principal(sequence);
        builder.begin_request(&RequestContext {
            principal: principal.as_deref(),
            ..RequestContext::default()
        });
        builder.push(&event(sequence));
        builder.end_request();
    }
    close(builder, FrameKind::Events, first + events - 1)
}

/// A frame without events, after the event `last`.
pub(super) fn empty_frame(last: u64, kind: FrameKind) -> Frame {
    let builder = FrameBuilder::new(Sequence::new(last + 1), time(last));
    close(builder, kind, last)
}

fn close(builder: FrameBuilder, kind: FrameKind, last: u64) -> Frame {
    builder.close(Closing {
        kind,
        close_time: time(last),
        committed: Sequence::ZERO,
    })
}

/// Appends a frame of `events` events; the last event's sequence if it became durable.
pub(super) fn append(log: &mut SegmentLog, events: u64) -> Option<u64> {
    let first = log.last_sequence().get() + 1;
    acknowledged(log.append(&frame(first, events)))
}

/// Appends a frame without events.
pub(super) fn append_empty(log: &mut SegmentLog, kind: FrameKind) -> Option<u64> {
    let last = log.last_sequence().get();
    acknowledged(log.append(&empty_frame(last, kind)))
}

fn acknowledged(appended: Appended) -> Option<u64> {
    match appended {
        Appended::Durable(durable) => Some(durable.sequence.get()),
        Appended::Lost | Appended::Failed(_) => None,
    }
}

/// Checks that every event is the one that has its sequence, and that none is left out.
#[derive(Default)]
pub(super) struct Judge {
    pub(super) events: u64,
    pub(super) time: Timestamp,
}

impl Replay for Judge {
    fn event(
        &mut self,
        read: &Event,
        request: &RequestContext<'_>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.events += 1;
        assert_eq!(*read, event(self.events), "only what was written is read");
        assert_eq!(request.to_owned(), context(self.events));
        Ok(())
    }

    fn time(&mut self, close_time: Timestamp) {
        assert!(close_time >= self.time, "time does not go back");
        self.time = close_time;
    }
}

pub(super) fn context(sequence: u64) -> OwnedContext {
    OwnedContext {
        principal: principal(sequence).map(Into::into),
        ..OwnedContext::default()
    }
}

/// Opens, judging all that is read, and reads everything once more by itself.
pub(super) fn open_judged(vfs: &MemoryVfs, segment_bytes: u64) -> Result<Opened, RecoveryError> {
    let mut judge = Judge::default();
    let options = small(segment_bytes);
    let opened = open(Arc::new(vfs.clone()), dir(), options, &mut judge)?;
    let last = opened.recovered.sequence.get();
    assert_eq!(judge.events, last, "all that is there was replayed");
    assert_eq!(judge.time, opened.recovered.time);
    Ok(opened)
}

/// Reads every event through the reader, alone and in order.
pub(super) fn read_all(opened: &Opened) {
    let last = opened.log.last_sequence().get();
    let mut next = 1;
    let visited = opened
        .reader
        .visit(Sequence::new(1), Sequence::new(last), |recorded| {
            assert_eq!(recorded.event, event(next));
            assert_eq!(recorded.request.to_owned(), context(next));
            next += 1;
            std::ops::ControlFlow::Continue(())
        });
    visited.expect("what is durable can be read");
    assert_eq!(next, last + 1);
    for sequence in 1..=last {
        let read = opened.reader.event(Sequence::new(sequence));
        assert_eq!(read.expect("what is durable can be read"), event(sequence));
    }
    assert!(opened.reader.event(Sequence::new(last + 1)).is_err());
    assert!(opened.reader.event(Sequence::ZERO).is_err());
}
