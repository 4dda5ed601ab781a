//! Reading sealed segments, from the device, verifying all of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Event, Sequence};

use super::error::DeriveError;
use crate::journal::chain::Chain;
use crate::journal::scan::{FrameBuffer, Layout, ScanError, read_frame};
use crate::journal::sealed::{Footer, SealedError, SealedFile};
use crate::journal::{Damage, DecodeError, FrameEvents, names};
use crate::snapshot::pace::Pace;
use crate::vfs::{self, DeviceFile, Vfs};

/// So many events are shown at once: they fit the nearest caches.
const BATCH_EVENTS: usize = 64;

/// A sealed segment that is read.
pub(super) struct SegmentReader<'a> {
    vfs: &'a Arc<dyn Vfs>,
    dir: &'a Path,
    /// Where the journal stands behind what was read.
    pub(super) chain: Chain,
    /// Events that are read, in memory that is used again.
    events: Vec<Event>,
    payload: Vec<u8>,
}

/// Where something is wrong.
struct Spot<'a> {
    path: &'a Path,
    offset: u64,
    sequence: Sequence,
}

impl<'a> SegmentReader<'a> {
    pub(super) fn new(vfs: &'a Arc<dyn Vfs>, dir: &'a Path, chain: Chain) -> Self {
        Self {
            vfs,
            dir,
            chain,
            events: (0..BATCH_EVENTS).map(|_| FrameEvents::blank()).collect(),
            payload: Vec::new(),
        }
    }

    /// The footer of a sealed segment, and the length of its file.
    pub(super) fn footer(&self, number: u64) -> Result<(Footer, u64), DeriveError> {
        let path = names::sealed(self.dir, number);
        let opened = SealedFile::open(self.vfs, &path, number);
        let opened = opened.map_err(|source| self.io(&path, source))?;
        let spot = Spot {
            path: &path,
            offset: 0,
            sequence: self.chain.next,
        };
        let (footer, _) = opened.map_err(|error| self.damaged(&spot, Damage::Sealed(error)))?;
        let bytes = footer.file_bytes().expect("checked when it was opened");
        Ok((footer, bytes))
    }

    /// Shows all events of a segment to `visit`, some at a time, and lets `between` do what it has
    /// to between two frames.
    pub(super) fn read(
        &mut self,
        number: u64,
        pace: &Pace<'_>,
        mut visit: impl FnMut(&[Event]) -> Result<(), DeriveError>,
        mut between: impl FnMut() -> Result<(), DeriveError>,
    ) -> Result<(), DeriveError> {
        let (footer, _) = self.footer(number)?;
        let path: PathBuf = names::sealed(self.dir, number);
        let file = self.vfs.open_device(&path);
        let mut file = file.map_err(|source| self.io(&path, source))?;
        let mut offset = 0;
        while offset < footer.frames_bytes {
            let spot = Spot {
                path: &path,
                offset,
                sequence: self.chain.next,
            };
            let frame = self.next_frame(&mut *file, &spot, &footer)?;
            let mut events = frame.events();
            let mut batch = std::mem::take(&mut self.events);
            let decode = |error: DecodeError| self.damaged(&spot, Damage::Decode(error));
            loop {
                let mut count = 0;
                while count < batch.len() && events.read_next(&mut batch[count]).map_err(decode)? {
                    count += 1;
                }
                visit(&batch[..count])?;
                if count < batch.len() {
                    break;
                }
            }
            events.check_counts(&frame.header).map_err(decode)?;
            let began = events.epoch_began().copied();
            self.chain
                .check_epoch(&frame.header, began.as_ref())
                .map_err(|error| self.damaged(&spot, Damage::Chain(error)))?;
            self.events = batch;
            self.chain.advance(&frame.header, began.as_ref());
            let bytes = frame.bytes(Layout::Packed);
            offset += bytes;
            self.payload = frame.payload;
            between()?;
            pace.read(bytes)?;
        }
        if self.chain.hash != footer.last_hash {
            let spot = Spot {
                path: &path,
                offset,
                sequence: self.chain.next,
            };
            return Err(self.damaged(&spot, Damage::Sealed(SealedError::Contradiction)));
        }
        Ok(())
    }

    fn next_frame(
        &mut self,
        file: &mut dyn DeviceFile,
        spot: &Spot<'_>,
        footer: &Footer,
    ) -> Result<FrameBuffer, DeriveError> {
        let payload = std::mem::take(&mut self.payload);
        let frame = match read_frame(file, spot.offset, footer.frames_bytes, payload) {
            Ok(frame) => frame,
            Err(ScanError::Io(source)) => return Err(self.io(spot.path, source)),
            Err(ScanError::Frame(error)) => return Err(self.damaged(spot, Damage::Frame(error))),
        };
        match self.chain.check(&frame.header, footer.segment) {
            Ok(()) => Ok(frame),
            Err(error) => Err(self.damaged(spot, Damage::Chain(error))),
        }
    }

    /// What cannot be read for want of descriptors or memory is read another time.
    fn io(&self, path: &Path, source: std::io::Error) -> DeriveError {
        if vfs::passes(&source) {
            let file = path.to_owned();
            return DeriveError::Io { file, source };
        }
        DeriveError::Unreadable {
            dir: self.dir.to_owned(),
            file: path.to_owned(),
            source,
        }
    }

    fn damaged(&self, spot: &Spot<'_>, source: Damage) -> DeriveError {
        DeriveError::Journal {
            dir: self.dir.to_owned(),
            file: spot.path.to_owned(),
            offset: spot.offset,
            sequence: spot.sequence,
            source,
        }
    }
}
