//! Reading events back: one by its sequence, or many in order.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use ledger_core::{Event, Sequence, Timestamp};

use super::contents::{FrameEvents, RecordedEvent};
use super::event::read_event;
use super::frame::{FrameError, FrameHeader, HEADER_BYTES, verify};
use super::index::{Index, Segment, SegmentKind};
use super::integer::Cursor;
use super::payload::{DecodeError, next_item};
use super::scan::Layout;
use super::sealed::{CHECKED_BLOCK_BYTES, SealedError};
use crate::vfs::{self, VfsFile};

mod rounding;

/// How much is read at first to find one event: some 64 of them.
const WINDOW_BYTES: usize = 8 << 10;

/// Why an event cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalReadError {
    /// No such event is durable.
    #[error("event {sequence} is not in the journal")]
    NotThere {
        /// The sequence asked for.
        sequence: Sequence,
    },
    /// The file system refused.
    #[error("cannot read {}", file.display())]
    Io {
        /// The segment.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A sealed segment is damaged.
    #[error("{} is damaged near byte {offset}", file.display())]
    Sealed {
        /// The segment.
        file: PathBuf,
        /// Where in it.
        offset: u64,
        /// How.
        source: SealedError,
    },
    /// A frame is damaged.
    #[error("{} is damaged at byte {offset}", file.display())]
    Frame {
        /// The segment.
        file: PathBuf,
        /// Where in it the frame begins.
        offset: u64,
        /// How.
        source: FrameError,
    },
    /// An event is damaged.
    #[error("{} is damaged in the frame at byte {offset}", file.display())]
    Decode {
        /// The segment.
        file: PathBuf,
        /// Where in it the frame begins.
        offset: u64,
        /// How.
        source: DecodeError,
    },
}

impl JournalReadError {
    /// What the file system said, if it refused for want of something that others give back: then
    /// nothing is wrong with the journal, and it can be tried again.
    pub(crate) fn passing(&self) -> Option<&io::Error> {
        match self {
            Self::Io { source, .. } if vfs::passes(source) => Some(source),
            _ => None,
        }
    }
}

/// What there is to read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct JournalStats {
    /// Sealed segments.
    pub segments_sealed: u64,
    /// Segments that are appended to or wait to be sealed.
    pub segments_unsealed: u64,
    /// What all of them take on the disk.
    pub disk_bytes: u64,
}

/// Reads the durable part of a journal while it is being appended to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct JournalReader {
    index: Arc<Index>,
}

impl JournalReader {
    pub(super) fn new(index: Arc<Index>) -> Self {
        Self { index }
    }

    /// Whether an event stands in a sealed segment, or there is none to stand anywhere.
    pub(crate) fn is_sealed(&self, sequence: Sequence) -> bool {
        sequence == Sequence::ZERO
            || self
                .index
                .find(sequence)
                .is_some_and(|segment| segment.is_sealed())
    }

    /// The newest segment up to which all are sealed, and the length of all of these.
    pub(crate) fn sealed_end(&self) -> Option<(u64, u64)> {
        let segments = self.index.segments();
        let sealed = segments.iter().take_while(|segment| segment.is_sealed());
        sealed.fold(None, |end, segment| {
            let before = end.map_or(0, |(_, bytes)| bytes);
            Some((segment.number, before + segment.file_bytes))
        })
    }

    /// The event at `sequence`.
    ///
    /// # Errors
    /// [`JournalReadError`]; `NotThere` if no such event is durable.
    pub fn event(&self, sequence: Sequence) -> Result<Event, JournalReadError> {
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
        if header.next_sequence().is_some_and(|next| sequence < next) {
            let from = position.item as usize;
            return open.event(at, &header, from, position.sequence, sequence);
        }
        while header.next_sequence().is_some_and(|next| next <= sequence) {
            at += segment.frame_bytes(&header);
            header = open.header(at)?;
        }
        open.event(at, &header, 0, header.first_sequence, sequence)
    }

    /// Shows the events `from ..= through`, in order, each with its request, for as long as `visit`
    /// wants to go on.
    ///
    /// # Errors
    /// [`JournalReadError`]; `NotThere` where the durable events end before `through`.
    pub fn visit(
        &self,
        from: Sequence,
        through: Sequence,
        mut visit: impl FnMut(RecordedEvent<'_>) -> ControlFlow<()>,
    ) -> Result<(), JournalReadError> {
        let mut next = from;
        let mut bytes = Vec::new();
        while next <= through {
            let not_there = || JournalReadError::NotThere { sequence: next };
            let segment = self.index.find(next).ok_or_else(not_there)?;
            let position = segment.find(next).ok_or_else(not_there)?;
            let open = self.open(&segment)?;
            let mut at = u64::from(position.frame);
            while at < segment.end() && next <= through {
                let header = open.read_frame(at, &mut bytes)?;
                let decode = |source| segment.decode_error(at, source);
                let (first, base_time) = (header.first_sequence, header.base_time);
                let mut events = FrameEvents::new(&bytes[HEADER_BYTES..], first, base_time);
                events.skip_to(next).map_err(decode)?;
                for recorded in events {
                    let recorded = recorded.map_err(decode)?;
                    if recorded.event.sequence > through {
                        return Ok(());
                    }
                    next = recorded.event.sequence.next();
                    if visit(recorded).is_break() {
                        return Ok(());
                    }
                }
                at += segment.frame_bytes(&header);
            }
        }
        Ok(())
    }

    /// The number of the sealed segment in which an event lies, if it lies in one.
    pub(crate) fn sealed_segment(&self, sequence: Sequence) -> Option<u64> {
        let segment = self.index.find(sequence)?;
        segment.find(sequence)?;
        segment.is_sealed().then_some(segment.number)
    }

    /// What there is to read.
    #[must_use]
    pub fn stats(&self) -> JournalStats {
        let mut stats = JournalStats::default();
        for segment in self.index.segments() {
            match segment.kind {
                SegmentKind::Sealed { .. } => stats.segments_sealed += 1,
                SegmentKind::Active { .. } => stats.segments_unsealed += 1,
            }
            stats.disk_bytes += segment.file_bytes;
        }
        stats
    }

    /// Opens a segment for as long as one question takes.
    fn open<'a>(&self, segment: &'a Segment) -> Result<OpenSegment<'a>, JournalReadError> {
        match self.index.open(segment) {
            Ok(file) => Ok(OpenSegment { segment, file }),
            Err(source) => Err(segment.io_error(source)),
        }
    }
}

