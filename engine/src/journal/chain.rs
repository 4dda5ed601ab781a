//! The chain of frames: what must follow what.
//!
//! The epoch of the frames may change only with the first frame of a segment whose last event says
//! so: it names the epoch before as the parent, and the event before itself as the fork. A frame
//! may hold other events in front of that one, which is how a restore keeps the part of a frame
//! that lies before the restored point.

use ledger_core::{EpochBegan, Sequence, Timestamp};

use super::frame::{FrameHash, FrameHeader, FrameKind};
use super::sealed::Footer;
use crate::Lineage;

/// Where the chain stands after the frames read so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Chain {
    pub(crate) database: u128,
    /// The epochs so far. Before the first frame it is what the meta file says, which may be
    /// another one: the frames know better where they begin.
    pub(crate) lineage: Lineage,
    /// The hash of the last frame; zeros before the first.
    pub(crate) hash: FrameHash,
    /// The sequence of the next event.
    pub(crate) next: Sequence,
    /// The journal time at the last frame's closing.
    pub(crate) time: Timestamp,
    /// What the last frame was for.
    pub(crate) kind: Option<FrameKind>,
    /// The segment of the last frame and its salt.
    segment: Option<(u64, u64)>,
}

/// Where in the journal somebody begins who need not read what is before: behind the last frame of
/// a sealed segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The database.
    pub database: u128,
    /// The epochs so far.
    pub lineage: Lineage,
    /// The sealed segment.
    pub segment: u64,
    /// The hash of its last frame.
    pub hash: FrameHash,
    /// What that frame is for.
    pub last_frame: FrameKind,
    /// The last event before.
    pub sequence: Sequence,
    /// The journal time at that frame's closing.
    pub time: Timestamp,
}

/// Why a frame that is whole does not belong where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The frame was written for another database.
    #[error("the frame belongs to database {found:032x}, not to {expected:032x}")]
    Database {
        /// The id in the frame.
        found: u128,
        /// The id in `pacioli.meta`.
        expected: u128,
    },
    /// The frame was written in another epoch, which did not begin there.
    #[error("the frame belongs to epoch {found:032x}, not to {expected:032x}")]
    Epoch {
        /// The epoch in the frame.
        found: u128,
        /// The epoch of the frames before it.
        expected: u128,
    },
    /// The frame says that an epoch begins that does not follow from the frames before it.
    #[error("the frame begins epoch {found:032x} where it cannot begin")]
    EpochBegan {
        /// The epoch that it says begins.
        found: u128,
    },
    /// The frame was written for another segment.
    #[error("the frame belongs to segment {found}, not to segment {expected}")]
    Segment {
        /// The number in the frame.
        found: u64,
        /// The number in the file's name.
        expected: u64,
    },
    /// The frame was written for an earlier file of this name.
    #[error("the frame's salt is not that of the frames before it in the segment")]
    Salt,
    /// Frames are missing before it, or stand in the wrong order.
    #[error("the frame begins with event {found}; event {expected} must come next")]
    Sequence {
        /// The first sequence of the frame.
        found: Sequence,
        /// The sequence that must come next.
        expected: Sequence,
    },
    /// The frame does not follow the one before it.
    #[error("the frame does not name the hash of the frame before it")]
    PreviousHash,
    /// Journal time goes backwards.
    #[error("the frame's times go backwards")]
    Time,
}

impl Chain {
    /// Before the first frame.
    pub(crate) fn start(database: u128, epoch: u128) -> Self {
        Self {
            database,
            lineage: Lineage::new(epoch),
            hash: [0; 32],
            next: Sequence::new(1),
            time: Timestamp::ZERO,
            kind: None,
            segment: None,
        }
    }

    /// Behind what is known already.
    pub(crate) fn behind(origin: &Origin) -> Self {
        Self {
            database: origin.database,
            lineage: origin.lineage.clone(),
            hash: origin.hash,
            next: origin.sequence.next(),
            time: origin.time,
            kind: Some(origin.last_frame),
            // No frame of that segment follows, so nothing is compared with its salt.
            segment: Some((origin.segment, 0)),
        }
    }

