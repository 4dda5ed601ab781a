//! What stands behind the last whole frame of an active segment, and whether it may be cut off.

use super::steps::Step;
use super::{Damage, FrameError, RecoveryError, Segments, Source};
use crate::journal::names;
use crate::journal::scan::{ScanError, Tail, look_at_tail};

impl Segments<'_> {
    /// Decides what the bytes behind the last whole frame are; cuts them off if they are a torn
    /// tail.
    pub(super) fn judge_tail(
        &mut self,
        source: &mut Source,
        error: FrameError,
        may_cut: bool,
    ) -> Result<(), RecoveryError> {
        let offset = source.offset;
        let tail = look_at_tail(source.file(), offset);
        let end = match tail.map_err(RecoveryError::io(&source.path))? {
            Tail::Zeros => return Ok(()),
            Tail::FrameBehind { offset: behind } => {
                let damage = Damage::FrameBehind { error, behind };
                return Err(self.damaged(source, &self.chain, damage));
            }
            Tail::Torn { end } => end,
        };
        if !may_cut {
            return Err(self.damaged(source, &self.chain, Damage::Frame(error)));
        }
        self.check_nothing_behind(source, error)?;
        let offset = source.offset;
        let mut source = self.open_active(source.number)?;
        source.offset = offset;
        let sequence = self.chain.next;
        self.steps.push(Step::Cut {
            source,
            end,
            sequence,
        });
        Ok(())
    }

    /// Whether the journal goes on behind a bad tail. Where the next segment follows directly from
    /// the last whole frame, nothing is missing, and the tail never was a frame.
    fn check_nothing_behind(
        &mut self,
        source: &Source,
        error: FrameError,
    ) -> Result<(), RecoveryError> {
        for segment in source.number + 1..=self.survey.newest() {
            let mut behind = if self.survey.sealed.contains(&segment) {
                self.open_sealed(segment)?.0
            } else {
                self.open_active(segment)?
            };
            let goes_on = Damage::SegmentBehind { error, segment };
            match behind.read_frame(Vec::new()) {
                Ok(frame) if self.chain.check(&frame.header, segment).is_ok() => return Ok(()),
                Ok(_) => return Err(self.damaged(source, &self.chain, goes_on)),
                Err(ScanError::Io(error)) => return Err(RecoveryError::io(&behind.path)(error)),
                Err(ScanError::Frame(_)) => {}
            }
            let tail = look_at_tail(behind.file(), 0);
            if tail.map_err(RecoveryError::io(&behind.path))? != Tail::Zeros {
                return Err(self.damaged(source, &self.chain, goes_on));
            }
        }
        Ok(())
    }

    /// Whether the journal ends in the epoch that the meta file names.
    pub(super) fn check_meta_epoch(&self) -> Result<(), RecoveryError> {
        let (found, expected) = (self.chain.lineage.epoch(), self.meta.get().epoch);
        if found == expected {
            return Ok(());
        }
        Err(RecoveryError::Damaged {
            dir: self.dir.to_owned(),
            file: names::meta(self.dir),
            offset: 0,
            sequence: self.chain.next,
            source: Damage::NotTheEpoch { found, expected },
        })
    }

    /// Whether the meta file knows of more than was found up to the end of this segment.
    pub(super) fn check_meta(
        &self,
        source: &Source,
        error: FrameError,
    ) -> Result<(), RecoveryError> {
        let meta = self.meta.get();
        if source.number < meta.sealed_segment && self.chain.last() <= meta.sealed_sequence {
            return Ok(());
        }
        if self.chain.last() < meta.sealed_sequence {
            let damage = Damage::BehindMeta {
                error,
                segment: meta.sealed_segment,
                sealed: meta.sealed_sequence,
            };
            return Err(self.damaged(source, &self.chain, damage));
        }
        if source.number == meta.sealed_segment && self.chain.hash != meta.sealed_hash {
            return Err(self.damaged(source, &self.chain, Damage::NotTheSealed));
        }
        Ok(())
    }
}
