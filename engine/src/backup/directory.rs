//! The receiving side: a directory that files are added to until it is a backup.
//!
//! A file is written under a temporary name in pieces, each synced, and gets its own name when it
//! has arrived whole. Then it is entered in the list of an unfinished backup, so that another
//! attempt need not fetch it again. When all are there, the list becomes the manifest, and until
//! then the manifest of the backup before stays, with all its files. So at every moment the
//! directory is a backup as whole as it ever was.
//!
//! What an earlier attempt left counts by its content alone: each file is read back from the device
//! and compared with its hash before the sender is told that it is there.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::Sequence;

use super::given::{Backup, BackupPlan};
use super::manifest::{Manifest, StoredFile};
use super::verify::{check_file, read};
use super::{BackupError, is_backup_name};
use crate::journal::names::{self, Name};
use crate::journal::{PIECE_BYTES, Progress};
use crate::vfs::{Vfs, VfsFile, VfsLock};

/// How much is read at once where both sides are in one process.
const CHUNK_BYTES: usize = 1 << 20;

/// A directory that receives a backup.
#[derive(Debug)]
pub struct BackupDirectory {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    /// The files that are there, by name.
    held: HashMap<String, StoredFile>,
    /// What is there of the backup that was finished last.
    finished: Option<Manifest>,
    plan: Option<BackupPlan>,
    receiving: Option<Receiving>,
    _lock: Box<dyn VfsLock>,
}

/// A file that is there whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldFile {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// As it was announced.
    pub identity: [u8; 32],
}

/// A file that is on its way.
#[derive(Debug)]
struct Receiving {
    /// Its place in the plan.
    index: usize,
    path: PathBuf,
    file: Arc<dyn VfsFile>,
    piece: Vec<u8>,
    written: u64,
    hasher: blake3::Hasher,
}

impl BackupDirectory {
    /// Opens a directory for a backup, making it if it is missing. An earlier backup of the same
    /// database in it is continued, and so is one that was cut off: all that is there of them is
    /// read, and files that are not what they were do not count.
    ///
    /// # Errors
    /// [`BackupError`]; the directory is as it was.
    pub fn open(
        vfs: &Arc<dyn Vfs>,
        dir: &Path,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, BackupError> {
        vfs.create_dir(dir).map_err(BackupError::io(dir))?;
        check_ours(&**vfs, dir)?;
        let lock_file = names::lock(dir);
        let lock = vfs.lock(&lock_file).map_err(BackupError::io(&lock_file))?;
        let lock = lock.ok_or_else(|| BackupError::InUse {
            dir: dir.to_owned(),
        })?;
        let finished = read(&**vfs, &names::backup(dir))?;
        let unfinished = read(&**vfs, &names::backup_unfinished(dir))?;
        let lists = [finished.as_ref(), unfinished.as_ref()];
        Ok(Self {
            vfs: Arc::clone(vfs),
            dir: dir.to_owned(),
            held: held(&**vfs, dir, &lists, progress)?,
            finished,
            plan: None,
            receiving: None,
            _lock: lock,
        })
    }

    /// The files that are there: what a sender may leave out.
    #[must_use]
    pub fn held(&self) -> Vec<HeldFile> {
        let mut held: Vec<_> = self
            .held
            .values()
            .map(|file| HeldFile {
                name: file.name.clone(),
                bytes: file.bytes,
                identity: file.identity,
            })
            .collect();
        held.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        held
    }

    /// Takes what the backup is to consist of, and says which of its files are still wanted, by
    /// their places in the plan. They are to be given in this order.
    ///
    /// # Errors
    /// [`BackupError`] if what is there is a backup of something else; nothing was changed then.
    pub fn begin(&mut self, plan: BackupPlan) -> Result<Vec<usize>, BackupError> {
        if let Some(finished) = &self.finished {
            if finished.database != plan.database {
                return Err(BackupError::OtherDatabase {
                    dir: self.dir.clone(),
                    found: finished.database,
                    expected: plan.database,
                });
            }
            self.check_history(finished, &plan)?;
        }
        if plan.files.iter().any(|file| !is_backup_name(&file.name)) {
            return Err(BackupError::Protocol);
        }
        // What the last attempt had of another plan would only be in the way.
        let is_planned = |held: &StoredFile| {
            let same = |file: &&super::BackupFile| file.name == held.name;
            let planned = plan.files.iter().find(same);
            planned.is_none_or(|file| file.identity == held.identity && file.bytes == held.bytes)
        };
        self.held.retain(|_, held| is_planned(held));
        let wanted = (0..plan.files.len())
            .filter(|&index| !self.held.contains_key(&plan.files[index].name))
            .collect();
        self.plan = Some(plan);
        // From here on the directory is known for what it is, whatever comes of it.
        self.replace(&names::backup_unfinished(&self.dir), &self.manifest())?;
        Ok(wanted)
    }

    /// A segment is never another one. Where it is, somebody would lose a backup by going on.
    fn check_history(&self, finished: &Manifest, plan: &BackupPlan) -> Result<(), BackupError> {
        let is_segment = |name: &str| matches!(names::read(name), Name::Sealed(_));
        for stored in finished.files.iter().filter(|file| is_segment(&file.name)) {
            let same = plan
                .files
                .iter()
                .any(|file| file.name == stored.name && file.identity == stored.identity);
            if !same {
                return Err(BackupError::OtherHistory {
                    dir: self.dir.clone(),
                    file: stored.name.clone(),
                });
            }
        }
        Ok(())
    }

    /// Begins to take a wanted file.
    ///
    /// # Errors
    /// [`BackupError`].
    ///
    /// # Panics
    /// If nothing was begun, or the plan has no such file.
    pub fn begin_file(&mut self, index: usize) -> Result<(), BackupError> {
        let name = &self.planned(index).name;
        let path = names::receiving(&self.dir, name);
        let file = self.vfs.create(&path, 0).map_err(BackupError::io(&path))?;
        self.receiving = Some(Receiving {
            index,
            path,
            file,
            piece: Vec::new(),
            written: 0,
            hasher: blake3::Hasher::new(),
        });
        Ok(())
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        let receiving = self.receiving.as_mut().ok_or(BackupError::Protocol)?;
        receiving.hasher.update(bytes);
        receiving.piece.extend_from_slice(bytes);
        if receiving.piece.len() as u64 >= PIECE_BYTES {
            receiving.write_piece()?;
        }
        Ok(())
    }

    /// Ends the file. It counts if it has the length that was announced and this hash.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn end_file(&mut self, hash: [u8; 32]) -> Result<(), BackupError> {
        let mut receiving = self.receiving.take().ok_or(BackupError::Protocol)?;
        receiving.write_piece()?;
        let planned = self.planned(receiving.index).clone();
        let arrived =
            receiving.written == planned.bytes && *receiving.hasher.finalize().as_bytes() == hash;
        if !arrived {
            let name = planned.name;
            return Err(BackupError::Arrived { name });
        }
        self.give_way(&planned.name, hash)?;
        let path = self.dir.join(&planned.name);
        self.vfs
            .rename(&receiving.path, &path)
            .and_then(|()| self.vfs.sync_dir(&self.dir))
            .map_err(BackupError::io(&path))?;
        let stored = StoredFile {
            name: planned.name,
            bytes: planned.bytes,
            identity: planned.identity,
            hash,
        };
        self.held.insert(stored.name.clone(), stored);
        let list = self.manifest();
        self.replace(&names::backup_unfinished(&self.dir), &list)
    }

