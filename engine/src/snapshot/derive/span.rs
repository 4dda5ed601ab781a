//! Which part of the journal is added up.

use std::path::PathBuf;

use ledger_core::Sequence;

use super::error::{DeriveError, Difference};

/// The events of one derivation.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// The data directory.
    pub(super) dir: PathBuf,
    /// The last event before them.
    pub(super) after: Sequence,
    /// The last one of them.
    pub(super) through: Sequence,
}

impl Span {
    /// The books do not add up over these events.
    pub(super) fn differs(&self, source: Difference) -> DeriveError {
        DeriveError::Differs {
            dir: self.dir.clone(),
            after: self.after,
            through: self.through,
            source,
        }
    }
}
