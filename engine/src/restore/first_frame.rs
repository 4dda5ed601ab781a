//! The frame that another epoch begins with.

use ledger_core::{EpochBegan, Event, Fact, Sequence, Timestamp};

use super::RestoreError;
use super::outline::Reading;
use crate::journal::chain::Chain;
use crate::journal::scan::FrameBuffer;
use crate::journal::{
    Closing, Damage, FrameBuilder, FrameEvents, FrameKind, Place, RequestContext,
};

/// What the frame is made of.
pub(super) struct FirstFrame<'a> {
    /// The chain in front of it.
    pub(super) chain: &'a Chain,
    pub(super) database: u128,
    pub(super) epoch: u128,
    pub(super) segment: u64,
    pub(super) salt: u64,
    /// The clock's time. Journal time grows, whatever the clock says.
    pub(super) now: Timestamp,
    /// The frame that the restored point lies in, if it lies within one, where it is read from.
    pub(super) split: Option<(&'a Reading, &'a FrameBuffer)>,
    /// The last event that is kept.
    pub(super) fork: Sequence,
}

impl FirstFrame<'_> {
    /// Makes the frame: the requests up to the restored point, and the event that begins the epoch,
    /// in a request of its own.
    pub(super) fn build(&self) -> Result<(FrameBuffer, EpochBegan), RestoreError> {
        let base_time = match self.split {
            Some((_, frame)) => frame.header.base_time,
            None => self.chain.time,
        };
        let mut builder = FrameBuilder::new(self.chain.next, base_time);
        let mut last_time = self.chain.time;
        if let Some((reading, frame)) = self.split {
            last_time = last_time.max(self.keep(&mut builder, reading, frame)?);
        }
        let began = EpochBegan {
            epoch: self.epoch,
            parent: self.chain.lineage.epoch(),
            fork: self.fork,
        };
        let time = self.now.max(last_time.next());
        builder.begin_request(&RequestContext::INTERNAL);
        builder.push(&Event {
            sequence: self.fork.next(),
            time,
            chained: false,
            fact: Fact::EpochBegan(began),
        });
        builder.end_request();
        let frame = builder.close(Closing {
            kind: FrameKind::Events,
            close_time: time,
            committed: self.chain.last(),
        });
        let (header, header_bytes) = frame.header_at(Place {
            database: self.database,
            epoch: self.epoch,
            segment: self.segment,
            salt: self.salt,
            previous_hash: self.chain.hash,
        });
        let frame = FrameBuffer {
            header,
            header_bytes,
            payload: frame.payload().to_vec(),
        };
        Ok((frame, began))
    }

    /// Enters the requests of the split frame up to the restored point; the last event's time.
    fn keep(
        &self,
        builder: &mut FrameBuilder,
        reading: &Reading,
        frame: &FrameBuffer,
    ) -> Result<Timestamp, RestoreError> {
        let mut events = frame.events();
        let mut event = FrameEvents::blank();
        let mut in_request = false;
        let decode = |error| reading.damaged(self.chain, Damage::Decode(error));
        let mut last = Timestamp::ZERO;
        while event.sequence < self.fork && events.read_next(&mut event).map_err(decode)? {
            if !in_request {
                builder.begin_request(events.request());
            }
            builder.push(&event);
            last = event.time;
            in_request = !events.is_at_request_end();
            if !in_request {
                builder.end_request();
            }
        }
        assert!(
            !in_request && event.sequence == self.fork,
            "a restored point is the end of a request"
        );
        Ok(last)
    }
}
