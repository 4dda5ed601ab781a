//! Reading the segments, one after the other, and sealing those that were left open.
//!
//! All are read before anything is changed, so that a refusal leaves the directory as it was, but
//! for files under temporary names. What is to be done is noted on the way and done at the end.

use std::path::Path;
use std::sync::Arc;

use ledger_core::{EpochBegan, Sequence};

use super::{Cut, Damage, Ending, Progress, RecoveryError, Replay, Unfit};
use crate::journal::chain::Chain;
use crate::journal::frame::{FrameError, FrameHeader};
use crate::journal::index::Index;
use crate::journal::meta::MetaFile;
use crate::journal::names;
use crate::journal::scan::{FrameBuffer, Layout, ScanError};
use crate::journal::seal::{SealedWriter, Summary};
use crate::journal::sealed::{Footer, SealedError, SealedFile};
use crate::journal::space::{PIECE_BYTES, Preparation};
use crate::journal::survey::Survey;
use crate::vfs::{ReadBack, Vfs};

mod ahead;
mod both;
mod passing;
mod source;
mod steps;
mod tail;

use ahead::{FrameEnd, Part, Wanted};
use source::Source;
use steps::Step;

/// The segments of a data directory while they are read.
pub(super) struct Segments<'a> {
    vfs: &'a Arc<dyn Vfs>,
    dir: &'a Path,
    survey: &'a Survey,
    meta: &'a MetaFile,
    index: &'a Index,
    replay: &'a mut dyn Replay,
    chain: Chain,
    steps: Vec<Step>,
    read_back: ReadBack,
    /// The first segment without a frame. Behind it there may be none with one.
    empty: Option<u64>,
    progress: Progress,
    /// The segment after the one that is replayed, already being read.
    next: Option<Next>,
    payload: Vec<u8>,
    /// A part that was replayed, whose memory is used again.
    spare: Option<Part>,
    /// Who writes what is sealed.
    preparation: Preparation,
}

/// A segment whose frames are read ahead.
enum Next {
    Sealed(Source, Footer, Box<SealedFile>),
    Active(Source),
}

impl<'a> Segments<'a> {
    pub(super) fn new(
        vfs: &'a Arc<dyn Vfs>,
        dir: &'a Path,
        survey: &'a Survey,
        meta: &'a MetaFile,
        index: &'a Index,
        replay: &'a mut dyn Replay,
        preparation: Preparation,
    ) -> Result<Self, RecoveryError> {
        let found = meta.get();
        let mut segments = Self {
            vfs,
            dir,
            survey,
            meta,
            index,
            replay,
            chain: Chain::start(found.database, found.epoch),
            steps: Vec::new(),
            read_back: ReadBack::Memory,
            empty: None,
            progress: Progress {
                bytes: 0,
                bytes_total: 0,
                sequence: Sequence::ZERO,
            },
            next: None,
            payload: Vec::new(),
            spare: None,
            preparation,
        };
        let meta_file = names::meta(dir);
        let device = vfs.open_device(&meta_file);
        segments.read_back = device.map_err(RecoveryError::io(&meta_file))?.method();
        for &number in &survey.sealed {
            segments.progress.bytes_total += segments.length(&names::sealed(dir, number))?;
        }
        for &number in survey.active.difference(&survey.sealed) {
            segments.progress.bytes_total += segments.length(&names::active(dir, number))?;
        }
        Ok(segments)
    }

    fn length(&self, path: &Path) -> Result<u64, RecoveryError> {
        let length = self.vfs.open(path).and_then(|file| file.length());
        length.map_err(RecoveryError::io(path))
    }

    /// Reads the segment of this number, in whatever form it is there.
    pub(super) fn recover(&mut self, number: u64) -> Result<(), RecoveryError> {
        let is_sealed = self.survey.sealed.contains(&number);
        let is_active = self.survey.active.contains(&number);
        if is_sealed && is_active {
            return self.recover_both(number);
        }
        if is_sealed {
            self.recover_sealed(number)
        } else {
            self.recover_active(number, true)
        }
    }

