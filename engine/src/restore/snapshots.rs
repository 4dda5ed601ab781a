//! Carrying snapshots over: those at the end of a segment that is carried over whole.

use std::path::{Path, PathBuf};

use ledger_core::Sequence;

use super::outline::Segment;
use super::source::Source;
use super::target::Target;
use super::{RestoreError, SourceKind};
use crate::backup::StoredFile;
use crate::journal::{PIECE_BYTES, names};
use crate::snapshot::{self, Snapshot, SnapshotError};

/// A snapshot that is carried over.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) sequence: Sequence,
    path: PathBuf,
    /// What a backup says of it.
    stored: Option<StoredFile>,
}

impl Source {
    /// The snapshots that belong to these segments. What is wrong with one makes a backup none; a
    /// data directory is as good without it.
    pub(super) fn snapshots(&self, whole: &[Segment]) -> Result<Vec<Kept>, RestoreError> {
        let mut kept = Vec::new();
        for &sequence in &self.survey.snapshots {
            let path = names::snapshot(&self.dir, sequence);
            let stored = match &self.manifest {
                None => None,
                Some(manifest) => {
                    let is_it = |file: &&StoredFile| self.dir.join(&file.name) == path;
                    let Some(stored) = manifest.files.iter().find(is_it) else {
                        continue;
                    };
                    Some(stored.clone())
                }
            };
            let snapshot = match Snapshot::open(&*self.vfs, &path) {
                Ok(snapshot) => snapshot,
                Err(error) => {
                    self.judge(&path, error)?;
                    continue;
                }
            };
            let info = snapshot.info();
            let stands_there = |segment: &&Segment| {
                let footer = segment.footer.as_ref();
                segment.number == info.segment
                    && footer.is_some_and(|footer| footer.last_hash == info.frame_hash)
            };
            if whole.iter().any(|segment| stands_there(&segment)) {
                kept.push(Kept {
                    sequence,
                    path,
                    stored,
                });
            }
        }
        Ok(kept)
    }

    /// Copies a snapshot that verifies; whether it was one.
    pub(super) fn carry_snapshot(
        &self,
        kept: &Kept,
        target: &Target,
    ) -> Result<bool, RestoreError> {
        if let Err(error) = snapshot::verify(&*self.vfs, &kept.path) {
            return self.judge(&kept.path, error).map(|()| false);
        }
        let copy = names::snapshot(target.dir(), kept.sequence);
        let hash = self.copy(kept, &copy)?;
        let differs = |file: &PathBuf| RestoreError::Differs { file: file.clone() };
        if kept
            .stored
            .as_ref()
            .is_some_and(|stored| stored.hash != hash)
        {
            return Err(differs(&kept.path));
        }
        // What was written is what the device holds.
        match snapshot::verify(&*self.vfs, &copy) {
            Ok(_) => Ok(true),
            Err(SnapshotError::Io { file, source }) => Err(RestoreError::Io { file, source }),
            Err(_) => Err(differs(&copy)),
        }
    }

    fn judge(&self, path: &Path, error: SnapshotError) -> Result<(), RestoreError> {
        match (self.kind, error) {
            (_, SnapshotError::Io { file, source }) => Err(RestoreError::Io { file, source }),
            (SourceKind::Backup, _) => Err(RestoreError::Differs {
                file: path.to_owned(),
            }),
            (SourceKind::DataDirectory, error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a snapshot is left out, since it does not verify; the journal has all of it"
                );
                Ok(())
            }
        }
    }

    /// Copies the file and hashes what was read.
    fn copy(&self, kept: &Kept, to: &Path) -> Result<[u8; 32], RestoreError> {
        let read = RestoreError::io(&kept.path);
        let write = RestoreError::io(to);
        let mut from = self.vfs.open_device(&kept.path).map_err(&read)?;
        let length = from.length().map_err(&read)?;
        let file = self.vfs.create(to, 0).map_err(&write)?;
        let mut hasher = blake3::Hasher::new();
        let mut piece = vec![0; length.min(PIECE_BYTES) as usize];
        let mut at = 0;
        while at < length {
            let part = (length - at).min(PIECE_BYTES) as usize;
            from.read_at(&mut piece[..part], at).map_err(&read)?;
            hasher.update(&piece[..part]);
            file.write_at(&[&piece[..part]], at)
                .and_then(|()| file.sync())
                .map_err(&write)?;
            at += part as u64;
        }
        Ok(hasher.finalize().into())
    }
}
