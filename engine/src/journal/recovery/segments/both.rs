//! A segment that is there in both forms.

use super::steps::Step;
use super::{Damage, RecoveryError, Segments};
use crate::journal::contents::FrameEvents;
use crate::journal::frame::FrameHash;
use crate::journal::names;
use crate::journal::seal::Summary;

impl Segments<'_> {
    /// A crash between sealing and removing leaves both files. The sealed one is kept if it
    /// verifies and holds all that the active one does; where it was never counted on and does not
    /// verify, the active one is sealed again, if it is without any damage.
    pub(super) fn recover_both(&mut self, number: u64) -> Result<(), RecoveryError> {
        let sealed = self.sealed_hashes(number);
        match sealed {
            Ok(hashes) => {
                self.check_same(number, &hashes)?;
                self.recover_sealed(number)?;
                self.steps.push(Step::RemoveActive(number));
                Ok(())
            }
            Err(error @ RecoveryError::Damaged { .. }) => {
                if self.meta.get().sealed_segment >= number {
                    return Err(error);
                }
                tracing::warn!(
                    segment = number,
                    error = &error as &dyn std::error::Error,
                    "the unfinished sealed copy does not verify; the segment is sealed again"
                );
                self.recover_active(number, false)
            }
            Err(error) => Err(error),
        }
    }

    /// The hashes of the frames of a sealed segment that verifies.
    pub(super) fn sealed_hashes(&mut self, number: u64) -> Result<Vec<FrameHash>, RecoveryError> {
        let mut chain = self.chain.clone();
        let (mut source, footer, _) = self.open_sealed(number)?;
        let mut summary: Option<Summary> = None;
        let mut hashes = Vec::new();
        let mut event = FrameEvents::blank();
        while source.offset < source.end {
            let frame = self.next_frame(&mut source, &chain)?;
            let frame =
                frame.map_err(|error| self.damaged(&source, &chain, Damage::Frame(error)))?;
            let summary = summary.get_or_insert_with(|| Summary::new(&frame.header));
            let mut events = frame.events();
            let decode = |error| self.damaged(&source, &chain, Damage::Decode(error));
            while events.read_next(&mut event).map_err(decode)? {
                summary.add_event(&event, events.event_at());
            }
            events.check_counts(&frame.header).map_err(decode)?;
            let began = events.epoch_began().copied();
            chain
                .check_epoch(&frame.header, began.as_ref())
                .map_err(|error| self.damaged(&source, &chain, Damage::Chain(error)))?;
            summary.add_frame(&frame.header, &frame.header_bytes, &frame.payload);
            source.offset += frame.bytes(source.layout);
            hashes.push(frame.header.hash);
            chain.advance(&frame.header, began.as_ref());
            self.payload = frame.payload;
        }
        self.check_summary(&source, &chain, &footer, summary)?;
        Ok(hashes)
    }

    /// Whether the active file of a segment holds a beginning of the frames of the sealed one.
    pub(super) fn check_same(
        &mut self,
        number: u64,
        hashes: &[FrameHash],
    ) -> Result<(), RecoveryError> {
        let mut source = self.open_active(number)?;
        let mut chain = self.chain.clone();
        let mut hashes = hashes.iter();
        loop {
            // Damage of the active file is no matter, since the sealed one is whole.
            let Ok(Ok(frame)) = self.next_frame(&mut source, &chain) else {
                return Ok(());
            };
            if hashes.next() != Some(&frame.header.hash) {
                let other = names::sealed(self.dir, number);
                return Err(self.damaged(&source, &chain, Damage::SealedDiffers { other }));
            }
            source.offset += frame.bytes(source.layout);
            chain.advance(&frame.header, None);
            self.payload = frame.payload;
        }
    }
}
