//! Appending: making a frame durable is one operation, behind one seam.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use ledger_core::{Sequence, Timestamp};

use super::builder::{Frame, Place};
use super::chain::Chain;
use super::frame::FrameHash;
use super::index::{Active, Index, Segment, SegmentKind};
use super::names;
use super::space::{ActiveSegment, NoSegment, Space};
use crate::vfs::VfsLock;

/// Makes frames durable. Nothing behind this may be assumed by what stands in front of it: not
/// that durable means "on this disk", nor that there is only one machine.
pub trait Log: Send {
    /// Makes a frame durable. Frames come in the order of their sequences.
    fn append(&mut self, frame: &Frame) -> Appended;
}

/// What became of a frame.
#[derive(Debug)]
#[must_use]
pub enum Appended {
    /// It and all before it are durable.
    Durable(Durable),
    /// It will never be. The state in memory that includes it must be dropped and built again from
    /// what is durable; what became of its requests is unknown to those who asked.
    Lost,
    /// Nobody knows. Nothing may be acknowledged any more.
    Failed(AppendError),
}

/// How far the journal is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Durable {
    /// The newest durable event; zero if there is none.
    pub sequence: Sequence,
    /// The hash of the frame.
    pub hash: FrameHash,
}

/// Why a frame could not be made durable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Writing or syncing failed. It is not tried again: after a failed sync the page cache shows
    /// what the device may not have.
    #[error("cannot write {}", file.display())]
    Io {
        /// The segment.
        file: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// No space stands ready. Whoever asks [`Space::fits`] first never meets it.
    #[error("no journal space stands ready, and the disk refuses more ({kind})")]
    NoSpace {
        /// What the file system said.
        kind: io::ErrorKind,
    },
    /// Preparing journal space failed so that nothing on the disk can be trusted.
    #[error("preparing journal space failed ({kind})")]
    Preparation {
        /// What the file system said.
        kind: io::ErrorKind,
    },
    /// An earlier append failed.
    #[error("an earlier append failed")]
    AlreadyFailed,
}

/// The journal on the local disk.
#[derive(Debug)]
pub struct SegmentLog {
    dir: PathBuf,
    space: Arc<Space>,
    index: Arc<Index>,
    chain: Chain,
    database: u128,
    epoch: u128,
    current: Option<Current>,
    failed: bool,
    filler: Option<JoinHandle<()>>,
    _lock: Box<dyn VfsLock>,
}

/// The segment that is appended to.
#[derive(Debug)]
struct Current {
    segment: ActiveSegment,
    indexed: Arc<Segment>,
    used: u64,
}

/// What an open database is made of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) dir: PathBuf,
    pub(super) space: Arc<Space>,
    pub(super) index: Arc<Index>,
    pub(super) chain: Chain,
    pub(super) database: u128,
    pub(super) epoch: u128,
    pub(super) filler: Option<JoinHandle<()>>,
    pub(super) lock: Box<dyn VfsLock>,
}

impl Log for SegmentLog {
    /// Writes the frame at the end of the journal and syncs it, in the next segment if it does not
    /// fit this one.
    ///
    /// # Panics
    /// If the frame does not begin where the last one ended, or is longer than a segment.
    fn append(&mut self, frame: &Frame) -> Appended {
        if self.failed {
            return Appended::Failed(AppendError::AlreadyFailed);
        }
        match self.append_frame(frame) {
            Ok(durable) => Appended::Durable(durable),
            Err(error) => {
                self.failed = true;
                Appended::Failed(error)
            }
        }
    }
}