impl Segment {
    fn frame_bytes(&self, header: &FrameHeader) -> u64 {
        match self.layout() {
            Layout::Padded => header.padded_bytes(),
            Layout::Packed => header.frame_bytes(),
        }
    }

    fn io_error(&self, source: io::Error) -> JournalReadError {
        JournalReadError::Io {
            file: self.path.clone(),
            source,
        }
    }

    fn frame_error(&self, offset: u64, source: FrameError) -> JournalReadError {
        JournalReadError::Frame {
            file: self.path.clone(),
            offset,
            source,
        }
    }

    fn decode_error(&self, offset: u64, source: DecodeError) -> JournalReadError {
        JournalReadError::Decode {
            file: self.path.clone(),
            offset,
            source,
        }
    }
}

/// A segment whose file stays open while somebody reads.
struct OpenSegment<'a> {
    segment: &'a Segment,
    file: Arc<dyn VfsFile>,
}

impl OpenSegment<'_> {
    /// Reads bytes of the frames. In a sealed segment the blocks that hold them must verify.
    fn read(
        &self,
        offset: u64,
        length: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), JournalReadError> {
        let io = |source| self.segment.io_error(source);
        bytes.clear();
        let SegmentKind::Sealed {
            sections,
            frames_bytes,
        } = &self.segment.kind
        else {
            bytes.resize(length, 0);
            return self.file.read_at(bytes, offset).map_err(io);
        };
        let block = CHECKED_BLOCK_BYTES as u64;
        let from = offset - offset % block;
        let to = (offset + length as u64).next_multiple_of(block);
        let to = to.min(*frames_bytes).max(from);
        bytes.resize((to - from) as usize, 0);
        self.file.read_at(bytes, from).map_err(io)?;
        for (index, part) in bytes.chunks(CHECKED_BLOCK_BYTES).enumerate() {
            let number = from / block + index as u64;
            let checked = sections.check_block(number, part);
            checked.map_err(|source| JournalReadError::Sealed {
                file: self.segment.path.clone(),
                offset: number * block,
                source,
            })?;
        }
        let skip = (offset - from) as usize;
        bytes.drain(..skip.min(bytes.len()));
        bytes.truncate(length);
        if bytes.len() < length {
            return Err(io(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(())
    }

    fn header(&self, at: u64) -> Result<FrameHeader, JournalReadError> {
        let mut bytes = Vec::new();
        self.read(at, HEADER_BYTES, &mut bytes)?;
        let bytes = bytes.first_chunk().expect("as many bytes as asked for");
        FrameHeader::read(bytes).map_err(|source| self.segment.frame_error(at, source))
    }

    /// Reads a whole frame into `bytes`, header and payload, and verifies it.
    fn read_frame(&self, at: u64, bytes: &mut Vec<u8>) -> Result<FrameHeader, JournalReadError> {
        let header = self.header(at)?;
        self.read(at, header.frame_bytes() as usize, bytes)?;
        let (header_bytes, payload) = bytes
            .split_first_chunk()
            .expect("as many bytes as asked for");
        verify(header_bytes, payload).map_err(|source| self.segment.frame_error(at, source))?;
        Ok(header)
    }

    /// The event `wanted` of the frame at `at`, reading on from the item at `from`, before which
    /// event `first` is the next.
    fn event(
        &self,
        at: u64,
        header: &FrameHeader,
        from: usize,
        first: Sequence,
        wanted: Sequence,
    ) -> Result<Event, JournalReadError> {
        let rest = (header.payload_bytes as usize).saturating_sub(from);
        let mut window = rest.min(WINDOW_BYTES);
        let mut bytes = Vec::new();
        loop {
            self.read(at + (HEADER_BYTES + from) as u64, window, &mut bytes)?;
            match pick(&bytes, first, wanted, header.base_time) {
                Err(DecodeError::Truncated) if window < rest => window = rest.min(window * 4),
                event => return event.map_err(|source| self.segment.decode_error(at, source)),
            }
        }
    }
}

/// Passes over items until the event `wanted`.
fn pick(
    bytes: &[u8],
    first: Sequence,
    wanted: Sequence,
    base_time: Timestamp,
) -> Result<Event, DecodeError> {
    let mut cursor = Cursor::new(bytes);
    let mut next = first;
    loop {
        let item = next_item(&mut cursor)?.ok_or(DecodeError::Truncated)?;
        if item.is_request() {
            continue;
        }
        if next == wanted {
            return read_event(&item, wanted, base_time);
        }
        next = next.next();
    }
}

#[cfg(test)]
mod tests;
