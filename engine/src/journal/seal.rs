//! Sealing: a finished segment becomes a sealed file.
//!
//! The order matters. The file is written under a temporary name in pieces, each synced; it gets
//! its name and its name is made durable; it is read back from the device and compared with what
//! was written. Only after that may the meta file name it, and only then may the active file go.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Event, Sequence};

use super::frame::{FrameHeader, HEADER_BYTES};
use super::names;
use super::positions::EVENTS_PER_POSITION;
use super::sealed::{CHECKED_BLOCK_BYTES, Footer};
use super::space::PIECE_BYTES;
use super::zone::ZoneMap;
use crate::vfs::{DeviceFile, ReadBack, Vfs, VfsFile};

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
    block: crc32fast::Hasher,
    block_bytes: usize,
    block_checksums: Vec<u8>,
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
            block: crc32fast::Hasher::new(),
            block_bytes: 0,
            block_checksums: Vec::new(),
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
        self.add_bytes(header_bytes);
        self.add_bytes(payload);
        self.footer.event_count += u64::from(header.event_count);
        self.footer.frame_count += 1;
        self.footer.frames_bytes += header.frame_bytes();
        self.footer.last_hash = header.hash;
    }

    fn add_bytes(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = CHECKED_BLOCK_BYTES - self.block_bytes;
            let (part, rest) = bytes.split_at(bytes.len().min(room));
            self.block.update(part);
            self.block_bytes += part.len();
            bytes = rest;
            if self.block_bytes == CHECKED_BLOCK_BYTES {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let crc = std::mem::take(&mut self.block).finalize();
        self.block_checksums.extend(crc.to_le_bytes());
        self.block_bytes = 0;
    }

    /// The footer, and the bytes between frames and footer.
    pub(crate) fn finish(mut self) -> (Footer, Vec<u8>) {
        if self.block_bytes > 0 {
            self.end_block();
        }
        let mut sections = self.positions;
        sections.append(&mut self.block_checksums);
        let before_zone = sections.len();
        self.zone.write(&mut sections);
        self.footer.zone_bytes = (sections.len() - before_zone) as u64;
        self.footer.sections_crc = crc32fast::hash(&sections);
        (self.footer, sections)
    }
}

/// Writes a sealed file.
#[derive(Debug)]
pub(super) struct Sealer {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    number: u64,
    file: Arc<dyn VfsFile>,
    /// Until the file is finished.
    summary: Option<Summary>,
    piece: Vec<u8>,
    written: u64,
    hasher: blake3::Hasher,
}

impl Sealer {
    /// Begins with the first frame of the segment, which is still to be added.
    pub(super) fn create(
        vfs: &Arc<dyn Vfs>,
        dir: &Path,
        first: &FrameHeader,
    ) -> Result<Self, SealError> {
        let path = names::sealing(dir, first.segment);
        let file = vfs
            .create(&path, 0)
            .map_err(|source| SealError::Io { file: path, source })?;
        Ok(Self {
            vfs: Arc::clone(vfs),
            dir: dir.to_owned(),
            number: first.segment,
            file,
            summary: Some(Summary::new(first)),
            piece: Vec::new(),
            written: 0,
            hasher: blake3::Hasher::new(),
        })
    }

    /// As [`Summary::add_event`].
    pub(super) fn add_event(&mut self, event: &Event, item: u32) {
        self.summary().add_event(event, item);
    }

    /// Writes a frame whose events were added.
    pub(super) fn add_frame(
        &mut self,
        header: &FrameHeader,
        header_bytes: &[u8; HEADER_BYTES],
        payload: &[u8],
    ) -> Result<(), SealError> {
        self.summary().add_frame(header, header_bytes, payload);
        self.write(header_bytes)
            .and_then(|()| self.write(payload))
            .map_err(|source| self.error(source))
    }

    /// Writes what has gathered and gives up the memory for it, since it may be a while until the
    /// file is finished.
    pub(super) fn pause(&mut self) -> Result<(), SealError> {
        self.write_piece().map_err(|source| self.error(source))?;
        self.piece = Vec::new();
        Ok(())
    }

    /// Finishes the file, gives it its name and reads it back.
    pub(super) fn finish(mut self) -> Result<(Footer, ReadBack), SealError> {
        let summary = self.summary.take().expect("a sealed file is finished once");
        let (footer, sections) = summary.finish();
        let publish = |this: &mut Self| {
            this.write(&sections)?;
            this.write(&footer.write())?;
            this.write_piece()?;
            let sealed = names::sealed(&this.dir, this.number);
            this.vfs
                .rename(&names::sealing(&this.dir, this.number), &sealed)?;
            this.vfs.sync_dir(&this.dir)?;
            this.vfs.open_device(&sealed)
        };
        let mut device = publish(&mut self).map_err(|source| self.error(source))?;
        let same = reads_back(&mut *device, self.written, &self.hasher);
        if !same.map_err(|source| self.error(source))? {
            let file = names::sealed(&self.dir, self.number);
            return Err(SealError::ReadBack { file });
        }
        Ok((footer, device.method()))
    }

    fn summary(&mut self) -> &mut Summary {
        self.summary
            .as_mut()
            .expect("nothing is added to a finished file")
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = PIECE_BYTES as usize - self.piece.len();
            let (part, rest) = bytes.split_at(bytes.len().min(room));
            self.piece.extend_from_slice(part);
            bytes = rest;
            if self.piece.len() == PIECE_BYTES as usize {
                self.write_piece()?;
            }
        }
        Ok(())
    }

    fn write_piece(&mut self) -> io::Result<()> {
        self.file.write_at(&[&self.piece], self.written)?;
        self.file.sync()?;
        self.hasher.update(&self.piece);
        self.written += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }

    fn error(&self, source: io::Error) -> SealError {
        SealError::Io {
            file: names::sealed(&self.dir, self.number),
            source,
        }
    }
}

/// Whether the device holds exactly what was written.
fn reads_back(
    device: &mut dyn DeviceFile,
    written: u64,
    hasher: &blake3::Hasher,
) -> io::Result<bool> {
    if device.length()? != written {
        return Ok(false);
    }
    let mut read_back = blake3::Hasher::new();
    let mut buffer = vec![0; written.min(PIECE_BYTES / 4) as usize];
    let mut at = 0;
    while at < written {
        let part = (written - at).min(buffer.len() as u64) as usize;
        device.read_at(&mut buffer[..part], at)?;
        read_back.update(&buffer[..part]);
        at += part as u64;
    }
    Ok(read_back.finalize() == hasher.finalize())
}
