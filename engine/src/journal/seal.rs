//! Sealing: a finished segment becomes a sealed file.
//!
//! The order matters. The file is written under a temporary name in pieces, and synced; it is read
//! back from the device and compared with what was written; it gets its name and its name is made
//! durable. Only after that may the meta file name it, and only then may the active file go.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Event, Sequence};

use super::checksums::BlockChecksums;
use super::frame::{FrameHeader, HEADER_BYTES};
use super::positions::EVENTS_PER_POSITION;
use super::sealed::Footer;
use super::space::PIECE_BYTES;
use super::zone::ZoneMap;
use crate::vfs::{DeviceFile, ReadBack, Vfs};

mod beside;
mod writer;

pub(crate) use writer::SealedWriter;

/// Why a segment could not be sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The file system refused.
    #[error("cannot write {}", file.display())]
    Io {
        /// The sealed file.
        file: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file could not be given its name for certain.
    #[error("cannot give {} its name", file.display())]
    Name {
        /// The sealed file.
        file: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// What the device holds is not what was written.
    #[error("{} does not read back from the device as it was written", file.display())]
    ReadBack {
        /// The sealed file.
        file: PathBuf,
    },
}

/// What a sealed file says about its frames, gathered frame by frame: by the one who writes the
/// file, and again by the one who checks it.
#[derive(Debug)]
pub(crate) struct Summary {
    footer: Footer,
    next_position: Sequence,
    positions: Vec<u8>,
    block_checksums: BlockChecksums,
    zone: ZoneMap,
}

impl Summary {
    /// Begins with the first frame of the segment, which is still to be added.
    pub(crate) fn new(first: &FrameHeader) -> Self {
        Self {
            footer: Footer {
                database: first.database,
                epoch: first.epoch,
                segment: first.segment,
                salt: first.salt,
                first_sequence: first.first_sequence,
                event_count: 0,
                frame_count: 0,
                frames_bytes: 0,
                zone_bytes: 0,
                sections_crc: 0,
                previous_hash: first.previous_hash,
                last_hash: [0; 32],
            },
            next_position: first.first_sequence,
            positions: Vec::new(),
            block_checksums: BlockChecksums::new(),
            zone: ZoneMap::new(),
        }
    }

    /// Adds an event of the frame that is to be added next, and where it lies in its payload.
    pub(crate) fn add_event(&mut self, event: &Event, item: u32) {
        if event.sequence == self.next_position {
            let next = self.next_position.get() + EVENTS_PER_POSITION;
            self.next_position = Sequence::new(next);
            let frame = u32::try_from(self.footer.frames_bytes);
            let frame = frame.expect("a segment is at most 4 GiB");
            self.positions.extend(frame.to_le_bytes());
            self.positions.extend(item.to_le_bytes());
        }
        self.zone.add(event);
    }

    /// Adds a frame whose events were added.
    pub(crate) fn add_frame(
        &mut self,
        header: &FrameHeader,
        header_bytes: &[u8; HEADER_BYTES],
        payload: &[u8],
    ) {
        self.block_checksums.add(header_bytes);
        self.block_checksums.add(payload);
        self.footer.event_count += u64::from(header.event_count);
        self.footer.frame_count += 1;
        self.footer.frames_bytes += header.frame_bytes();
        self.footer.last_hash = header.hash;
    }

    /// The footer, and the bytes between frames and footer.
    pub(crate) fn finish(mut self) -> (Footer, Vec<u8>) {
        let mut sections = self.positions;
        for crc in self.block_checksums.finish() {
            sections.extend(crc.to_le_bytes());
        }
        let before_zone = sections.len();
        self.zone.write(&mut sections);
        self.footer.zone_bytes = (sections.len() - before_zone) as u64;
        self.footer.sections_crc = crc32fast::hash(&sections);
        (self.footer, sections)
    }
}

/// Writes a sealed file while it gathers what the file says about its frames.
#[derive(Debug)]
pub(crate) struct Sealer {
    summary: Summary,
    writer: SealedWriter,
}

impl Sealer {
    /// Begins with the first frame of the segment, which is still to be added.
    pub(crate) fn create(
        vfs: &Arc<dyn Vfs>,
        dir: &Path,
        first: &FrameHeader,
    ) -> Result<Self, SealError> {
        Ok(Self {
            summary: Summary::new(first),
            writer: SealedWriter::create(vfs, dir, first.segment)?,
        })
    }

    /// As [`Summary::add_event`].
    pub(crate) fn add_event(&mut self, event: &Event, item: u32) {
        self.summary.add_event(event, item);
    }

    /// Writes a frame whose events were added.
    pub(crate) fn add_frame(
        &mut self,
        header: &FrameHeader,
        header_bytes: &[u8; HEADER_BYTES],
        payload: &[u8],
    ) -> Result<(), SealError> {
        self.summary.add_frame(header, header_bytes, payload);
        self.writer.write(header_bytes)?;
        self.writer.write(payload)
    }

    /// Finishes the file, reads it back and gives it its name.
    pub(crate) fn finish(mut self) -> Result<(Footer, ReadBack), SealError> {
        let footer = self.writer.end(self.summary)?;
        Ok((footer, self.writer.name()?))
    }

    /// How much of the file is written and synced.
    pub(super) fn written(&self) -> u64 {
        self.writer.written()
    }
}

/// Whether the device holds what was written, by length and checksums.
pub(crate) fn reads_back(
    device: &mut dyn DeviceFile,
    written: u64,
    checksums: &[u32],
) -> io::Result<bool> {
    if device.length()? != written {
        return Ok(false);
    }
    let mut read_back = BlockChecksums::new();
    let mut buffer = vec![0; written.min(PIECE_BYTES / 4) as usize];
    let mut at = 0;
    while at < written {
        let part = (written - at).min(buffer.len() as u64) as usize;
        match device.read_at(&mut buffer[..part], at) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            read => read?,
        }
        read_back.add(&buffer[..part]);
        at += part as u64;
    }
    Ok(read_back.finish() == checksums)
}
