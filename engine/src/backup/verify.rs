//! Whether a backup is what was received.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{BackupDamage, BackupError, Manifest, StoredFile};
use crate::journal::{PIECE_BYTES, Progress, names};
use crate::vfs::Vfs;

/// Reads every file of the backup in `dir` from the device and compares it with the manifest. Files
/// that the manifest does not name are no part of it.
///
/// # Errors
/// [`BackupError`], naming the file.
pub fn verify(
    vfs: &Arc<dyn Vfs>,
    dir: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Manifest, BackupError> {
    let manifest = load(&**vfs, dir)?;
    let mut told = Progress {
        bytes: 0,
        bytes_total: manifest.files.iter().map(|file| file.bytes).sum(),
        sequence: manifest.sequence,
    };
    for file in &manifest.files {
        check_file(&**vfs, &dir.join(&file.name), file)?;
        told.bytes += file.bytes;
        progress(told);
    }
    Ok(manifest)
}

/// The manifest of a finished backup.
pub(super) fn load(vfs: &dyn Vfs, dir: &Path) -> Result<Manifest, BackupError> {
    let path = names::backup(dir);
    match read(vfs, &path)? {
        Some(manifest) => Ok(manifest),
        None if read(vfs, &names::backup_unfinished(dir))?.is_some() => {
            Err(BackupError::Unfinished {
                dir: dir.to_owned(),
            })
        }
        None => Err(BackupError::NoBackup {
            dir: dir.to_owned(),
        }),
    }
}

/// A manifest, if there is one.
pub(super) fn read(vfs: &dyn Vfs, path: &Path) -> Result<Option<Manifest>, BackupError> {
    match Manifest::load(vfs, path) {
        Ok(Ok(manifest)) => Ok(Some(manifest)),
        Ok(Err(error)) => Err(BackupError::Damaged {
            file: path.to_owned(),
            source: BackupDamage::Manifest(error),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(BackupError::io(path)(error)),
    }
}

/// Whether a file is the one that the manifest names, by what the device holds.
pub(super) fn check_file(
    vfs: &dyn Vfs,
    path: &Path,
    expected: &StoredFile,
) -> Result<(), BackupError> {
    let io = BackupError::io(path);
    let damaged = |source| BackupError::Damaged {
        file: path.to_owned(),
        source,
    };
    let mut device = match vfs.open_device(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged(BackupDamage::Missing));
        }
        device => device.map_err(&io)?,
    };
    let (found, expected_bytes) = (device.length().map_err(&io)?, expected.bytes);
    if found != expected_bytes {
        return Err(damaged(BackupDamage::Length {
            found,
            expected: expected_bytes,
        }));
    }
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; found.min(PIECE_BYTES) as usize];
    let mut at = 0;
    while at < found {
        let part = (found - at).min(PIECE_BYTES) as usize;
        device.read_at(&mut piece[..part], at).map_err(&io)?;
        hasher.update(&piece[..part]);
        at += part as u64;
    }
    match *hasher.finalize().as_bytes() == expected.hash {
        true => Ok(()),
        false => Err(damaged(BackupDamage::Hash)),
    }
}
