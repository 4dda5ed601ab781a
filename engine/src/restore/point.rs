//! The point to restore up to: the end of the last request that lies wholly before what was asked.

use ledger_core::{Sequence, Timestamp};

use super::outline::{Outline, Segment};
use super::source::Source;
use super::{RestoreError, Until};
use crate::journal::{Damage, FrameEvents};

/// Where the restored history ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Point {
    /// The last event that is kept; zero if none is.
    pub(super) sequence: Sequence,
    /// Its time.
    pub(super) time: Timestamp,
}

impl Source {
    /// Rounds what was asked down to the end of a request.
    pub(super) fn point(&self, outline: &Outline, until: Until) -> Result<Point, RestoreError> {
        let newest = outline.newest;
        let is_kept = |sequence: Sequence, time: Timestamp| match until {
            Until::End => true,
            Until::Sequence(until) => sequence <= until,
            Until::Time(until) => time <= until,
        };
        if let Until::Sequence(sequence) = until
            && sequence > newest
        {
            return Err(RestoreError::BeyondEnd { sequence, newest });
        }
        // In which segment it lies can be told from the outline, but for one whose first request is
        // too late though its first moment is not: then it is the end of the segment before.
        let candidates = outline
            .segments
            .iter()
            .rev()
            .filter(|segment| segment.first < segment.next)
            .filter(|segment| is_kept(segment.first, segment.base_time));
        for segment in candidates {
            if let Some(point) = self.last_request(segment, &is_kept)? {
                return Ok(point);
            }
        }
        Ok(Point {
            sequence: Sequence::ZERO,
            time: Timestamp::ZERO,
        })
    }

    /// The end of the last request of a segment all of whose events are kept.
    fn last_request(
        &self,
        segment: &Segment,
        is_kept: &dyn Fn(Sequence, Timestamp) -> bool,
    ) -> Result<Option<Point>, RestoreError> {
        let mut reading = self.read(segment)?;
        let mut chain = self.chain();
        let mut point = None;
        let mut event = FrameEvents::blank();
        while let Some(frame) = reading.next_alone(&chain)? {
            let mut events = frame.events();
            let decode = |error| reading.damaged(&chain, Damage::Decode(error));
            while events.read_next(&mut event).map_err(decode)? {
                if !is_kept(event.sequence, event.time) {
                    return Ok(point);
                }
                if events.is_at_request_end() {
                    point = Some(Point {
                        sequence: event.sequence,
                        time: event.time,
                    });
                }
            }
            reading.step(&mut chain, frame, None);
        }
        Ok(point)
    }

    /// The journal time at the end of a segment.
    pub(super) fn end_time(&self, segment: &Segment) -> Result<Timestamp, RestoreError> {
        let mut reading = self.read(segment)?;
        let mut chain = self.chain();
        while let Some(frame) = reading.next_alone(&chain)? {
            reading.step(&mut chain, frame, None);
        }
        Ok(chain.time)
    }
}
