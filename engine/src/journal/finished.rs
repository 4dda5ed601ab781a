//! Finished segments: those that the log has left. They are sealed one by one, the oldest first,
//! while the log goes on in the next.
//!
//! What is sealed is read from the device, not from memory and not from the page cache, and every
//! frame must verify and follow the one before it. So a write that the disk lost is found here.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use ledger_core::{Event, Sequence};

use super::chain::Chain;
use super::contents::FrameEvents;
use super::frame::FrameHeader;
use super::index::{Index, Segment};
use super::meta::MetaFile;
use super::names;
use super::recovery::Damage;
use super::scan::{FrameBuffer, Layout, ScanError, read_frame};
use super::seal::{SealError, Sealer};
use super::sealed::{Footer, SealedFile};
use crate::vfs::{self, DeviceFile, Vfs};

/// The segments that the log has left and that are not sealed yet.
#[derive(Debug)]
pub struct FinishedSegments {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    meta: Arc<MetaFile>,
    index: Arc<Index>,
    /// Where the journal stands at the end of the newest sealed segment.
    chain: Chain,
}

/// Goes along while a segment is sealed.
pub(crate) trait Companion {
    /// An event of the segment, in order.
    fn event(&mut self, event: &Event);

    /// So many bytes of the sealed file are written and synced. May wait, so that the disk serves
    /// others as well; breaks off if the segment is not to be sealed now.
    fn pace(&mut self, written: u64) -> ControlFlow<()>;
}

/// Why a finished segment was not sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FinishError {
    /// Its companion broke off.
    #[error("sealing was broken off")]
    BrokenOff,
    /// The file system refused something that can be tried again: what was half made is made anew.
    #[error("cannot write {}", file.display())]
    Refused { file: PathBuf, source: io::Error },
    /// What is on the disk is no longer known.
    #[error("cannot be sure of {}", file.display())]
    Unsure { file: PathBuf, source: io::Error },
    /// The segment cannot be read from the device.
    #[error("cannot read {}; run `pacioli verify --data-dir {}`", file.display(), dir.display())]
    Unreadable {
        dir: PathBuf,
        file: PathBuf,
        source: io::Error,
    },
    /// The device does not hold what was appended.
    #[error(
        "{} is damaged at byte {offset}, where event {sequence} should follow; \
         run `pacioli verify --data-dir {}`",
        file.display(), dir.display()
    )]
    Damaged {
        dir: PathBuf,
        file: PathBuf,
        offset: u64,
        sequence: Sequence,
        source: Damage,
    },
    /// The sealed file does not read back.
    #[error("a sealed segment cannot be trusted")]
    ReadBack(#[source] SealError),
}

