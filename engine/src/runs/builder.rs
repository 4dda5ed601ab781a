//! The first run of a segment, made of its events as it is sealed.

use std::path::Path;
use std::sync::Arc;

use ledger_core::{Event, Sequence};

use super::block::word;
use super::footer::Covered;
use super::gathering::Gathered;
use super::writer::{Order, Pace, RunWriter};
use super::{Run, RunError, Section, policy, postings};
use crate::journal::names;
use crate::vfs::Vfs;

/// Gathers the postings of a segment.
#[derive(Debug)]
pub(crate) struct RunBuilder {
    sections: [Gathered; Section::ALL.len()],
    /// The first and the last event.
    events: Option<(Sequence, Sequence)>,
}

/// Where a segment is in the journal.
#[derive(Clone, Debug)]
pub(crate) struct SegmentPlace {
    pub(crate) database: u128,
    pub(crate) epoch: u128,
    pub(crate) number: u64,
    /// The hash of its last frame.
    pub(crate) last_hash: [u8; 32],
}

impl RunBuilder {
    pub(crate) fn new() -> Self {
        Self {
            sections: std::array::from_fn(|_| Gathered::new()),
            events: None,
        }
    }

    /// Adds the next event of the segment.
    pub(crate) fn add(&mut self, event: &Event) {
        let (first, last) = self.events.unwrap_or((event.sequence, event.sequence));
        self.events = Some((first.min(event.sequence), last.max(event.sequence)));
        let sections = &mut self.sections;
        postings(event, &mut |section, key, role| {
            let word = word(event.sequence, role);
            sections[usize::from(section.number()) - 1].push(key, word);
        });
    }

    /// Sorts and writes the run of the segment, and opens it; `None` if it has no events.
    ///
    /// # Errors
    /// If it cannot be written; nothing is left of it then.
    pub(crate) fn finish(
        self,
        vfs: &Arc<dyn Vfs>,
        dir: &Path,
        segment: &SegmentPlace,
        pace: Pace<'_>,
    ) -> Result<Option<Run>, RunError> {
        let Some((first, last)) = self.events else {
            return Ok(None);
        };
        let temporary = names::indexing(dir, first, last);
        let order = Order {
            dir,
            temporary: temporary.clone(),
            covered: Covered {
                database: segment.database,
                epoch: segment.epoch,
                segments: segment.number..=segment.number,
                last_hash: segment.last_hash,
                first,
                last,
            },
            tier: 0,
            width: policy::fingerprint_bits(0, segment.number),
        };
        let path = self.write(vfs, order, pace).inspect_err(|_| {
            // If that fails too, the next start removes it.
            let _ = vfs.remove(&temporary);
        })?;
        Run::open(vfs, &path).map(Some)
    }

    fn write(
        self,
        vfs: &Arc<dyn Vfs>,
        order: Order<'_>,
        pace: Pace<'_>,
    ) -> Result<std::path::PathBuf, RunError> {
        let mut writer = RunWriter::create(vfs, order, pace)?;
        for (section, gathered) in Section::ALL.into_iter().zip(self.sections) {
            let mut section = writer.section(section);
            gathered.in_order(|group| section.push(group))?;
            section.finish()?;
        }
        writer.finish()
    }
}