impl SegmentLog {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            dir: parts.dir,
            space: parts.space,
            index: parts.index,
            chain: parts.chain,
            database: parts.database,
            epoch: parts.epoch,
            current: None,
            failed: false,
            filler: parts.filler,
            _lock: parts.lock,
        }
    }

    /// The space in front of the appends.
    #[must_use]
    pub fn space(&self) -> Arc<Space> {
        Arc::clone(&self.space)
    }

    /// Whether the segment that is appended to holds no frame yet.
    #[must_use]
    pub fn is_segment_empty(&self) -> bool {
        self.current
            .as_ref()
            .is_none_or(|current| current.used == 0)
    }

    /// The number of the segment that is appended to; zero before the first frame.
    #[must_use]
    pub fn segment(&self) -> u64 {
        self.current
            .as_ref()
            .map_or(0, |current| current.segment.number)
    }

    /// The newest durable event; zero if there is none.
    #[must_use]
    pub fn last_sequence(&self) -> Sequence {
        self.chain.last()
    }

    /// The hash of the last frame; zeros before the first.
    #[must_use]
    pub fn last_hash(&self) -> FrameHash {
        self.chain.hash
    }

    /// Begins a new segment unless this one is empty, so that what there is can be sealed. Says
    /// whether what is appended next stands in a segment of its own.
    ///
    /// # Errors
    /// [`AppendError::Preparation`]; that the disk is full is no error, the segment then goes on.
    pub fn roll(&mut self) -> Result<bool, AppendError> {
        if self.failed {
            return Err(AppendError::AlreadyFailed);
        }
        if self.is_segment_empty() {
            return Ok(true);
        }
        match self.space.wait_for_next() {
            Ok(()) => {
                self.current = None;
                let segment = self.space.next_segment();
                let segment = segment.expect("there is a next segment after waiting for it");
                self.begin_segment(segment);
                Ok(true)
            }
            Err(NoSegment::Full(_)) => Ok(false),
            Err(NoSegment::Failed(kind)) => {
                self.failed = true;
                Err(AppendError::Preparation { kind })
            }
        }
    }

    fn append_frame(&mut self, frame: &Frame) -> Result<Durable, AppendError> {
        assert!(
            frame.first_sequence() == self.chain.next,
            "a frame begins where the last one ended"
        );
        let padded = frame.padded_bytes();
        assert!(
            padded <= self.space.segment_bytes(),
            "a frame does not span segments"
        );
        self.make_room(padded)?;
        let current = self.current.as_mut().expect("there is room in a segment");
        let (header, header_bytes) = frame.header_at(Place {
            database: self.database,
            epoch: self.epoch,
            segment: current.segment.number,
            salt: current.segment.salt,
            previous_hash: self.chain.hash,
        });
        assert!(
            self.chain.check(&header, current.segment.number).is_ok(),
            "what is appended is what recovery accepts: {header:?} after {:?}",
            self.chain
        );
        let file = &current.segment.file;
        file.write_at(&[&header_bytes, frame.padded_payload()], current.used)
            .and_then(|()| file.sync())
            .map_err(|source| AppendError::Io {
                file: names::active(&self.dir, current.segment.number),
                source,
            })?;
        if let Some(kind) = self.space.failed() {
            return Err(AppendError::Preparation { kind });
        }
        Index::add_frame(&current.indexed, &header, current.used, frame.offsets());
        current.used += padded;
        self.space.use_up(padded);
        self.chain.advance(&header, None);
        Ok(Durable {
            sequence: self.chain.last(),
            hash: header.hash,
        })
    }

    /// Sees to it that `bytes` can be appended to the current segment.
    fn make_room(&mut self, bytes: u64) -> Result<(), AppendError> {
        let no_segment = |no_segment| match no_segment {
            NoSegment::Full(kind) => AppendError::NoSpace { kind },
            NoSegment::Failed(kind) => AppendError::Preparation { kind },
        };
        self.space.wait_for_room(bytes).map_err(no_segment)?;
        let segment_bytes = self.space.segment_bytes();
        match &self.current {
            Some(current) if current.used + bytes <= segment_bytes => return Ok(()),
            Some(_) => {
                let segment = self.space.next_segment();
                let segment = segment.expect("there is a next segment after waiting for room");
                self.begin_segment(segment);
            }
            None => {
                let segment = self.space.current_segment();
                let segment = segment.expect("there is a segment after waiting for room");
                self.begin_segment(segment);
            }
        }
        // The next segment may have fewer zeros than the frame is long.
        self.space.wait_for_room(bytes).map_err(no_segment)
    }

    fn begin_segment(&mut self, segment: ActiveSegment) {
        let indexed = self.index.add(Segment {
            number: segment.number,
            first_sequence: self.chain.next,
            path: names::active(&self.dir, segment.number),
            file_bytes: self.space.segment_bytes(),
            kind: SegmentKind::Active {
                // Readers share it: reads take nothing from what the next sync tells.
                file: Arc::clone(&segment.file),
                active: Active::default().into(),
            },
        });
        self.current = Some(Current {
            segment,
            indexed,
            used: 0,
        });
    }

    /// The journal time of the last frame.
    #[must_use]
    pub fn last_time(&self) -> Timestamp {
        self.chain.time
    }

    /// The directory of the journal.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for SegmentLog {
    /// Ends the thread that prepares space before the lock goes.
    fn drop(&mut self) {
        self.space.stop();
        if let Some(filler) = self.filler.take() {
            let _ = filler.join();
        }
    }
}

#[cfg(test)]
mod tests;