    /// Replays a sealed segment, and checks what it says of its frames.
    fn recover_sealed(&mut self, number: u64) -> Result<(), RecoveryError> {
        let (mut source, footer, sealed) = match self.next.take() {
            Some(Next::Sealed(source, footer, sealed)) if source.number == number => {
                (source, footer, *sealed)
            }
            _ => self.open_sealed_ahead(number)?,
        };
        self.prepare(number + 1);
        while source.offset < source.end {
            let first = self.next_part(&mut source)?;
            let (header, first) =
                first.map_err(|error| self.damaged(&source, &self.chain, Damage::Frame(error)))?;
            let (last, end) = self.replay_frame(&mut source, &header, first)?;
            self.step(&mut source, &header, end.began.as_ref());
            self.spare = Some(last);
        }
        let summary = source.summary();
        self.check_summary(&source, &self.chain, &footer, summary)?;
        self.show_sealed(number, footer, sealed)
    }

    /// Has the segment of this number read ahead, if it is there in one form. Where that fails, it
    /// fails again when it is the segment's turn.
    fn prepare(&mut self, number: u64) {
        let is_sealed = self.survey.sealed.contains(&number);
        let is_active = self.survey.active.contains(&number);
        self.next = match (is_sealed, is_active) {
            (true, false) => {
                let opened = self.open_sealed_ahead(number);
                opened.map(|(source, footer, sealed)| Next::Sealed(source, footer, sealed.into()))
            }
            (false, true) => self.open_active_ahead(number).map(Next::Active),
            _ => return,
        }
        .ok();
    }

    /// Reads an active segment, cuts off a torn tail if that is allowed, and seals it.
    fn recover_active(&mut self, number: u64, may_cut: bool) -> Result<(), RecoveryError> {
        let mut source = match self.next.take() {
            Some(Next::Active(source)) if source.number == number => source,
            _ => self.open_active_ahead(number)?,
        };
        self.check_length(&source)?;
        self.prepare(number + 1);
        let mut writer: Option<SealedWriter> = None;
        let problem = loop {
            if source.offset == source.end {
                break None;
            }
            let (header, first) = match self.next_part(&mut source)? {
                Ok(first) => first,
                Err(error) => break Some(error),
            };
            if let Some(empty) = self.empty {
                return Err(self.went_on(empty, number));
            }
            let writer = match &mut writer {
                Some(writer) => writer,
                None => writer.insert(self.begin_sealing(number)?),
            };
            let (mut last, end) = self.replay_frame(&mut source, &header, first)?;
            writer
                .write(&end.header_bytes)
                .and_then(|()| writer.write(&end.payload))
                .map_err(RecoveryError::Seal)?;
            self.step(&mut source, &header, end.began.as_ref());
            // Its memory goes back with it.
            last.end = Some(Ok(end));
            self.spare = Some(last);
        };
        if let Some(error) = problem {
            self.judge_tail(&mut source, error, may_cut)?;
        }
        self.check_meta(&source, problem.unwrap_or(FrameError::Truncated))?;
        let (Some(mut writer), Some(summary)) = (writer, source.summary()) else {
            self.empty.get_or_insert(number);
            return Ok(());
        };
        let footer = writer.end(summary).map_err(RecoveryError::Seal)?;
        let (writer, end) = (Box::new(writer), self.chain.clone());
        self.steps.push(Step::Seal {
            writer,
            footer,
            end,
        });
        self.steps.push(Step::RemoveActive(number));
        Ok(())
    }

    fn begin_sealing(&self, number: u64) -> Result<SealedWriter, RecoveryError> {
        let mut writer =
            SealedWriter::create(self.vfs, self.dir, number).map_err(RecoveryError::Seal)?;
        if self.preparation == Preparation::Background {
            writer.write_beside().map_err(RecoveryError::Seal)?;
        }
        Ok(writer)
    }