    /// Steps over a sealed segment by its footer, if it may stand next. `lineage` is where the chain
    /// leads: only an epoch of it may begin.
    pub(crate) fn pass(&mut self, footer: &Footer, lineage: &Lineage) -> Result<(), ChainError> {
        if footer.database != self.database {
            return Err(ChainError::Database {
                found: footer.database,
                expected: self.database,
            });
        }
        if self.segment.is_none() {
            let first = lineage.branches().first();
            self.lineage = Lineage::new(first.map_or(lineage.epoch(), |branch| branch.parent));
        }
        if footer.epoch != self.lineage.epoch() {
            let mut branches = lineage.branches().iter();
            let began = branches.find(|branch| {
                branch.parent == self.lineage.epoch() && branch.epoch == footer.epoch
            });
            let began = began.ok_or(ChainError::Epoch {
                found: footer.epoch,
                expected: self.lineage.epoch(),
            })?;
            self.lineage.begin(*began);
        }
        if footer.first_sequence != self.next {
            return Err(ChainError::Sequence {
                found: footer.first_sequence,
                expected: self.next,
            });
        }
        if footer.previous_hash != self.hash {
            return Err(ChainError::PreviousHash);
        }
        self.hash = footer.last_hash;
        let next = self.next.get().checked_add(footer.event_count);
        self.next = next.map(Sequence::new).ok_or(ChainError::Sequence {
            found: footer.first_sequence,
            expected: self.next,
        })?;
        self.segment = Some((footer.segment, footer.salt));
        Ok(())
    }

    /// The sequence of the last event; zero before the first.
    pub(crate) fn last(&self) -> Sequence {
        Sequence::new(self.next.get() - 1)
    }

    /// Whether a frame that verified may stand next, in the segment of this number.
    pub(crate) fn check(&self, header: &FrameHeader, segment: u64) -> Result<(), ChainError> {
        if header.database != self.database {
            return Err(ChainError::Database {
                found: header.database,
                expected: self.database,
            });
        }
        // Whether an epoch may begin with a segment is for its events to say.
        let goes_on = |(number, _)| number == header.segment;
        if header.epoch != self.lineage.epoch() && self.segment.is_some_and(goes_on) {
            return Err(self.other_epoch(header));
        }
        if header.segment != segment {
            return Err(ChainError::Segment {
                found: header.segment,
                expected: segment,
            });
        }
        if self
            .segment
            .is_some_and(|(number, salt)| number == segment && salt != header.salt)
        {
            return Err(ChainError::Salt);
        }
        if header.first_sequence != self.next || header.next_sequence().is_none() {
            return Err(ChainError::Sequence {
                found: header.first_sequence,
                expected: self.next,
            });
        }
        if header.previous_hash != self.hash {
            return Err(ChainError::PreviousHash);
        }
        let in_order = self.time <= header.close_time && header.base_time <= header.close_time;
        if !in_order || header.close_time > Timestamp::MAX {
            return Err(ChainError::Time);
        }
        Ok(())
    }

    /// Whether what a checked frame's events say of epochs belongs where it stands: `began` is the
    /// first event among them with which an epoch begins.
    pub(crate) fn check_epoch(
        &self,
        header: &FrameHeader,
        began: Option<&EpochBegan>,
    ) -> Result<(), ChainError> {
        let before = self.segment.map(|_| self.lineage.epoch());
        let Some(began) = began else {
            return match before {
                Some(epoch) if epoch != header.epoch => Err(self.other_epoch(header)),
                _ => Ok(()),
            };
        };
        let is_first = self
            .segment
            .is_none_or(|(number, _)| number != header.segment);
        let is_last = began.fork.get().checked_add(2).map(Sequence::new) == header.next_sequence();
        let follows = before.is_none_or(|epoch| epoch == began.parent);
        let is_own = began.epoch == header.epoch && began.epoch != began.parent;
        if is_first && is_last && follows && is_own {
            return Ok(());
        }
        Err(ChainError::EpochBegan { found: began.epoch })
    }

    /// Steps over the rest of a segment whose first frame was stepped over, to where its footer says
    /// that it ends.
    pub(crate) fn skip_to(&mut self, next: Sequence, hash: FrameHash) {
        (self.next, self.hash) = (next, hash);
    }

    fn other_epoch(&self, header: &FrameHeader) -> ChainError {
        ChainError::Epoch {
            found: header.epoch,
            expected: self.lineage.epoch(),
        }
    }

    /// Steps over a frame, which was checked unless somebody only looks for damage.
    pub(crate) fn advance(&mut self, header: &FrameHeader, began: Option<&EpochBegan>) {
        if self.segment.is_none() {
            self.lineage = Lineage::new(began.map_or(header.epoch, |began| began.parent));
        }
        if let Some(began) = began {
            self.lineage.begin(*began);
        }
        if self.lineage.epoch() != header.epoch {
            self.lineage = Lineage::new(header.epoch);
        }
        self.hash = header.hash;
        self.next = header.next_sequence().unwrap_or(header.first_sequence);
        self.time = header.close_time;
        self.kind = Some(header.kind);
        self.segment = Some((header.segment, header.salt));
    }
}

#[cfg(test)]
mod tests;
