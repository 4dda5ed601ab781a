//! The histories that this one branched off from.
//!
//! A restore begins another history of the database: what came after the restored point is gone,
//! and other events take the same sequences. So a position is an epoch and a sequence, and a
//! sequence alone means nothing to somebody who saw the other history.

use std::sync::Arc;

use ledger_core::{EpochBegan, Sequence};

/// The epoch of the database, and those that it branched off from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lineage {
    epoch: u128,
    branches: Arc<[EpochBegan]>,
}

/// A position is not one of this history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the database was restored and is in epoch {epoch:032x} now; {}", match .fork {
    Some(fork) => format!("events up to {fork} are the same in both"),
    None => "it does not descend from that one".to_owned(),
})]
pub struct EpochChanged {
    /// The epoch of the database.
    pub epoch: u128,
    /// The newest event that it has in common with the epoch asked for; `None` if that one is not
    /// among its ancestors.
    pub fork: Option<Sequence>,
}

impl Lineage {
    /// A history that branched off from none.
    #[must_use]
    pub fn new(epoch: u128) -> Self {
        Self {
            epoch,
            branches: Arc::default(),
        }
    }

    /// The epoch that events are written in.
    #[must_use]
    pub const fn epoch(&self) -> u128 {
        self.epoch
    }

    /// Where each epoch began that the database has lived through, but for the first, in order.
    #[must_use]
    pub fn branches(&self) -> &[EpochBegan] {
        &self.branches
    }

    /// Adds an epoch that began behind the others.
    pub(crate) fn begin(&mut self, began: EpochBegan) {
        self.epoch = began.epoch;
        self.branches = self.branches.iter().copied().chain([began]).collect();
    }

    /// Whether what an answer of `epoch` said up to `sequence` is part of this history.
    ///
    /// # Errors
    /// [`EpochChanged`], with the newest event that is.
    pub fn place(&self, epoch: u128, sequence: Sequence) -> Result<(), EpochChanged> {
        if epoch == self.epoch {
            return Ok(());
        }
        let branch = self.branches.iter().find(|branch| branch.parent == epoch);
        let fork = branch.map(|branch| branch.fork);
        match fork {
            Some(fork) if sequence <= fork => Ok(()),
            _ => Err(EpochChanged {
                epoch: self.epoch,
                fork,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
