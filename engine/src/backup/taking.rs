//! Taking a backup of a running engine.

use super::{Backup, BackupError};
use crate::Engine;
use crate::sealing::NotSealed;

impl Engine {
    /// What a backup of this moment consists of: all that is durable now is part of it, and more
    /// may be. Waits until that is sealed: for reader threads.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn backup(&self) -> Result<Backup, BackupError> {
        self.seal_durable().map_err(|not_sealed| match not_sealed {
            NotSealed::Ended(halt) => BackupError::Ended(halt),
            NotSealed::Refused(kind) => BackupError::NotSealed { kind },
        })?;
        let parts = self.parts();
        Backup::of_sealed(&parts.vfs, self.data_dir(), |newest| {
            let event = parts.reader.event(newest);
            event
                .map(|event| event.time)
                .map_err(BackupError::Unreadable)
        })
    }
}
