//! What files a data directory holds.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use ledger_core::Sequence;

use super::meta::Meta;
use super::names::{self, Name};
use super::recovery::RecoveryError;
use crate::vfs::Vfs;

/// The names in a data directory, sorted by what they mean.
#[derive(Default, Debug)]
pub(crate) struct Survey {
    pub(crate) has_meta: bool,
    pub(crate) active: BTreeSet<u64>,
    pub(crate) sealed: BTreeSet<u64>,
    pub(crate) snapshots: BTreeSet<Sequence>,
    pub(crate) temporary: Vec<String>,
    /// A restore has not finished here.
    pub(crate) is_restoring: bool,
    /// The directory is a backup.
    pub(crate) is_backup: bool,
    /// Anything that a new database would not find.
    other: Option<String>,
}

impl Survey {
    pub(crate) fn take(vfs: &dyn Vfs, dir: &Path) -> Result<Self, RecoveryError> {
        Self::list(vfs, dir).map_err(RecoveryError::io(dir))
    }

    pub(crate) fn list(vfs: &dyn Vfs, dir: &Path) -> io::Result<Self> {
        let mut survey = Self::default();
        for name in vfs.list(dir)? {
            match names::read(&name) {
                Name::Lock => {}
                Name::Meta => survey.has_meta = true,
                Name::Active(number) => {
                    survey.active.insert(number);
                }
                Name::Sealed(number) => {
                    survey.sealed.insert(number);
                }
                Name::Snapshot(sequence) => {
                    survey.snapshots.insert(sequence);
                }
                Name::Temporary => survey.temporary.push(name),
                Name::Restoring => survey.is_restoring = true,
                Name::Backup => survey.is_backup = true,
                Name::Run(..) | Name::Cut | Name::Directory | Name::Foreign => {
                    survey.other = Some(name);
                }
            }
        }
        Ok(survey)
    }

    /// The highest number of a segment.
    pub(crate) fn newest(&self) -> u64 {
        let newest = |numbers: &BTreeSet<u64>| numbers.last().copied().unwrap_or(0);
        newest(&self.active).max(newest(&self.sealed))
    }

    /// What the meta file says; nothing if the directory is empty.
    pub(crate) fn read_meta(
        &self,
        vfs: &dyn Vfs,
        dir: &Path,
    ) -> Result<Option<Meta>, RecoveryError> {
        if !self.has_meta {
            return self.check_ours(dir).map(|()| None);
        }
        let file = names::meta(dir);
        let damaged = |source| RecoveryError::Meta {
            dir: dir.to_owned(),
            file: file.clone(),
            source,
        };
        let meta = Meta::load(vfs, &file).map_err(RecoveryError::io(&file))?;
        meta.map(Some).map_err(damaged)
    }

    /// Whether a database is here, or one may be made.
    pub(crate) fn check_ours(&self, dir: &Path) -> Result<(), RecoveryError> {
        if self.has_meta {
            return Ok(());
        }
        if self.is_restoring {
            return Err(RecoveryError::RestoreUnfinished {
                dir: dir.to_owned(),
            });
        }
        if self.is_backup {
            return Err(RecoveryError::Backup {
                dir: dir.to_owned(),
            });
        }
        let active = self.active.first().map(|&n| names::active(dir, n));
        let sealed = self.sealed.first().map(|&n| names::sealed(dir, n));
        if let Some(segment) = sealed.or(active) {
            return Err(RecoveryError::MetaMissing {
                dir: dir.to_owned(),
                file: names::meta(dir),
                segment: segment.display().to_string(),
            });
        }
        if let Some(&sequence) = self.snapshots.first() {
            return Err(RecoveryError::NotEmpty {
                dir: dir.to_owned(),
                file: names::snapshot(Path::new(""), sequence)
                    .display()
                    .to_string(),
            });
        }
        match &self.other {
            Some(file) => Err(RecoveryError::NotEmpty {
                dir: dir.to_owned(),
                file: file.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Whether every segment is there that there must be.
    pub(crate) fn check_complete(&self, dir: &Path, meta: &Meta) -> Result<(), RecoveryError> {
        let newest = self
            .newest()
            .max(meta.newest_segment)
            .max(meta.sealed_segment);
        let is_there = |number: &u64| self.sealed.contains(number) || self.active.contains(number);
        match (1..=newest).find(|number| !is_there(number)) {
            Some(segment) => Err(RecoveryError::SegmentMissing {
                dir: dir.to_owned(),
                segment,
                newest,
            }),
            None => Ok(()),
        }
    }
}
