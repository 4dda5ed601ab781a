//! Which segment holds which events. Grows with every durable frame; read by all.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use ledger_core::Sequence;

use super::frame::FrameHeader;
use super::open_files::OpenFiles;
use super::positions::{Position, Positions};
use super::scan::Layout;
use super::sealed::Sections;
use crate::vfs::{Vfs, VfsFile};

/// The segments with their events, in order.
#[derive(Debug)]
pub(super) struct Index {
    segments: RwLock<Vec<Arc<Segment>>>,
    /// Of the sealed ones.
    files: OpenFiles,
}

/// A segment that can be read.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) first_sequence: Sequence,
    pub(super) path: PathBuf,
    /// What the file takes on the disk.
    pub(super) file_bytes: u64,
    pub(super) kind: SegmentKind,
}

#[derive(Debug)]
pub(super) enum SegmentKind {
    Sealed {
        sections: Sections,
        frames_bytes: u64,
    },
    Active {
        /// Open for as long as the segment is not sealed: there are few of them.
        file: Arc<dyn VfsFile>,
        active: RwLock<Active>,
    },
}

/// What is known of a segment that is being appended to.
#[derive(Default, Debug)]
pub(super) struct Active {
    positions: Positions,
    /// Where the durable frames end.
    end: u64,
}

impl Segment {
    /// The nearest position at or before an event, if the event is in the segment.
    pub(super) fn find(&self, sequence: Sequence) -> Option<Position> {
        match &self.kind {
            SegmentKind::Sealed { sections, .. } => sections.find(sequence),
            SegmentKind::Active { active, .. } => read(active).positions.find(sequence),
        }
    }

    /// Where the frames end that can be read.
    pub(super) fn end(&self) -> u64 {
        match &self.kind {
            SegmentKind::Sealed { frames_bytes, .. } => *frames_bytes,
            SegmentKind::Active { active, .. } => read(active).end,
        }
    }

    pub(super) fn is_sealed(&self) -> bool {
        matches!(self.kind, SegmentKind::Sealed { .. })
    }

    pub(super) fn layout(&self) -> Layout {
        match &self.kind {
            SegmentKind::Sealed { .. } => Layout::Packed,
            SegmentKind::Active { .. } => Layout::Padded,
        }
    }
}

fn read(active: &RwLock<Active>) -> std::sync::RwLockReadGuard<'_, Active> {
    active.read().unwrap_or_else(PoisonError::into_inner)
}

impl Index {
    /// Without any segment; files are opened on this `vfs`.
    pub(super) fn new(vfs: Arc<dyn Vfs>) -> Self {
        Self {
            segments: RwLock::default(),
            files: OpenFiles::new(vfs),
        }
    }

    /// The file of a segment, to read from.
    pub(super) fn open(&self, segment: &Segment) -> io::Result<Arc<dyn VfsFile>> {
        match &segment.kind {
            SegmentKind::Sealed { .. } => self.files.open(segment.number, &segment.path),
            SegmentKind::Active { file, .. } => Ok(Arc::clone(file)),
        }
    }

    /// Adds a segment behind the others.
    pub(super) fn add(&self, segment: Segment) -> Arc<Segment> {
        let segment = Arc::new(segment);
        let mut segments = self
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            segments
                .last()
                .is_none_or(|last| last.number < segment.number),
            "segments are added in the order of their numbers"
        );
        segments.push(Arc::clone(&segment));
        segment
    }

    /// Adds a durable frame at `offset` of the segment that is appended to.
    pub(super) fn add_frame(segment: &Segment, header: &FrameHeader, offset: u64, offsets: &[u32]) {
        let SegmentKind::Active { active, .. } = &segment.kind else {
            unreachable!("a sealed segment is not appended to");
        };
        let mut active = active.write().unwrap_or_else(PoisonError::into_inner);
        if !offsets.is_empty() {
            let positions = &mut active.positions;
            positions.add_frame(header.first_sequence, offset, offsets);
        }
        active.end = offset + header.padded_bytes();
    }

    /// The segment in which an event lies, if it lies in any.
    pub(super) fn find(&self, sequence: Sequence) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let after = segments.partition_point(|segment| segment.first_sequence <= sequence);
        segments.get(after.checked_sub(1)?).cloned()
    }

    /// Has the sealed file of a segment stand for it.
    pub(super) fn replace(&self, sealed: Segment) {
        let mut segments = self
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let place = segments.binary_search_by_key(&sealed.number, |segment| segment.number);
        segments[place.expect("only a segment that is there is sealed")] = Arc::new(sealed);
    }

    /// The oldest segment that is not sealed although the log has left it.
    pub(super) fn oldest_finished(&self) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let (_, left) = segments.split_last()?;
        left.iter().find(|segment| !segment.is_sealed()).cloned()
    }

    /// How many such segments there are.
    pub(super) fn finished_count(&self) -> u64 {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let Some((_, left)) = segments.split_last() else {
            return 0;
        };
        let finished = left.iter().rev().take_while(|segment| !segment.is_sealed());
        finished.count() as u64
    }

    /// All segments, in order.
    pub(super) fn segments(&self) -> Vec<Arc<Segment>> {
        let segments = self.segments.read();
        segments.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
