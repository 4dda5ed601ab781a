//! From a moment to the last request before it, and what of the journal a search can pass over.

use std::sync::Arc;

use ledger_core::{Sequence, Timestamp};

use super::{HEADER_BYTES, JournalReadError, JournalReader, Segment};
use crate::journal::contents::FrameEvents;
use crate::journal::index::SegmentKind;
use crate::journal::zone::ZoneMap;

/// A segment, as a search sees it.
pub(crate) struct Stretch {
    segment: Arc<Segment>,
    /// Its first event.
    pub(crate) first: Sequence,
    /// Its last event that there was when it was looked at.
    pub(crate) last: Sequence,
}

impl Stretch {
    /// What the segment can hold at all; `None` while it is not sealed.
    pub(crate) fn zone(&self) -> Option<&ZoneMap> {
        match &self.segment.kind {
            SegmentKind::Sealed { sections, .. } => Some(sections.zone()),
            SegmentKind::Active { .. } => None,
        }
    }
}

impl JournalReader {
    /// The last event at or before `sequence`, which must be durable, that is the last one of its
    /// request; zero if there is none. Reads one frame, unless it ends with this event.
    pub(crate) fn request_end(&self, sequence: Sequence) -> Result<Sequence, JournalReadError> {
        if sequence == Sequence::ZERO {
            return Ok(sequence);
        }
        let not_there = JournalReadError::NotThere { sequence };
        let Some(segment) = self.index.find(sequence) else {
            return Err(not_there);
        };
        let Some(position) = segment.find(sequence) else {
            return Err(not_there);
        };
        let open = self.open(&segment)?;
        let mut at = u64::from(position.frame);
        let mut header = open.header(at)?;
        while header.next_sequence().is_some_and(|next| next <= sequence) {
            at += segment.frame_bytes(&header);
            header = open.header(at)?;
        }
        // A frame holds whole requests.
        if header.next_sequence() == Some(sequence.next()) {
            return Ok(sequence);
        }
        let mut bytes = Vec::new();
        let header = open.read_frame(at, &mut bytes)?;
        let first = header.first_sequence;
        let mut events = FrameEvents::new(&bytes[HEADER_BYTES..], first, header.base_time);
        let mut end = Sequence::new(first.get() - 1);
        let mut event = first;
        while event <= sequence {
            let after = event.next();
            let skipped = events.skip_to(after);
            skipped.map_err(|source| segment.decode_error(at, source))?;
            if events.is_at_request_end() {
                end = event;
            }
            event = after;
        }
        Ok(end)
    }

    /// The last event through `through`, which must be durable, whose journal time is not later
    /// than `time`; zero if there is none. Reads as many events as a binary search looks at.
    pub(crate) fn newest_until(
        &self,
        time: Timestamp,
        through: Sequence,
    ) -> Result<Sequence, JournalReadError> {
        let (mut not_later, mut later) = (0, through.get() + 1);
        while later - not_later > 1 {
            let middle = not_later + (later - not_later) / 2;
            if self.event(Sequence::new(middle))?.time <= time {
                not_later = middle;
            } else {
                later = middle;
            }
        }
        Ok(Sequence::new(not_later))
    }

    /// The segments that hold the events `from ..= through`, in order.
    pub(crate) fn stretches(&self, from: Sequence, through: Sequence) -> Vec<Stretch> {
        let segments = self.index.segments();
        let lasts = segments
            .iter()
            .skip(1)
            .map(|next| Sequence::new(next.first_sequence.get().saturating_sub(1)))
            .chain([Sequence::new(u64::MAX)]);
        segments
            .iter()
            .zip(lasts)
            .map(|(segment, last)| Stretch {
                segment: Arc::clone(segment),
                first: segment.first_sequence,
                last,
            })
            // One without events has its last event in front of its first.
            .filter(|stretch| stretch.first <= stretch.last)
            .filter(|stretch| stretch.first <= through && from <= stretch.last)
            .collect()
    }
}

#[cfg(test)]
mod tests;
