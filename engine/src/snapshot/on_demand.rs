//! Snapshots because somebody asks.

use std::io;

use super::derive::DeriveError;
use super::keeping::judge;
use super::reader::SnapshotInfo;
use crate::sealing::NotSealed;
use crate::{Engine, Halt};

/// The longest name, in bytes.
pub const SNAPSHOT_NAME_BYTES_MAX: usize = 64;

/// Why no snapshot was taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateSnapshotError {
    /// The name is not one.
    #[error("a snapshot's name has 1 to {bytes_max} letters, digits, dots, dashes and underscores")]
    Name {
        /// The longest one.
        bytes_max: usize,
    },
    /// Another snapshot has this name.
    #[error("the snapshot at event {sequence} has that name already")]
    NameTaken {
        /// The event with which the other one ends.
        sequence: ledger_core::Sequence,
    },
    /// Nothing was ever written, so there is nothing to take one of.
    #[error("the journal is empty")]
    Empty,
    /// The engine has ended, or ends.
    #[error("the engine ends")]
    Ended(Halt),
    /// The disk refuses to have the journal's end sealed; it is tried again in the background.
    #[error("the end of the journal cannot be sealed ({kind}): make room on the disk")]
    NotSealed {
        /// What the file system said.
        kind: io::ErrorKind,
    },
    /// It could not be derived.
    #[error(transparent)]
    Derive(#[from] DeriveError),
}

impl Engine {
    /// The snapshots that there are, in order.
    #[must_use]
    pub fn snapshots(&self) -> Vec<SnapshotInfo> {
        self.parts().snapshots.list()
    }

    /// Takes a snapshot that holds at least every event that was acknowledged before. One with a
    /// name is kept until its file is removed; one without makes way for newer ones. One that has
    /// the name already and holds all that is the same again. Blocks until it is there: for threads
    /// that may wait.
    ///
    /// # Errors
    /// [`CreateSnapshotError`].
    #[expect(
        clippy::result_large_err,
        reason = "it is asked for seldom, and what is wrong is told whole"
    )]
    pub fn create_snapshot(&self, name: Option<&str>) -> Result<SnapshotInfo, CreateSnapshotError> {
        let parts = self.parts();
        if let Some(name) = name {
            check_name(name)?;
        }
        let durable = self.seal_durable().map_err(|not_sealed| match not_sealed {
            NotSealed::Ended(halt) => CreateSnapshotError::Ended(halt),
            NotSealed::Refused(kind) => CreateSnapshotError::NotSealed { kind },
        })?;
        parts
            .snapshots
            .take_now(name, durable)
            .inspect_err(|error| {
                if let CreateSnapshotError::Derive(error) = error
                    && let Err(halt) = judge(error)
                {
                    parts.exchange.end(halt);
                }
            })
    }
}

#[expect(
    clippy::result_large_err,
    reason = "it is asked for seldom, and what is wrong is told whole"
)]
fn check_name(name: &str) -> Result<(), CreateSnapshotError> {
    let bytes_max = SNAPSHOT_NAME_BYTES_MAX;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if name.is_empty() || name.len() > bytes_max || !name.bytes().all(is_allowed) {
        return Err(CreateSnapshotError::Name { bytes_max });
    }
    Ok(())
}
