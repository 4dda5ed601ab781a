//! Reading what is inside a frame.

use ledger_core::{EpochBegan, Event, Fact, Sequence, Timestamp};

use super::event::{blank_event, read_event_into};
use super::frame::FrameHeader;
use super::integer::Cursor;
use super::payload::{DecodeError, next_item};
use super::request::{RequestContext, read_request};

/// An event with the request that caused it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedEvent<'a> {
    /// What happened.
    pub event: Event,
    /// Who asked for it.
    pub request: RequestContext<'a>,
    /// Whether it is the last event of its request.
    pub ends_request: bool,
}

/// The events of a frame, in order. After an error it ends.
#[derive(Clone, Debug)]
pub struct FrameEvents<'a> {
    cursor: Cursor<'a>,
    payload_bytes: usize,
    /// Where in the payload the newest item begins.
    item_at: usize,
    next: Sequence,
    base_time: Timestamp,
    request: RequestContext<'a>,
    /// Events of the request that are still to come.
    request_events: u32,
    requests: u32,
    failed: bool,
    began: Option<EpochBegan>,
}

impl<'a> FrameEvents<'a> {
    pub(super) fn new(payload: &'a [u8], first: Sequence, base_time: Timestamp) -> Self {
        Self {
            cursor: Cursor::new(payload),
            payload_bytes: payload.len(),
            item_at: 0,
            next: first,
            base_time,
            request: RequestContext::default(),
            request_events: 0,
            requests: 0,
            failed: false,
            began: None,
        }
    }

    /// Passes over the events before `sequence` without decoding them.
    pub(super) fn skip_to(&mut self, sequence: Sequence) -> Result<(), DecodeError> {
        while self.next < sequence {
            let Some(item) = next_item(&mut self.cursor)? else {
                return Ok(());
            };
            if item.is_request() {
                self.begin_request(item.body)?;
            } else {
                self.take_event()?;
            }
        }
        Ok(())
    }

    /// The request of the event that was read last.
    pub(crate) fn request(&self) -> &RequestContext<'a> {
        &self.request
    }

    /// The first event among those read with which an epoch begins.
    pub(crate) fn epoch_began(&self) -> Option<&EpochBegan> {
        self.began.as_ref()
    }

    /// Whether the event that was read last ends its request.
    pub(crate) fn is_at_request_end(&self) -> bool {
        self.request_events == 0
    }

    /// Where in the payload the event begins that was read last.
    pub(crate) fn event_at(&self) -> u32 {
        self.item_at as u32
    }

    /// Reads the next event, or nothing at the end.
    fn next_event(&mut self) -> Result<Option<Event>, DecodeError> {
        let mut event = blank_event();
        Ok(self.read_next(&mut event)?.then_some(event))
    }

    /// Reads the next event into one that is no longer needed; whether there was one.
    #[inline]
    pub(crate) fn read_next(&mut self, event: &mut Event) -> Result<bool, DecodeError> {
        loop {
            self.item_at = self.payload_bytes - self.cursor.remaining();
            let Some(item) = next_item(&mut self.cursor)? else {
                if self.request_events != 0 {
                    return Err(DecodeError::Count);
                }
                return Ok(false);
            };
            if item.is_request() {
                self.begin_request(item.body)?;
                continue;
            }
            let sequence = self.take_event()?;
            read_event_into(event, &item, sequence, self.base_time)?;
            if let Fact::EpochBegan(began) = &event.fact {
                self.began.get_or_insert(*began);
            }
            return Ok(true);
        }
    }

    /// An event to read others into.
    pub(crate) fn blank() -> Event {
        blank_event()
    }

    fn begin_request(&mut self, body: &'a [u8]) -> Result<(), DecodeError> {
        if self.request_events != 0 {
            return Err(DecodeError::Count);
        }
        (self.request, self.request_events) = read_request(body)?;
        self.requests += 1;
        Ok(())
    }

    fn take_event(&mut self) -> Result<Sequence, DecodeError> {
        self.request_events = self
            .request_events
            .checked_sub(1)
            .ok_or(DecodeError::Count)?;
        let sequence = self.next;
        let next = sequence.get().checked_add(1).ok_or(DecodeError::Count)?;
        self.next = Sequence::new(next);
        Ok(sequence)
    }

    /// Insists that all was read and that it is as much as the header says.
    pub(crate) fn check_counts(&self, header: &FrameHeader) -> Result<(), DecodeError> {
        if Some(self.next) != header.next_sequence() || self.requests != header.request_count {
            return Err(DecodeError::Count);
        }
        Ok(())
    }
}

impl<'a> Iterator for FrameEvents<'a> {
    type Item = Result<RecordedEvent<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let event = self.next_event();
        self.failed = event.is_err();
        let recorded = |event| RecordedEvent {
            event,
            request: self.request,
            ends_request: self.request_events == 0,
        };
        event.map(|event| event.map(recorded)).transpose()
    }
}
