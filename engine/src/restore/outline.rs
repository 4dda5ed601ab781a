//! What a source holds, segment by segment, without reading all of it: of sealed segments only the
//! footers, and the frames of those that were left open.

use std::path::PathBuf;

use ledger_core::{EpochBegan, Event, Sequence, Timestamp};

use super::RestoreError;
use super::source::Source;
use crate::journal::chain::Chain;
use crate::journal::names;
use crate::journal::scan::{FrameBuffer, Layout, ScanError, Tail, look_at_tail, read_frame};
use crate::journal::sealed::{Footer, SealedFile};
use crate::journal::{Damage, FrameError, FrameEvents};
use crate::vfs::DeviceFile;

/// A segment that has frames.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    /// Of a sealed one; an active one is verified by its frames alone.
    pub(super) footer: Option<Footer>,
    pub(super) first: Sequence,
    /// The sequence after its last event.
    pub(super) next: Sequence,
    /// No event of it is older.
    pub(super) base_time: Timestamp,
    /// Where its frames end.
    pub(super) end: u64,
}

/// The segments of a source, in order.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) segments: Vec<Segment>,
    /// The newest event.
    pub(super) newest: Sequence,
}

/// A segment while its frames are read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) path: PathBuf,
    pub(super) number: u64,
    pub(super) layout: Layout,
    pub(super) offset: u64,
    pub(super) end: u64,
    file: Box<dyn DeviceFile>,
    payload: Vec<u8>,
}

impl Reading {
    /// Reads the frame that comes next; nothing at the end. The inner error is what stands there
    /// instead of one.
    fn next_whole(&mut self) -> Result<Option<Result<FrameBuffer, FrameError>>, RestoreError> {
        if self.offset >= self.end {
            return Ok(None);
        }
        let payload = std::mem::take(&mut self.payload);
        match read_frame(&mut *self.file, self.offset, self.end, payload) {
            Ok(frame) => Ok(Some(Ok(frame))),
            Err(ScanError::Io(error)) => Err(RestoreError::io(&self.path)(error)),
            Err(ScanError::Frame(error)) => Ok(Some(Err(error))),
        }
    }

    /// The same, insisting that the frame belongs there.
    fn next_linked(
        &mut self,
        chain: &Chain,
    ) -> Result<Option<Result<FrameBuffer, FrameError>>, RestoreError> {
        let frame = self.next_whole()?;
        if let Some(Ok(frame)) = &frame {
            let checked = chain.check(&frame.header, self.number);
            checked.map_err(|error| self.damaged(chain, Damage::Chain(error)))?;
        }
        Ok(frame)
    }

    /// The same, insisting that there is a frame where the segment has not ended.
    pub(super) fn next(&mut self, chain: &Chain) -> Result<Option<FrameBuffer>, RestoreError> {
        let frame = self.next_linked(chain)?.transpose();
        frame.map_err(|error| self.damaged(chain, Damage::Frame(error)))
    }

    /// The frame that comes next, whatever came before it.
    pub(super) fn next_alone(
        &mut self,
        chain: &Chain,
    ) -> Result<Option<FrameBuffer>, RestoreError> {
        let frame = self.next_whole()?.transpose();
        frame.map_err(|error| self.damaged(chain, Damage::Frame(error)))
    }

    /// Shows the events of a frame with their places in it, and checks what they say of epochs.
    pub(super) fn check_events(
        &self,
        chain: &Chain,
        frame: &FrameBuffer,
        event: &mut Event,
        mut show: impl FnMut(&Event, u32),
    ) -> Result<Option<EpochBegan>, RestoreError> {
        let decode = |error| self.damaged(chain, Damage::Decode(error));
        let mut events = frame.events();
        while events.read_next(event).map_err(decode)? {
            show(event, events.event_at());
        }
        events.check_counts(&frame.header).map_err(decode)?;
        let began = events.epoch_began().copied();
        chain
            .check_epoch(&frame.header, began.as_ref())
            .map_err(|error| self.damaged(chain, Damage::Chain(error)))?;
        Ok(began)
    }

