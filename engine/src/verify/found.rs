//! What there is to be audited.

use std::io;
use std::path::{Path, PathBuf};

use ledger_core::Sequence;

use super::VerifyError;
use crate::journal::meta::Meta;
use crate::journal::names::Name;
use crate::journal::survey::Survey;
use crate::journal::{MetaError, names};
use crate::vfs::{Vfs, VfsLock};

/// What a data directory holds, and the lock on it.
pub(super) struct Found {
    pub(super) survey: Survey,
    pub(super) meta_file: PathBuf,
    pub(super) meta: Result<Meta, MetaError>,
    /// The index runs: the events that their names say are in them.
    pub(super) runs: Vec<(Sequence, Sequence)>,
    /// None where the directory cannot be written to: nobody else can write there either.
    _lock: Option<Box<dyn VfsLock>>,
}

impl Found {
    pub(super) fn open(vfs: &dyn Vfs, dir: &Path) -> Result<Self, VerifyError> {
        let io = |file: &Path| {
            let file = file.to_owned();
            move |source| VerifyError::Io { file, source }
        };
        let survey = Survey::list(vfs, dir).map_err(io(dir))?;
        if !survey.has_meta {
            let dir = dir.to_owned();
            match (survey.is_backup, survey.is_restoring) {
                (true, _) => return Err(VerifyError::Backup { dir }),
                (_, true) => return Err(VerifyError::RestoreUnfinished { dir }),
                _ if survey.newest() == 0 => return Err(VerifyError::NoDatabase { dir }),
                _ => {}
            }
        }
        let lock_file = names::lock(dir);
        let lock = match vfs.lock(&lock_file) {
            Ok(Some(lock)) => Some(lock),
            Ok(None) => {
                return Err(VerifyError::Locked {
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
            Err(error) => return Err(io(&lock_file)(error)),
        };
        let meta_file = names::meta(dir);
        let meta = match survey.has_meta {
            true => Meta::load(vfs, &meta_file).map_err(io(&meta_file))?,
            false => Err(MetaError::Length {
                found: 0,
                expected: crate::journal::meta::META_BYTES as u64,
            }),
        };
        Ok(Self {
            runs: runs(vfs, dir).map_err(io(dir))?,
            survey,
            meta_file,
            meta,
            _lock: lock,
        })
    }

    /// What a restore is about to make a database of.
    pub(super) fn unopened(vfs: &dyn Vfs, dir: &Path) -> Result<Self, VerifyError> {
        let io = |file: &Path| {
            let file = file.to_owned();
            move |source| VerifyError::Io { file, source }
        };
        let meta_file = names::restoring(dir);
        Ok(Self {
            survey: Survey::list(vfs, dir).map_err(io(dir))?,
            meta: Meta::load(vfs, &meta_file).map_err(io(&meta_file))?,
            meta_file,
            runs: runs(vfs, dir).map_err(io(dir))?,
            _lock: None,
        })
    }
}

fn runs(vfs: &dyn Vfs, dir: &Path) -> io::Result<Vec<(Sequence, Sequence)>> {
    let mut runs = Vec::new();
    for name in vfs.list(dir)? {
        if let Name::Run(first, last) = names::read(&name) {
            runs.push((first, last));
        }
    }
    runs.sort_unstable();
    Ok(runs)
}