    /// Whether an active segment is as long as it was made. One that the meta file does not count
    /// on yet holds nothing, whatever its length.
    fn check_length(&self, source: &Source) -> Result<(), RecoveryError> {
        let (found, expected) = (source.end, self.meta.get().active_bytes);
        if source.number > self.meta.get().newest_segment || found == expected {
            return Ok(());
        }
        let damage = Damage::Length { found, expected };
        Err(self.damaged(source, &self.chain, damage))
    }

    /// Reads the frame at the source's offset and checks that it belongs behind the frames of
    /// `chain`. The inner error is a frame that is none; a whole frame in the wrong place is damage.
    fn next_frame(
        &mut self,
        source: &mut Source,
        chain: &Chain,
    ) -> Result<Result<FrameBuffer, FrameError>, RecoveryError> {
        let payload = std::mem::take(&mut self.payload);
        let read = source.read_frame(payload);
        let frame = match self.whole(source, chain, read)? {
            Ok(frame) => frame,
            Err(error) => return Ok(Err(error)),
        };
        match chain.check(&frame.header, source.number) {
            Ok(()) => Ok(Ok(frame)),
            Err(error) => Err(self.damaged(source, chain, Damage::Chain(error))),
        }
    }

    /// What was read, if it is a whole frame. The inner error is one that torn bytes can have.
    fn whole<F>(
        &self,
        source: &Source,
        chain: &Chain,
        read: Result<F, ScanError>,
    ) -> Result<Result<F, FrameError>, RecoveryError> {
        match read {
            Ok(frame) => Ok(Ok(frame)),
            Err(ScanError::Io(error)) => Err(RecoveryError::io(&source.path)(error)),
            // These are no torn bytes: a whole frame of another version stands here.
            Err(ScanError::Frame(
                error @ (FrameError::UnknownVersion { .. }
                | FrameError::UnknownKind { .. }
                | FrameError::Hash
                | FrameError::Reserved),
            )) => Err(self.damaged(source, chain, Damage::Frame(error))),
            Err(ScanError::Frame(error)) => Ok(Err(error)),
        }
    }

    /// Takes the first part of the frame at the source's offset and checks that it belongs behind
    /// what was replayed. The inner error is a frame that is none.
    fn next_part(
        &mut self,
        source: &mut Source,
    ) -> Result<Result<(FrameHeader, Part), FrameError>, RecoveryError> {
        let read = source.next_part(self.spare.take());
        let read = read.map(|mut part| {
            let header = part.header.take();
            let header = header.expect("a frame's first part has its header");
            (*header, part)
        });
        let (header, part) = match self.whole(source, &self.chain, read)? {
            Ok(first) => first,
            Err(error) => return Ok(Err(error)),
        };
        match self.chain.check(&header, source.number) {
            Ok(()) => Ok(Ok((header, part))),
            Err(error) => Err(self.damaged(source, &self.chain, Damage::Chain(error))),
        }
    }

    /// Hands the events of a frame to whoever replays them. Gives back its last part, and what is
    /// known of the frame at its end.
    fn replay_frame(
        &mut self,
        source: &mut Source,
        header: &FrameHeader,
        first: Part,
    ) -> Result<(Part, FrameEnd), RecoveryError> {
        let mut part = first;
        let end = loop {
            self.replay_part(source, &part)?;
            if let Some(end) = part.end.take() {
                break end;
            }
            let next = source.next_part(Some(part));
            part = self
                .whole(source, &self.chain, next)?
                .map_err(|error| self.damaged(source, &self.chain, Damage::Frame(error)))?;
        };
        let end = end.map_err(|error| self.damaged(source, &self.chain, Damage::Decode(error)))?;
        self.chain
            .check_epoch(header, end.began.as_ref())
            .map_err(|error| self.damaged(source, &self.chain, Damage::Chain(error)))?;
        self.replay.time(header.close_time);
        Ok((part, end))
    }