    /// Goes on behind a frame.
    pub(super) fn step(
        &mut self,
        chain: &mut Chain,
        frame: FrameBuffer,
        began: Option<&EpochBegan>,
    ) {
        self.offset += frame.bytes(self.layout);
        chain.advance(&frame.header, began);
        self.payload = frame.payload;
    }

    pub(super) fn damaged(&self, chain: &Chain, source: Damage) -> RestoreError {
        RestoreError::Damaged {
            file: self.path.clone(),
            offset: self.offset,
            sequence: chain.next,
            source,
        }
    }
}

impl Source {
    /// The chain before the first frame.
    pub(super) fn chain(&self) -> Chain {
        Chain::start(self.claim.database, self.claim.epoch)
    }

    /// Begins to read a segment.
    pub(super) fn read(&self, segment: &Segment) -> Result<Reading, RestoreError> {
        let layout = match segment.footer {
            Some(_) => Layout::Packed,
            None => Layout::Padded,
        };
        self.begin(
            segment.number,
            segment.path.clone(),
            layout,
            Some(segment.end),
        )
    }

    fn begin(
        &self,
        number: u64,
        path: PathBuf,
        layout: Layout,
        end: Option<u64>,
    ) -> Result<Reading, RestoreError> {
        let opened = self.vfs.open_device(&path).and_then(|file| {
            let end = match end {
                Some(end) => end,
                None => file.length()?,
            };
            Ok((file, end))
        });
        let (file, end) = opened.map_err(RestoreError::io(&path))?;
        Ok(Reading {
            path,
            number,
            layout,
            offset: 0,
            end,
            file,
            payload: Vec::new(),
        })
    }

    /// Looks at all segments.
    pub(super) fn outline(&self) -> Result<Outline, RestoreError> {
        let survey = &self.survey;
        let newest = survey.newest().max(self.claim.newest_segment);
        let mut outline = Outline {
            segments: Vec::new(),
            newest: Sequence::ZERO,
        };
        let mut chain = self.chain();
        // Behind a segment without frames there may be none with one.
        let mut empty: Option<PathBuf> = None;
        for number in 1..=self.newest_segment(newest) {
            let is_sealed = survey.sealed.contains(&number);
            if !is_sealed && !survey.active.contains(&number) {
                let file = names::sealed(&self.dir, number);
                return Err(RestoreError::Missing { file });
            }
            let found = match is_sealed.then(|| self.outline_sealed(number, &mut chain)) {
                Some(Err(RestoreError::Damaged { .. })) if self.may_seal_again(number) => None,
                found => found.transpose()?,
            };
            let segment = match found {
                Some(segment) => Some(segment),
                None => self.outline_active(number, &mut chain)?,
            };
            if let (Some(file), Some(_)) = (&empty, &segment) {
                return Err(RestoreError::Damaged {
                    file: file.clone(),
                    offset: 0,
                    sequence: chain.next,
                    source: Damage::SegmentBehind {
                        error: FrameError::NoMagic,
                        segment: number,
                    },
                });
            }
            if segment.is_none() {
                empty.get_or_insert_with(|| names::active(&self.dir, number));
            }
            outline.segments.extend(segment);
            if number == self.claim.sealed_segment && chain.hash != self.claim.sealed_hash {
                return Err(self.not_as_claimed(&chain, Damage::NotTheSealed));
            }
        }
        outline.newest = chain.last();
        if chain.last() < self.claim.sealed_sequence {
            let (error, sealed) = (FrameError::Truncated, self.claim.sealed_sequence);
            let segment = self.claim.sealed_segment;
            let damage = Damage::BehindMeta {
                error,
                segment,
                sealed,
            };
            return Err(self.not_as_claimed(&chain, damage));
        }
        if chain.lineage.epoch() != self.claim.epoch {
            let (found, expected) = (chain.lineage.epoch(), self.claim.epoch);
            return Err(self.not_as_claimed(&chain, Damage::NotTheEpoch { found, expected }));
        }
        Ok(outline)
    }

    /// A backup consists of the segments that it names; others may have come since.
    fn newest_segment(&self, newest: u64) -> u64 {
        match &self.manifest {
            Some(manifest) => manifest.segments,
            None => newest,
        }
    }

    /// A sealed file that the meta file does not count on yet may be made again.
    fn may_seal_again(&self, number: u64) -> bool {
        self.claim.sealed_segment < number && self.survey.active.contains(&number)
    }

