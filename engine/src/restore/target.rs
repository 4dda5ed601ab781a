//! The directory that is restored into. It opens when it is complete, and not before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::RestoreError;
use crate::journal::meta::Meta;
use crate::journal::names::{self, Name};
use crate::journal::survey::Survey;
use crate::vfs::{Vfs, VfsLock};

/// The directory, from when it is claimed until it is complete.
#[derive(Debug)]
pub(super) struct Target {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    _lock: Box<dyn VfsLock>,
}

impl Target {
    /// Whether the directory may be restored into: it is missing, or empty, or what an attempt left
    /// that did not come to its end.
    pub(super) fn check(vfs: &dyn Vfs, dir: &Path) -> Result<(), RestoreError> {
        let names = match vfs.list(dir) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            names => names.map_err(RestoreError::io(dir))?,
        };
        let survey = Survey::list(vfs, dir).map_err(RestoreError::io(dir))?;
        let is_left_over = survey.is_restoring && !survey.has_meta;
        let is_in_the_way = |name: &String| match names::read(name) {
            Name::Lock | Name::Restoring => false,
            Name::Sealed(_) | Name::Snapshot(_) | Name::Temporary => !is_left_over,
            _ => true,
        };
        match names.into_iter().find(is_in_the_way) {
            Some(file) => Err(RestoreError::TargetNotEmpty {
                dir: dir.to_owned(),
                file,
            }),
            None => Ok(()),
        }
    }

    /// Claims the directory: from here on it is one that a restore has not finished.
    pub(super) fn claim(vfs: &Arc<dyn Vfs>, dir: &Path) -> Result<Self, RestoreError> {
        vfs.create_dir(dir).map_err(RestoreError::io(dir))?;
        Self::check(&**vfs, dir)?;
        let lock_file = names::lock(dir);
        let lock = vfs.lock(&lock_file).map_err(RestoreError::io(&lock_file))?;
        let lock = lock.ok_or_else(|| RestoreError::TargetInUse {
            dir: dir.to_owned(),
        })?;
        // Somebody may have come in between.
        Self::check(&**vfs, dir)?;
        let restoring = names::restoring(dir);
        vfs.create(&restoring, 0)
            .and_then(|file| file.sync())
            .and_then(|()| vfs.sync_dir(dir))
            .map_err(RestoreError::io(&restoring))?;
        let target = Self {
            vfs: Arc::clone(vfs),
            dir: dir.to_owned(),
            _lock: lock,
        };
        target.clear()?;
        Ok(target)
    }

    /// Removes what an earlier attempt left.
    fn clear(&self) -> Result<(), RestoreError> {
        let names = self.vfs.list(&self.dir);
        for name in names.map_err(RestoreError::io(&self.dir))? {
            if !matches!(names::read(&name), Name::Lock | Name::Restoring) {
                let path = self.dir.join(name);
                self.vfs.remove(&path).map_err(RestoreError::io(&path))?;
            }
        }
        self.vfs
            .sync_dir(&self.dir)
            .map_err(RestoreError::io(&self.dir))
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes what will be the meta file.
    pub(super) fn describe(&self, meta: &Meta) -> Result<(), RestoreError> {
        let restoring = names::restoring(&self.dir);
        self.vfs
            .open_write(&restoring)
            .and_then(|file| {
                file.write_at(&[&meta.write()], 0)?;
                file.sync()
            })
            .map_err(RestoreError::io(&restoring))
    }

    /// Makes the directory a database.
    pub(super) fn complete(self) -> Result<(), RestoreError> {
        let (restoring, meta) = (names::restoring(&self.dir), names::meta(&self.dir));
        self.vfs
            .rename(&restoring, &meta)
            .and_then(|()| self.vfs.sync_dir(&self.dir))
            .map_err(RestoreError::io(&meta))
    }
}