    fn replay_part(&mut self, source: &Source, part: &Part) -> Result<(), RecoveryError> {
        let replayed = if self.replay.wants_requests() {
            let mut events = part.events().iter().zip(&part.requests);
            events.try_for_each(|(event, request)| {
                let replayed = self.replay.event(event, &request.borrowed());
                replayed.map_err(|source| Unfit {
                    sequence: event.sequence,
                    source,
                })
            })
        } else {
            self.replay.events(part.events())
        };
        replayed.map_err(|unfit| RecoveryError::Contradiction {
            dir: self.dir.to_owned(),
            file: source.path.clone(),
            offset: source.offset,
            sequence: unfit.sequence,
            source: unfit.source,
        })
    }

    fn step(&mut self, source: &mut Source, header: &FrameHeader, began: Option<&EpochBegan>) {
        let bytes = match source.layout {
            Layout::Padded => header.padded_bytes(),
            Layout::Packed => header.frame_bytes(),
        };
        source.offset += bytes;
        self.chain.advance(header, began);
        self.progress.sequence = self.chain.last();
        self.progress(bytes);
    }

    /// So many bytes more were read.
    fn progress(&mut self, bytes: u64) {
        let before = self.progress.bytes / PIECE_BYTES;
        self.progress.bytes += bytes;
        if self.progress.bytes / PIECE_BYTES > before {
            self.replay.progress(self.progress);
        }
    }

    fn open_active_ahead(&self, number: u64) -> Result<Source, RecoveryError> {
        let mut source = self.open_active(number)?;
        source.read_ahead(Wanted {
            requests: self.replay.wants_requests(),
            bytes: true,
        })?;
        Ok(source)
    }

    fn open_sealed_ahead(
        &self,
        number: u64,
    ) -> Result<(Source, Footer, SealedFile), RecoveryError> {
        let (mut source, footer, sealed) = self.open_sealed(number)?;
        source.read_ahead(Wanted {
            requests: self.replay.wants_requests(),
            bytes: false,
        })?;
        Ok((source, footer, sealed))
    }

    fn open_active(&self, number: u64) -> Result<Source, RecoveryError> {
        let path = names::active(self.dir, number);
        let file = self
            .vfs
            .open_device(&path)
            .map_err(RecoveryError::io(&path))?;
        let end = file.length().map_err(RecoveryError::io(&path))?;
        Ok(Source::new(path, number, file, Layout::Padded, end))
    }

    fn open_sealed(&self, number: u64) -> Result<(Source, Footer, SealedFile), RecoveryError> {
        let path = names::sealed(self.dir, number);
        let opened = SealedFile::open(self.vfs, &path, number);
        let (mut source, opened) = {
            let file = self
                .vfs
                .open_device(&path)
                .map_err(RecoveryError::io(&path))?;
            let source = Source::new(path.clone(), number, file, Layout::Packed, 0);
            (source, opened.map_err(RecoveryError::io(&path))?)
        };
        let (footer, sealed) =
            opened.map_err(|error| self.damaged(&source, &self.chain, Damage::Sealed(error)))?;
        source.end = footer.frames_bytes;
        Ok((source, footer, sealed))
    }

    /// Whether what a sealed file says about its frames is what they say themselves.
    fn check_summary(
        &self,
        source: &Source,
        chain: &Chain,
        footer: &Footer,
        summary: Option<Summary>,
    ) -> Result<(), RecoveryError> {
        if summary.is_none_or(|summary| summary.finish().0 != *footer) {
            let damage = Damage::Sealed(SealedError::Contradiction);
            return Err(self.damaged(source, chain, damage));
        }
        Ok(())
    }

    /// A segment has frames though one before it has none.
    fn went_on(&self, empty: u64, segment: u64) -> RecoveryError {
        RecoveryError::Damaged {
            dir: self.dir.to_owned(),
            file: names::active(self.dir, empty),
            offset: 0,
            sequence: self.chain.next,
            source: Damage::SegmentBehind {
                error: FrameError::NoMagic,
                segment,
            },
        }
    }

    fn damaged(&self, source: &Source, chain: &Chain, damage: Damage) -> RecoveryError {
        RecoveryError::Damaged {
            dir: self.dir.to_owned(),
            file: source.path.clone(),
            offset: source.offset,
            sequence: chain.next,
            source: damage,
        }
    }
}