    fn not_as_claimed(&self, chain: &Chain, source: Damage) -> RestoreError {
        RestoreError::Damaged {
            file: self.claim.file.clone(),
            offset: 0,
            sequence: chain.next,
            source,
        }
    }

    /// Steps over a sealed segment: its footer, and its first frame where an epoch begins.
    fn outline_sealed(&self, number: u64, chain: &mut Chain) -> Result<Segment, RestoreError> {
        let path = names::sealed(&self.dir, number);
        let opened = SealedFile::open(&self.vfs, &path, number).map_err(RestoreError::io(&path))?;
        let mut reading = self.begin(number, path.clone(), Layout::Packed, Some(0))?;
        let (footer, _) = opened.map_err(|error| reading.damaged(chain, Damage::Sealed(error)))?;
        reading.end = footer.frames_bytes;
        let frame = reading.next(chain)?;
        let truncated = || reading.damaged(chain, Damage::Frame(FrameError::Truncated));
        let frame = frame.ok_or_else(truncated)?;
        let began = reading.check_events(chain, &frame, &mut FrameEvents::blank(), |_, _| {})?;
        let next = footer.first_sequence.get().checked_add(footer.event_count);
        let is_own = footer.database == frame.header.database
            && footer.epoch == frame.header.epoch
            && footer.first_sequence == frame.header.first_sequence
            && footer.previous_hash == frame.header.previous_hash;
        let Some(next) = next.map(Sequence::new).filter(|_| is_own) else {
            let damage = Damage::Sealed(crate::journal::SealedError::Contradiction);
            return Err(reading.damaged(chain, damage));
        };
        let base_time = frame.header.base_time;
        reading.step(chain, frame, began.as_ref());
        chain.skip_to(next, footer.last_hash);
        Ok(Segment {
            number,
            path,
            first: footer.first_sequence,
            next,
            base_time,
            end: footer.frames_bytes,
            footer: Some(footer),
        })
    }

    /// Reads the frames of an active segment, if it has any.
    fn outline_active(
        &self,
        number: u64,
        chain: &mut Chain,
    ) -> Result<Option<Segment>, RestoreError> {
        let path = names::active(&self.dir, number);
        let mut reading = self.begin(number, path.clone(), Layout::Padded, None)?;
        let (found, expected) = (reading.end, self.claim.active_bytes);
        if number <= self.claim.newest_segment && found != expected {
            return Err(reading.damaged(chain, Damage::Length { found, expected }));
        }
        let mut segment: Option<Segment> = None;
        let mut event = FrameEvents::blank();
        while let Some(frame) = reading.next_linked(chain)? {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    judge_tail(&mut reading, chain, error)?;
                    break;
                }
            };
            let began = reading.check_events(chain, &frame, &mut event, |_, _| {})?;
            let header = &frame.header;
            let segment = segment.get_or_insert_with(|| Segment {
                number,
                path: path.clone(),
                footer: None,
                first: header.first_sequence,
                next: header.first_sequence,
                base_time: header.base_time,
                end: 0,
            });
            reading.step(chain, frame, began.as_ref());
            (segment.next, segment.end) = (chain.next, reading.offset);
        }
        Ok(segment)
    }
}

/// Whether what stands behind the last frame of an active segment is nothing, or a frame that was
/// torn when the server ended and so was never acknowledged. A later segment that goes on from a
/// frame which is missing here does not fit the chain.
fn judge_tail(reading: &mut Reading, chain: &Chain, error: FrameError) -> Result<(), RestoreError> {
    if matches!(
        error,
        FrameError::UnknownVersion { .. }
            | FrameError::UnknownKind { .. }
            | FrameError::Hash
            | FrameError::Reserved
    ) {
        return Err(reading.damaged(chain, Damage::Frame(error)));
    }
    let tail = look_at_tail(&mut *reading.file, reading.offset);
    match tail.map_err(RestoreError::io(&reading.path))? {
        Tail::Zeros | Tail::Torn { .. } => Ok(()),
        Tail::FrameBehind { offset: behind } => {
            Err(reading.damaged(chain, Damage::FrameBehind { error, behind }))
        }
    }
}
