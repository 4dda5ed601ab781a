//! Gathering a frame: events are encoded the moment they are decided.

use ledger_core::{Event, Sequence, Timestamp};

use super::contents::FrameEvents;
use super::event::{EVENT_ROOM_BYTES, put_event, read_event};
use super::frame::{BLOCK_BYTES, FrameHash, FrameHeader, FrameKind, HEADER_BYTES};
use super::integer::Cursor;
use super::payload::next_item;
use super::request::{REQUEST_BYTES_MAX, RequestContext, put_event_count, put_request};

/// Gathers requests and their events into a frame, in memory that is used again and again.
///
/// Invariants: the bytes up to `end` are whole items; `offsets[i]` is where event
/// `first_sequence + i` begins; a request without events leaves nothing behind.
#[derive(Debug)]
pub struct FrameBuilder {
    /// Longer than what is in use, so that an event is written without growing it each time.
    bytes: Vec<u8>,
    end: usize,
    offsets: Vec<u32>,
    requests: u32,
    first_sequence: Sequence,
    base_time: Timestamp,
    open: Option<OpenRequest>,
}

#[derive(Clone, Copy, Debug)]
struct OpenRequest {
    at: usize,
    /// Events in the frame before it.
    events_before: usize,
}

impl FrameBuilder {
    /// An empty frame whose first event will be `first_sequence`, and none of whose events will
    /// have a time below `base_time`.
    #[must_use]
    pub fn new(first_sequence: Sequence, base_time: Timestamp) -> Self {
        Self {
            bytes: Vec::new(),
            end: 0,
            offsets: Vec::new(),
            requests: 0,
            first_sequence,
            base_time,
            open: None,
        }
    }

    /// An empty frame in the memory of one that is no longer needed.
    #[must_use]
    pub fn reusing(frame: Frame, first_sequence: Sequence, base_time: Timestamp) -> Self {
        let Frame {
            bytes, mut offsets, ..
        } = frame;
        offsets.clear();
        Self {
            bytes,
            offsets,
            ..Self::new(first_sequence, base_time)
        }
    }

    /// Begins a request; its events follow.
    ///
    /// # Panics
    /// If the one before was not ended.
    pub fn begin_request(&mut self, context: &RequestContext<'_>) {
        assert!(self.open.is_none(), "a request ends before the next begins");
        self.make_room(REQUEST_BYTES_MAX);
        self.open = Some(OpenRequest {
            at: self.end,
            events_before: self.offsets.len(),
        });
        self.end += put_request(&mut self.bytes[self.end..], context);
    }

    /// Takes the next event of the request.
    ///
    /// # Panics
    /// If no request was begun, if the event's sequence is not the next one, or if its time is
    /// below the frame's base time.
    #[inline]
    pub fn push(&mut self, event: &Event) {
        assert!(self.open.is_some(), "an event belongs to a request");
        assert!(
            event.sequence == self.next_sequence(),
            "events are recorded in the order of their sequence, without gaps"
        );
        self.make_room(EVENT_ROOM_BYTES);
        let offset = u32::try_from(self.end).expect("a frame is smaller than 4 GiB");
        self.offsets.push(offset);
        self.end += put_event(&mut self.bytes[self.end..], event, self.base_time);
    }

    /// Ends the request and returns how many events it has. One without events is forgotten.
    ///
    /// # Panics
    /// If no request was begun.
    pub fn end_request(&mut self) -> usize {
        let open = self.open.take().expect("a request is begun before it ends");
        let events = self.offsets.len() - open.events_before;
        if events == 0 {
            self.end = open.at;
            return 0;
        }
        put_event_count(&mut self.bytes[open.at..], events as u32);
        self.requests += 1;
        events
    }

    /// A place to come back to with [`FrameBuilder::rewind`].
    #[must_use]
    pub fn mark(&self) -> usize {
        self.offsets.len()
    }

    /// Forgets all events since `mark`, which was taken within the open request.
    ///
    /// # Panics
    /// If `mark` lies before the open request or after the newest event.
    pub fn rewind(&mut self, mark: usize) {
        let open = self.open.expect("only an open request can be rewound");
        assert!(
            (open.events_before..=self.offsets.len()).contains(&mark),
            "a mark lies within the open request"
        );
        if let Some(&offset) = self.offsets.get(mark) {
            self.end = offset as usize;
            self.offsets.truncate(mark);
        }
    }

    /// The event at `sequence`, if it is in this frame.
    #[must_use]
    pub fn event(&self, sequence: Sequence) -> Option<Event> {
        let index = index_of(sequence, self.first_sequence, &self.offsets)?;
        let bytes = &self.bytes[..self.end];
        Some(decode(bytes, self.offsets[index], sequence, self.base_time))
    }

    /// The sequence that the next event must have.
    #[must_use]
    pub fn next_sequence(&self) -> Sequence {
        Sequence::new(self.first_sequence.get() + self.offsets.len() as u64)
    }

