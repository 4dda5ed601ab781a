//! Passing over the sealed segments that a snapshot stands for: of each its end and its index are
//! read, and that it follows the one before it, but none of its frames.

use super::{Damage, Footer, RecoveryError, SealedFile, Segments, Step};
use crate::journal::chain::{Chain, Origin};
use crate::journal::names;

impl Segments<'_> {
    /// Passes over all segments up to `origin`, and goes on behind it.
    pub(in crate::journal::recovery) fn pass_to(
        &mut self,
        origin: &Origin,
    ) -> Result<(), RecoveryError> {
        if self.survey.newest() < origin.segment {
            return Err(self.snapshot_ahead(origin.sequence));
        }
        for number in 1..=origin.segment {
            self.pass(number, origin)?;
        }
        if self.chain.hash != origin.hash || self.chain.last() != origin.sequence {
            return Err(RecoveryError::SnapshotForeign {
                dir: self.dir.to_owned(),
                file: names::snapshot(self.dir, origin.sequence),
                segment: origin.segment,
            });
        }
        self.chain = Chain::behind(origin);
        self.progress.sequence = origin.sequence;
        Ok(())
    }

    fn pass(&mut self, number: u64, origin: &Origin) -> Result<(), RecoveryError> {
        if !self.survey.sealed.contains(&number) {
            return Err(RecoveryError::SegmentMissing {
                dir: self.dir.to_owned(),
                segment: number,
                newest: self.survey.newest(),
            });
        }
        if self.survey.active.contains(&number) {
            let hashes = self.sealed_hashes(number)?;
            self.check_same(number, &hashes)?;
        }
        let (source, footer, sealed) = self.open_sealed(number)?;
        let mut chain = self.chain.clone();
        chain
            .pass(&footer, &origin.lineage)
            .map_err(|error| self.damaged(&source, &self.chain, Damage::Chain(error)))?;
        self.chain = chain;
        self.progress.bytes += self.length(&source.path)?;
        self.show_sealed(number, footer, sealed)?;
        if self.survey.active.contains(&number) {
            self.steps.push(Step::RemoveActive(number));
        }
        Ok(())
    }

    /// A sealed segment was read, or passed over: it is counted on and shown to readers.
    pub(super) fn show_sealed(
        &mut self,
        number: u64,
        footer: Footer,
        sealed: SealedFile,
    ) -> Result<(), RecoveryError> {
        let meta = self.meta.get();
        if meta.sealed_segment == number && meta.sealed_hash != self.chain.hash {
            return Err(RecoveryError::Damaged {
                dir: self.dir.to_owned(),
                file: names::sealed(self.dir, number),
                offset: footer.frames_bytes,
                sequence: self.chain.next,
                source: Damage::NotTheSealed,
            });
        }
        if let Some(empty) = self.empty {
            return Err(self.went_on(empty, number));
        }
        if meta.sealed_segment < number {
            let end = self.chain.clone();
            self.steps.push(Step::CountOn { number, end });
        }
        let sealed = Box::new(sealed);
        self.steps.push(Step::Show { sealed, footer });
        Ok(())
    }

    /// Whether a snapshot says that the journal once was longer than it is.
    pub(super) fn check_snapshots(&self) -> Result<(), RecoveryError> {
        match self.survey.snapshots.last() {
            Some(&newest) if newest > self.chain.last() => Err(self.snapshot_ahead(newest)),
            _ => Ok(()),
        }
    }

    fn snapshot_ahead(&self, sequence: ledger_core::Sequence) -> RecoveryError {
        RecoveryError::SnapshotAhead {
            dir: self.dir.to_owned(),
            file: names::snapshot(self.dir, sequence),
            sequence,
            segment: self.survey.newest(),
        }
    }
}
