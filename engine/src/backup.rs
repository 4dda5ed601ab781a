//! Backups: the files that a journal is finished with, copied while the server runs.
//!
//! Sealed segments and snapshots never change, so a backup is a copy of them, and the next one
//! needs only what is new. A backup describes itself: its manifest names every file with its length
//! and hash, so that it can be verified alone, wherever it was carried to. It is never opened as a
//! data directory; [`restore`](crate::restore) makes one from it.
//!
//! Whoever has the files gives them out as [`Backup`]; whoever wants them keeps them in a
//! [`BackupDirectory`]. Between the two there may be a network.

mod directory;
mod error;
mod given;
mod manifest;
mod taking;
mod verify;

pub use directory::{BackupDirectory, HeldFile};
pub use error::{BackupDamage, BackupError};
pub use given::{Backup, BackupFile, BackupPlan, FileReader};
pub use manifest::{Manifest, ManifestError, StoredFile};
pub use verify::verify;

use crate::journal::names::{self, Name};

/// Whether a file of this name can be part of a backup.
fn is_backup_name(name: &str) -> bool {
    matches!(names::read(name), Name::Sealed(_) | Name::Snapshot(_))
}