impl FinishedSegments {
    pub(super) fn new(
        vfs: Arc<dyn Vfs>,
        dir: PathBuf,
        meta: Arc<MetaFile>,
        index: Arc<Index>,
        chain: Chain,
    ) -> Self {
        Self {
            vfs,
            dir,
            meta,
            index,
            chain,
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.index.finished_count()
    }

    /// The first event of the one that is sealed next.
    pub(crate) fn next_sequence(&self) -> Sequence {
        self.chain.next
    }

    /// Seals the oldest of them; nothing if there is none. From then on it is read from its sealed
    /// file, and the active one is gone.
    ///
    /// # Errors
    /// [`FinishError`]. After one that cannot be tried again, nothing more may be acknowledged.
    pub(crate) fn seal_next(
        &mut self,
        companion: &mut dyn Companion,
    ) -> Result<Option<Footer>, FinishError> {
        let Some(segment) = self.index.oldest_finished() else {
            return Ok(None);
        };
        let mut chain = self.chain.clone();
        let Some(sealer) = self.copy(&segment, &mut chain, companion)? else {
            return Ok(None);
        };
        let (footer, _) = sealer.finish().map_err(seal_error)?;
        self.count_on(&segment, &chain)?;
        self.show(&segment)?;
        let active = names::active(&self.dir, segment.number);
        if let Err(error) = self.vfs.remove(&active) {
            // Both files may stand there; the next start removes this one.
            tracing::warn!(%error, file = %active.display(), "cannot remove a segment that is sealed");
        }
        self.chain = chain;
        Ok(Some(footer))
    }

    /// Reads the frames of a segment from the device and writes them to its sealed file.
    fn copy(
        &self,
        segment: &Segment,
        chain: &mut Chain,
        companion: &mut dyn Companion,
    ) -> Result<Option<Sealer>, FinishError> {
        let mut file =
            self.vfs
                .open_device(&segment.path)
                .map_err(|source| FinishError::Refused {
                    file: segment.path.clone(),
                    source,
                })?;
        let (mut offset, end) = (0, segment.end());
        let mut sealer: Option<Sealer> = None;
        let mut event = FrameEvents::blank();
        let mut payload = Vec::new();
        while offset < end {
            let frame = self.next_frame(segment, &mut *file, (offset, end), chain, payload)?;
            let sealer = match &mut sealer {
                Some(sealer) => sealer,
                None => sealer.insert(self.begin(&frame.header)?),
            };
            let mut events = frame.events();
            let damaged = |error| self.damaged(segment, offset, chain, Damage::Decode(error));
            while events.read_next(&mut event).map_err(damaged)? {
                sealer.add_event(&event, events.event_at());
                companion.event(&event);
            }
            events.check_counts(&frame.header).map_err(damaged)?;
            let began = events.epoch_began();
            chain
                .check_epoch(&frame.header, began)
                .map_err(|error| self.damaged(segment, offset, chain, Damage::Chain(error)))?;
            sealer
                .add_frame(&frame.header, &frame.header_bytes, &frame.payload)
                .map_err(seal_error)?;
            if companion.pace(sealer.written()).is_break() {
                return Err(FinishError::BrokenOff);
            }
            offset += frame.bytes(Layout::Padded);
            chain.advance(&frame.header, began);
            payload = frame.payload;
        }
        Ok(sealer)
    }

    fn begin(&self, first: &FrameHeader) -> Result<Sealer, FinishError> {
        Sealer::create(&self.vfs, &self.dir, first).map_err(seal_error)
    }

    /// The frame at the first of two offsets; frames end at the second.
    fn next_frame(
        &self,
        segment: &Segment,
        file: &mut dyn DeviceFile,
        (offset, end): (u64, u64),
        chain: &Chain,
        payload: Vec<u8>,
    ) -> Result<FrameBuffer, FinishError> {
        let frame = match read_frame(file, offset, end, payload) {
            Ok(frame) => frame,
            Err(ScanError::Io(source)) if vfs::passes(&source) => {
                let file = segment.path.clone();
                return Err(FinishError::Refused { file, source });
            }
            Err(ScanError::Io(source)) => {
                return Err(FinishError::Unreadable {
                    dir: self.dir.clone(),
                    file: segment.path.clone(),
                    source,
                });
            }
            Err(ScanError::Frame(error)) => {
                return Err(self.damaged(segment, offset, chain, Damage::Frame(error)));
            }
        };
        match chain.check(&frame.header, segment.number) {
            Ok(()) => Ok(frame),
            Err(error) => Err(self.damaged(segment, offset, chain, Damage::Chain(error))),
        }
    }

    /// Has the meta file count on the sealed segment. From here on the active file may go.
    fn count_on(&self, segment: &Segment, end: &Chain) -> Result<(), FinishError> {
        let replaced = self.meta.replace(|meta| {
            meta.newest_segment = meta.newest_segment.max(segment.number);
            meta.sealed_segment = segment.number;
            meta.sealed_hash = end.hash;
            meta.sealed_sequence = end.last();
        });
        replaced.map_err(|source| refused_or_unsure(names::meta(&self.dir), source))
    }

    /// Has readers read the sealed file from now on.
    fn show(&self, segment: &Segment) -> Result<(), FinishError> {
        let path = names::sealed(&self.dir, segment.number);
        let opened = SealedFile::open(&self.vfs, &path, segment.number);
        let opened = opened.map_err(|source| FinishError::Refused {
            file: path.clone(),
            source,
        })?;
        let (footer, sealed) = opened.map_err(|error| FinishError::Damaged {
            dir: self.dir.clone(),
            file: path,
            offset: 0,
            sequence: segment.first_sequence,
            source: Damage::Sealed(error),
        })?;
        self.index.replace(sealed.into_segment(&footer));
        Ok(())
    }

    fn damaged(
        &self,
        segment: &Segment,
        offset: u64,
        chain: &Chain,
        source: Damage,
    ) -> FinishError {
        FinishError::Damaged {
            dir: self.dir.clone(),
            file: segment.path.clone(),
            offset,
            sequence: chain.next,
            source,
        }
    }
}

fn seal_error(error: SealError) -> FinishError {
    match error {
        SealError::Io { file, source } => FinishError::Refused { file, source },
        SealError::Name { file, source } => refused_or_unsure(file, source),
        SealError::ReadBack { .. } => FinishError::ReadBack(error),
    }
}

/// A name that was refused for want of space or descriptors was not changed. Of any other failure
/// nobody knows what a power cut would leave, and asking again would not tell.
fn refused_or_unsure(file: PathBuf, source: io::Error) -> FinishError {
    match vfs::is_refused(&source) {
        true => FinishError::Refused { file, source },
        false => FinishError::Unsure { file, source },
    }
}

#[cfg(test)]
mod tests;