    /// Makes what is there the backup, and removes what is no part of it.
    ///
    /// # Errors
    /// [`BackupError`]; [`BackupError::Protocol`] if a file did not come.
    ///
    /// # Panics
    /// If nothing was begun.
    pub fn finish(self) -> Result<Manifest, BackupError> {
        let manifest = self.manifest();
        if self.receiving.is_some() || manifest.files.len() != self.plan().files.len() {
            return Err(BackupError::Protocol);
        }
        self.replace(&names::backup(&self.dir), &manifest)?;
        let is_part = |name: &str| manifest.files.iter().any(|file| file.name == name);
        for name in list(&*self.vfs, &self.dir)? {
            let is_left_over = match names::read(&name) {
                Name::Sealed(_) | Name::Snapshot(_) => !is_part(&name),
                Name::Backup => name != names::BACKUP,
                _ => names::is_receiving(&name),
            };
            if is_left_over {
                let path = self.dir.join(name);
                self.vfs.remove(&path).map_err(BackupError::io(&path))?;
            }
        }
        self.vfs
            .sync_dir(&self.dir)
            .map_err(BackupError::io(&self.dir))?;
        Ok(manifest)
    }

    /// Takes a whole backup from a giver in the same process.
    ///
    /// # Errors
    /// [`BackupError`]; what arrived is there for another attempt.
    pub fn receive(
        mut self,
        backup: &Backup,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Manifest, BackupError> {
        let plan = backup.plan().clone();
        let wanted = self.begin(plan.clone())?;
        let mut told = Progress {
            bytes: 0,
            bytes_total: wanted.iter().map(|&index| plan.files[index].bytes).sum(),
            sequence: plan.sequence,
        };
        let mut chunk = vec![0; CHUNK_BYTES];
        for index in wanted {
            let mut reader = backup.open(index)?;
            self.begin_file(index)?;
            loop {
                let length = reader.read(&mut chunk)?;
                if length == 0 {
                    break;
                }
                self.write(&chunk[..length])?;
                told.bytes += length as u64;
                progress(told);
            }
            self.end_file(reader.hash())?;
        }
        self.finish()
    }

    /// Takes a file that another one is to replace out of the backup before: a snapshot that was
    /// given another name since. The backup is one without it, too. One that was damaged and comes
    /// again stays a part of it, and makes it whole.
    fn give_way(&mut self, name: &str, hash: [u8; 32]) -> Result<(), BackupError> {
        let Some(finished) = &mut self.finished else {
            return Ok(());
        };
        let before = finished.files.len();
        let stays = |file: &StoredFile| file.name != name || file.hash == hash;
        finished.files.retain(stays);
        if finished.files.len() == before {
            return Ok(());
        }
        let finished = finished.clone();
        self.replace(&names::backup(&self.dir), &finished)
    }

    fn plan(&self) -> &BackupPlan {
        self.plan.as_ref().expect("a backup is begun first")
    }

    fn planned(&self, index: usize) -> &super::BackupFile {
        &self.plan().files[index]
    }

    /// The planned files that are there.
    fn manifest(&self) -> Manifest {
        let plan = self.plan();
        let files = plan.files.iter();
        Manifest {
            database: plan.database,
            epoch: plan.epoch,
            segments: plan.segments,
            sequence: plan.sequence,
            time: plan.time,
            frame_hash: plan.frame_hash,
            files: files
                .filter_map(|file| self.held.get(&file.name).cloned())
                .collect(),
        }
    }

    fn replace(&self, path: &Path, manifest: &Manifest) -> Result<(), BackupError> {
        let temporary = names::backup_temporary(&self.dir);
        let write = || {
            let file = self.vfs.create(&temporary, 0)?;
            file.write_at(&[&manifest.write()], 0)?;
            file.sync()?;
            self.vfs.rename(&temporary, path)?;
            self.vfs.sync_dir(&self.dir)
        };
        write().map_err(BackupError::io(path))
    }
}

impl Receiving {
    fn write_piece(&mut self) -> Result<(), BackupError> {
        self.file
            .write_at(&[&self.piece], self.written)
            .and_then(|()| self.file.sync())
            .map_err(BackupError::io(&self.path))?;
        self.written += self.piece.len() as u64;
        self.piece.clear();
        Ok(())
    }
}

fn list(vfs: &dyn Vfs, dir: &Path) -> Result<Vec<String>, BackupError> {
    vfs.list(dir).map_err(BackupError::io(dir))
}

/// Whether a directory is empty, or holds a backup or the beginning of one.
fn check_ours(vfs: &dyn Vfs, dir: &Path) -> Result<(), BackupError> {
    let names = list(vfs, dir)?;
    let is_backup = names.iter().any(|name| names::read(name) == Name::Backup);
    let is_foreign = |name: &&String| match names::read(name) {
        Name::Lock | Name::Backup => false,
        Name::Sealed(_) | Name::Snapshot(_) => !is_backup,
        Name::Foreign => !names::is_receiving(name),
        _ => true,
    };
    match names.iter().find(is_foreign) {
        Some(file) => Err(BackupError::NotABackup {
            dir: dir.to_owned(),
            file: file.clone(),
        }),
        None => Ok(()),
    }
}

/// The files of these lists that are there and are what the lists say.
fn held(
    vfs: &dyn Vfs,
    dir: &Path,
    lists: &[Option<&Manifest>],
    progress: &mut dyn FnMut(Progress),
) -> Result<HashMap<String, StoredFile>, BackupError> {
    let lists = || lists.iter().copied().flatten();
    // A file that both name alike is read once.
    let mut seen = HashSet::new();
    let files = lists().flat_map(|list| &list.files);
    let listed: Vec<&StoredFile> = files
        .filter(|file| seen.insert((&file.name, file.hash)))
        .collect();
    let mut told = Progress {
        bytes: 0,
        bytes_total: listed.iter().map(|file| file.bytes).sum(),
        sequence: lists()
            .map(|list| list.sequence)
            .max()
            .unwrap_or(Sequence::ZERO),
    };
    let mut held = HashMap::new();
    for file in listed {
        match check_file(vfs, &dir.join(&file.name), file) {
            Ok(()) => drop(held.insert(file.name.clone(), file.clone())),
            Err(BackupError::Damaged { file, source }) => tracing::warn!(
                file = %file.display(),
                %source,
                "a file of the backup is not what it was; it is fetched again"
            ),
            Err(error) => return Err(error),
        }
        told.bytes += file.bytes;
        progress(told);
    }
    Ok(held)
}