    /// Events so far.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.offsets.len()
    }

    /// Requests so far that have events and were ended.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.requests as usize
    }

    /// The time below which no event of this frame may lie.
    #[must_use]
    pub fn base_time(&self) -> Timestamp {
        self.base_time
    }

    /// What the frame would take in the journal if it were closed now, padding included.
    #[must_use]
    pub fn padded_bytes(&self) -> usize {
        padded(self.end)
    }

    /// What it would take after another request of `events` events, at worst.
    #[must_use]
    pub fn padded_bytes_with(&self, events: usize) -> usize {
        padded(self.end + REQUEST_BYTES_MAX + events * super::EVENT_BYTES_MAX)
    }

    /// Ends the frame.
    ///
    /// # Panics
    /// If a request is still open.
    #[must_use]
    pub fn close(mut self, closing: Closing) -> Frame {
        assert!(self.open.is_none(), "a frame holds whole requests");
        let padded_payload = padded(self.end) - HEADER_BYTES;
        if self.bytes.len() < padded_payload {
            self.bytes.resize(padded_payload, 0);
        }
        self.bytes[self.end..padded_payload].fill(0);
        Frame {
            bytes: self.bytes,
            payload_bytes: self.end,
            offsets: self.offsets,
            requests: self.requests,
            first_sequence: self.first_sequence,
            base_time: self.base_time,
            closing,
        }
    }

    #[inline]
    fn make_room(&mut self, bytes: usize) {
        if self.bytes.len() - self.end < bytes {
            self.grow(bytes);
        }
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        let length = (self.end + bytes)
            .max(self.bytes.len() * 2)
            .max(BLOCK_BYTES);
        self.bytes.resize(length, 0);
    }
}

const fn padded(payload_bytes: usize) -> usize {
    (HEADER_BYTES + payload_bytes).next_multiple_of(BLOCK_BYTES)
}

fn index_of(sequence: Sequence, first: Sequence, offsets: &[u32]) -> Option<usize> {
    let index = sequence.get().checked_sub(first.get())?;
    let index = usize::try_from(index).ok()?;
    (index < offsets.len()).then_some(index)
}

fn decode(bytes: &[u8], offset: u32, sequence: Sequence, base_time: Timestamp) -> Event {
    next_item(&mut Cursor::new(&bytes[offset as usize..]))
        .ok()
        .flatten()
        .and_then(|item| read_event(&item, sequence, base_time).ok())
        .expect("what was encoded a moment ago decodes")
}

/// What is known of a frame only when it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closing {
    /// What the frame is for.
    pub kind: FrameKind,
    /// Not below any time that a decision in the frame used, nor any event's time.
    pub close_time: Timestamp,
    /// The newest event known to be durable.
    pub committed: Sequence,
}

/// A frame that is complete but for its place in the journal. It no longer changes, so that the
/// writer can read its events while the syncer writes it.
#[derive(Debug)]
pub struct Frame {
    bytes: Vec<u8>,
    payload_bytes: usize,
    offsets: Vec<u32>,
    requests: u32,
    first_sequence: Sequence,
    base_time: Timestamp,
    closing: Closing,
}

impl Frame {
    /// The event at `sequence`, if it is in this frame.
    #[must_use]
    pub fn event(&self, sequence: Sequence) -> Option<Event> {
        let index = index_of(sequence, self.first_sequence, &self.offsets)?;
        let bytes = self.payload();
        Some(decode(bytes, self.offsets[index], sequence, self.base_time))
    }

    /// The events of the frame, in order, with their requests.
    #[must_use]
    pub fn events(&self) -> FrameEvents<'_> {
        FrameEvents::new(self.payload(), self.first_sequence, self.base_time)
    }

    /// Events in the frame.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.offsets.len()
    }

    /// The sequence of its first event; of the next one to come if it has none.
    #[must_use]
    pub fn first_sequence(&self) -> Sequence {
        self.first_sequence
    }

    /// The newest event once this frame is durable; zero if there is none at all.
    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        Sequence::new(self.first_sequence.get() + self.offsets.len() as u64 - 1)
    }

    /// The journal time at its closing.
    #[must_use]
    pub fn close_time(&self) -> Timestamp {
        self.closing.close_time
    }

    /// What the frame takes in the journal, padding included.
    #[must_use]
    pub fn padded_bytes(&self) -> u64 {
        padded(self.payload_bytes) as u64
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[..self.payload_bytes]
    }

    /// Payload and padding: what follows the header in an active segment.
    pub(super) fn padded_payload(&self) -> &[u8] {
        &self.bytes[..padded(self.payload_bytes) - HEADER_BYTES]
    }

    /// Where each event begins in the payload.
    pub(super) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The header for the given place, sealed.
    pub(crate) fn header_at(&self, place: Place) -> (FrameHeader, [u8; HEADER_BYTES]) {
        let mut header = FrameHeader {
            kind: self.closing.kind,
            payload_bytes: u32::try_from(self.payload_bytes).expect("a frame is below 4 GiB"),
            event_count: self.offsets.len() as u32,
            database: place.database,
            epoch: place.epoch,
            segment: place.segment,
            salt: place.salt,
            first_sequence: self.first_sequence,
            base_time: self.base_time,
            close_time: self.closing.close_time,
            committed: self.closing.committed,
            term: 0,
            request_count: self.requests,
            previous_hash: place.previous_hash,
            hash: [0; 32],
        };
        let bytes = header.seal(self.payload());
        (header, bytes)
    }
}

/// Where in the journal a frame comes to stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) database: u128,
    pub(crate) epoch: u128,
    pub(crate) segment: u64,
    pub(crate) salt: u64,
    pub(crate) previous_hash: FrameHash,
}

#[cfg(test)]
mod tests;
