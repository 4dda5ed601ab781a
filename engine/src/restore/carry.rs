//! Carrying the journal over, frame by frame: what is read is verified, and what is written is read
//! back from the device.

use ledger_core::{EpochBegan, Event, Sequence};

use super::RestoreError;
use super::outline::{Reading, Segment};
use super::source::Source;
use super::target::Target;
use crate::journal::chain::Chain;
use crate::journal::meta::Meta;
use crate::journal::scan::FrameBuffer;
use crate::journal::seal::Sealer;
use crate::journal::sealed::Footer;
use crate::journal::{Damage, FrameEvents, FrameHeader, PIECE_BYTES, Progress, SealedError};

/// Carries segments from a source to a target, in order.
pub(super) struct Carrier<'a> {
    source: &'a Source,
    target: &'a Target,
    /// The end of what was carried over.
    pub(super) chain: Chain,
    /// The segment that was written last.
    pub(super) segment: u64,
    event: Event,
    progress: Progress,
    tell: &'a mut dyn FnMut(Progress),
}

/// The frame that the restored point lies within, and where it was read from.
pub(super) type Split = (Reading, FrameBuffer);

impl<'a> Carrier<'a> {
    pub(super) fn new(
        source: &'a Source,
        target: &'a Target,
        bytes_total: u64,
        tell: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            source,
            target,
            chain: source.chain(),
            segment: 0,
            event: FrameEvents::blank(),
            progress: Progress {
                bytes: 0,
                bytes_total,
                sequence: Sequence::ZERO,
            },
            tell,
        }
    }

    /// Carries a segment over whole.
    pub(super) fn carry(&mut self, segment: &Segment) -> Result<(), RestoreError> {
        let mut reading = self.source.read(segment)?;
        let mut sealer = None;
        while let Some(frame) = reading.next(&self.chain)? {
            self.take(&mut reading, &mut sealer, frame)?;
        }
        let written = self.finish(sealer)?;
        // All that a sealed file says follows from its frames.
        if segment.footer.is_some() && written != segment.footer {
            let damage = Damage::Sealed(SealedError::Contradiction);
            return Err(reading.damaged(&self.chain, damage));
        }
        Ok(())
    }

    /// Carries the frames of a segment over that end with `last` or before it, and gives back the
    /// one that `last` lies within, if it lies within one.
    pub(super) fn carry_until(
        &mut self,
        segment: &Segment,
        last: Sequence,
    ) -> Result<Option<Split>, RestoreError> {
        let mut reading = self.source.read(segment)?;
        let mut sealer = None;
        let mut split = None;
        while let Some(frame) = reading.next(&self.chain)? {
            let header = &frame.header;
            if header.first_sequence > last {
                break;
            }
            if header.next_sequence() > Some(last.next()) {
                // It is verified like the others, though only a part of it is kept.
                reading.check_events(&self.chain, &frame, &mut self.event, |_, _| {})?;
                split = Some(frame);
                break;
            }
            self.take(&mut reading, &mut sealer, frame)?;
        }
        self.finish(sealer)?;
        Ok(split.map(|frame| (reading, frame)))
    }

    /// Writes the segment that another epoch begins with, and says what is then the meta file.
    pub(super) fn branch(
        mut self,
        frame: &FrameBuffer,
        began: &EpochBegan,
    ) -> Result<Meta, RestoreError> {
        let mut sealer = None;
        let writing = self.begin(&mut sealer, &frame.header)?;
        let mut events = frame.events();
        let mut event = FrameEvents::blank();
        while events
            .read_next(&mut event)
            .expect("what was encoded a moment ago decodes")
        {
            writing.add_event(&event, events.event_at());
        }
        writing
            .add_frame(&frame.header, &frame.header_bytes, &frame.payload)
            .map_err(RestoreError::Seal)?;
        self.chain.advance(&frame.header, Some(began));
        self.finish(sealer)?;
        self.progress.bytes = self.progress.bytes_total;
        self.progress.sequence = self.chain.last();
        (self.tell)(self.progress);
        Ok(Meta {
            database: frame.header.database,
            epoch: began.epoch,
            newest_segment: self.segment,
            sealed_segment: self.segment,
            sealed_hash: self.chain.hash,
            sealed_sequence: self.chain.last(),
            active_bytes: 0,
        })
    }

    /// Verifies a frame, writes it and goes on behind it.
    fn take(
        &mut self,
        reading: &mut Reading,
        sealer: &mut Option<Sealer>,
        frame: FrameBuffer,
    ) -> Result<(), RestoreError> {
        let sealer = self.begin(sealer, &frame.header)?;
        let note = |event: &Event, item| sealer.add_event(event, item);
        let began = reading.check_events(&self.chain, &frame, &mut self.event, note)?;
        sealer
            .add_frame(&frame.header, &frame.header_bytes, &frame.payload)
            .map_err(RestoreError::Seal)?;
        let bytes = frame.bytes(reading.layout);
        reading.step(&mut self.chain, frame, began.as_ref());
        let before = self.progress.bytes / PIECE_BYTES;
        self.progress.bytes += bytes;
        self.progress.sequence = self.chain.last();
        if self.progress.bytes / PIECE_BYTES > before {
            (self.tell)(self.progress);
        }
        Ok(())
    }

    /// The file that a segment is written to, begun with its first frame.
    fn begin<'b>(
        &self,
        sealer: &'b mut Option<Sealer>,
        first: &FrameHeader,
    ) -> Result<&'b mut Sealer, RestoreError> {
        if sealer.is_none() {
            let created = Sealer::create(&self.source.vfs, self.target.dir(), first);
            *sealer = Some(created.map_err(RestoreError::Seal)?);
        }
        Ok(sealer.as_mut().expect("it was begun just now"))
    }

    fn finish(&mut self, sealer: Option<Sealer>) -> Result<Option<Footer>, RestoreError> {
        let Some(sealer) = sealer else {
            return Ok(None);
        };
        let (footer, _) = sealer.finish().map_err(RestoreError::Seal)?;
        self.segment = footer.segment;
        Ok(Some(footer))
    }
}
