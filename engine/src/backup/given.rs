//! The giving side: which files a backup consists of, and reading them while the server runs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Sequence, Timestamp};

use super::BackupError;
use crate::journal::meta::Meta;
use crate::journal::names;
use crate::journal::survey::Survey;
use crate::vfs::{Vfs, VfsFile};

/// How much of a file's end tells it from others of its name.
const END_BYTES: u64 = 4096;

/// What a backup consists of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupPlan {
    /// The database.
    pub database: u128,
    /// The epoch of the newest event.
    pub epoch: u128,
    /// The journal's segments, from the first on.
    pub segments: u64,
    /// The newest event that is part of it.
    pub sequence: Sequence,
    /// Its time.
    pub time: Timestamp,
    /// The hash of the last frame.
    pub frame_hash: [u8; 32],
    /// The files: the segments in order, then the snapshots.
    pub files: Vec<BackupFile>,
}

/// A file of a backup. It does not change any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupFile {
    /// Its name, without a directory.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3-256 of its length (8 bytes, little endian) and its last 4 KiB. What stands there
    /// follows from all that stands before it, so this tells whether somebody has the file already,
    /// without reading it.
    pub identity: [u8; 32],
}

/// The files of a backup, readable for as long as this lives.
#[derive(Debug)]
pub struct Backup {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    plan: BackupPlan,
    /// Those that may be removed meanwhile: the snapshots, from the first one's place on. Segments
    /// are opened one by one.
    kept_open: Vec<Arc<dyn VfsFile>>,
}

impl Backup {
    /// All that is sealed in a data directory.
    pub(crate) fn of_sealed(
        vfs: &Arc<dyn Vfs>,
        dir: &Path,
        time_of: impl FnOnce(Sequence) -> Result<Timestamp, BackupError>,
    ) -> Result<Self, BackupError> {
        let meta_file = names::meta(dir);
        let meta = Meta::load(&**vfs, &meta_file).map_err(BackupError::io(&meta_file))?;
        let meta = meta.map_err(|error| {
            BackupError::io(&meta_file)(io::Error::new(io::ErrorKind::InvalidData, error))
        })?;
        let mut files = Vec::new();
        for number in 1..=meta.sealed_segment {
            files.push(describe(&**vfs, &names::sealed(dir, number))?.0);
        }
        let mut kept_open = Vec::new();
        let survey = Survey::list(&**vfs, dir).map_err(BackupError::io(dir))?;
        // A snapshot stands at the end of a sealed segment, but perhaps of one sealed since.
        let kept = survey.snapshots.range(..=meta.sealed_sequence);
        for &sequence in kept {
            match describe(&**vfs, &names::snapshot(dir, sequence)) {
                Ok((file, handle)) => {
                    files.push(file);
                    kept_open.push(handle);
                }
                // It made way for a newer one.
                Err(BackupError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                }
                Err(error) => return Err(error),
            }
        }
        let time = match meta.sealed_sequence {
            Sequence::ZERO => Timestamp::ZERO,
            newest => time_of(newest)?,
        };
        Ok(Self {
            vfs: Arc::clone(vfs),
            dir: dir.to_owned(),
            plan: BackupPlan {
                database: meta.database,
                epoch: meta.epoch,
                segments: meta.sealed_segment,
                sequence: meta.sealed_sequence,
                time,
                frame_hash: meta.sealed_hash,
                files,
            },
            kept_open,
        })
    }

    /// What it consists of.
    #[must_use]
    pub fn plan(&self) -> &BackupPlan {
        &self.plan
    }

    /// Reads one of its files from the first byte to the last.
    ///
    /// # Errors
    /// [`BackupError::Io`].
    ///
    /// # Panics
    /// If the plan has no such file.
    pub fn open(&self, file: usize) -> Result<FileReader, BackupError> {
        let path = self.dir.join(&self.plan.files[file].name);
        let segments = self.plan.files.len() - self.kept_open.len();
        let handle = match file.checked_sub(segments) {
            Some(snapshot) => Arc::clone(&self.kept_open[snapshot]),
            None => self.vfs.open(&path).map_err(BackupError::io(&path))?,
        };
        Ok(FileReader {
            path,
            file: handle,
            bytes: self.plan.files[file].bytes,
            at: 0,
            hasher: blake3::Hasher::new(),
        })
    }
}

/// Reads a file of a backup piece by piece, and hashes it on the way.
#[derive(Debug)]
pub struct FileReader {
    path: PathBuf,
    file: Arc<dyn VfsFile>,
    bytes: u64,
    at: u64,
    hasher: blake3::Hasher,
}

impl FileReader {
    /// Reads the next bytes, at most as many as the buffer has room for; how many there were. Zero
    /// means that the file was read to its end.
    ///
    /// # Errors
    /// [`BackupError::Io`].
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, BackupError> {
        let part = (self.bytes - self.at).min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..part];
        self.file
            .read_at(buffer, self.at)
            .map_err(BackupError::io(&self.path))?;
        self.hasher.update(buffer);
        self.at += part as u64;
        Ok(part)
    }

    /// BLAKE3-256 of what was read: of the file, once it was read to its end.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hasher.finalize().into()
    }
}

/// What tells a file from others, and the file itself.
fn describe(vfs: &dyn Vfs, path: &Path) -> Result<(BackupFile, Arc<dyn VfsFile>), BackupError> {
    let io = BackupError::io(path);
    let file = vfs.open(path).map_err(&io)?;
    let bytes = file.length().map_err(&io)?;
    let identity = identity(&*file, bytes).map_err(&io)?;
    let name = path.file_name().unwrap_or_default();
    let described = BackupFile {
        name: name.to_string_lossy().into_owned(),
        bytes,
        identity,
    };
    Ok((described, file))
}

/// See [`BackupFile::identity`].
pub(super) fn identity(file: &dyn VfsFile, bytes: u64) -> io::Result<[u8; 32]> {
    let length = bytes.min(END_BYTES);
    let mut end = vec![0; length as usize];
    file.read_at(&mut end, bytes - length)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes.to_le_bytes());
    hasher.update(&end);
    Ok(hasher.finalize().into())
}
