//! What is restored from: a data directory that no server uses, a copy of one, or a backup.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::Sequence;

use super::{RestoreError, SourceKind};
use crate::backup::Manifest;
use crate::journal::FrameHash;
use crate::journal::meta::Meta;
use crate::journal::names;
use crate::journal::survey::Survey;
use crate::vfs::{Vfs, VfsLock};

/// The files of a source, and what it says of itself.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) vfs: Arc<dyn Vfs>,
    pub(super) dir: PathBuf,
    pub(super) kind: SourceKind,
    pub(super) survey: Survey,
    pub(super) claim: Claim,
    /// What a backup consists of.
    pub(super) manifest: Option<Manifest>,
    /// None where the directory cannot be written to: nobody else can write there either.
    _lock: Option<Box<dyn VfsLock>>,
}

/// What a source says of itself, which its frames must bear out.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    /// The file that says it.
    pub(super) file: PathBuf,
    pub(super) database: u128,
    pub(super) epoch: u128,
    /// The highest segment that there must be.
    pub(super) newest_segment: u64,
    pub(super) sealed_segment: u64,
    pub(super) sealed_hash: FrameHash,
    pub(super) sealed_sequence: Sequence,
    /// The length of each active segment up to the newest.
    pub(super) active_bytes: u64,
}

impl Source {
    pub(super) fn open(vfs: &Arc<dyn Vfs>, dir: &Path) -> Result<Self, RestoreError> {
        let survey = match Survey::list(&**vfs, dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(RestoreError::NoSource {
                    dir: dir.to_owned(),
                });
            }
            survey => survey.map_err(RestoreError::io(dir))?,
        };
        match (survey.has_meta, survey.is_backup) {
            (true, _) => Self::open_database(vfs, dir),
            (false, true) => Self::open_backup(vfs, dir, survey),
            (false, false) if survey.newest() > 0 => Err(RestoreError::Missing {
                file: names::meta(dir),
            }),
            (false, false) => Err(RestoreError::NoSource {
                dir: dir.to_owned(),
            }),
        }
    }

    fn open_database(vfs: &Arc<dyn Vfs>, dir: &Path) -> Result<Self, RestoreError> {
        let lock_file = names::lock(dir);
        let lock = match vfs.lock(&lock_file) {
            Ok(Some(lock)) => Some(lock),
            Ok(None) => {
                return Err(RestoreError::SourceInUse {
                    dir: dir.to_owned(),
                });
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
                ) =>
            {
                None
            }
            Err(error) => return Err(RestoreError::io(&lock_file)(error)),
        };
        // What is there now stays, since the lock is held.
        let survey = Survey::list(&**vfs, dir).map_err(RestoreError::io(dir))?;
        let file = names::meta(dir);
        let meta = Meta::load(&**vfs, &file).map_err(RestoreError::io(&file))?;
        let meta = meta.map_err(|source| RestoreError::Meta {
            file: file.clone(),
            source,
        })?;
        Ok(Self {
            vfs: Arc::clone(vfs),
            dir: dir.to_owned(),
            kind: SourceKind::DataDirectory,
            survey,
            claim: Claim {
                file,
                database: meta.database,
                epoch: meta.epoch,
                newest_segment: meta.newest_segment.max(meta.sealed_segment),
                sealed_segment: meta.sealed_segment,
                sealed_hash: meta.sealed_hash,
                sealed_sequence: meta.sealed_sequence,
                active_bytes: meta.active_bytes,
            },
            manifest: None,
            _lock: lock,
        })
    }

    fn open_backup(vfs: &Arc<dyn Vfs>, dir: &Path, survey: Survey) -> Result<Self, RestoreError> {
        let file = names::backup(dir);
        let manifest = match Manifest::load(&**vfs, &file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(RestoreError::BackupUnfinished {
                    dir: dir.to_owned(),
                });
            }
            manifest => manifest.map_err(RestoreError::io(&file))?,
        };
        let manifest = manifest.map_err(|source| RestoreError::Manifest {
            file: file.clone(),
            source,
        })?;
        check_files(&**vfs, dir, &manifest)?;
        Ok(Self {
            vfs: Arc::clone(vfs),
            dir: dir.to_owned(),
            kind: SourceKind::Backup,
            survey,
            claim: Claim {
                file,
                database: manifest.database,
                epoch: manifest.epoch,
                newest_segment: manifest.segments,
                sealed_segment: manifest.segments,
                sealed_hash: manifest.frame_hash,
                sealed_sequence: manifest.sequence,
                active_bytes: 0,
            },
            manifest: Some(manifest),
            _lock: None,
        })
    }
}

/// Whether each file of a backup is there in its full length.
fn check_files(vfs: &dyn Vfs, dir: &Path, manifest: &Manifest) -> Result<(), RestoreError> {
    for file in &manifest.files {
        let path = dir.join(&file.name);
        let length = match vfs.open(&path).and_then(|file| file.length()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(RestoreError::Missing { file: path });
            }
            length => length.map_err(RestoreError::io(&path))?,
        };
        if length != file.bytes {
            return Err(RestoreError::Differs { file: path });
        }
    }
    Ok(())
}
