//! Files in memory that fail like real ones, the same way each time for the same seed.
//!
//! Every file has two contents: what a process reads (the page cache) and what the device holds.
//! A write changes the first; a sync carries the writes so far over to the second. When the power
//! is cut, each 512-byte sector of each unsynced write reaches the device or does not, as the seed
//! has it, and of the unsynced names a prefix survives. After a sync that failed, the writes it
//! should have carried never reach the device, though the page cache goes on showing them: this
//! is what Linux does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

use super::{DeviceFile, ReadBack, Vfs, VfsFile, VfsLock};

mod disk;

use disk::Disk;

/// How many calls of each kind were made that change what is durable.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Calls {
    /// Files made.
    pub creates: u64,
    /// Writes to files.
    pub writes: u64,
    /// Syncs of files.
    pub syncs: u64,
    /// Renames.
    pub renames: u64,
    /// Removed names.
    pub removes: u64,
    /// Syncs of directories.
    pub dir_syncs: u64,
}

impl Calls {
    /// All of them.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.creates + self.writes + self.syncs + self.renames + self.removes + self.dir_syncs
    }
}

/// What to do at a certain call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// The power goes during the call.
    PowerCut,
    /// The call fails with `EIO`; what a failed sync should have carried over is lost.
    InputOutput,
    /// The call fails with `ENOSPC`.
    NoSpace,
    /// The call says that it worked, but what it should have written never reaches the device.
    Lost,
}

/// Files in memory. Clones are the same files.
#[derive(Clone)]
pub struct MemoryVfs {
    disk: Arc<Mutex<Disk>>,
}

impl fmt::Debug for MemoryVfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryVfs")
            .field("calls", &self.calls())
            .finish_non_exhaustive()
    }
}

impl MemoryVfs {
    /// An empty disk whose accidents follow from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::holding(Disk::new(seed))
    }

    fn holding(disk: Disk) -> Self {
        Self {
            disk: Arc::new(Mutex::new(disk)),
        }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.disk().calls
    }

    /// Cuts the power during the `n`-th call from the beginning, counting from 1.
    pub fn cut_power_at(&self, n: u64) {
        self.disk().faults.insert(n, Fault::PowerCut);
    }

    /// Fails the `n`-th call from the beginning, counting from 1, with an input/output error.
    pub fn fail_at(&self, n: u64) {
        self.disk().faults.insert(n, Fault::InputOutput);
    }

    /// Fails the `n`-th call from the beginning, counting from 1, for want of space.
    pub fn refuse_at(&self, n: u64) {
        self.disk().faults.insert(n, Fault::NoSpace);
    }

    /// Forgets what the `n`-th call from the beginning writes, though it says that it worked.
    pub fn lose_at(&self, n: u64) {
        self.disk().faults.insert(n, Fault::Lost);
    }

    /// Fails every sync of a file from here on.
    pub fn fail_syncs(&self, fail: bool) {
        self.disk().fail_syncs = fail;
    }

    /// Bounds the bytes of all files together; more is `ENOSPC`.
    pub fn set_capacity(&self, bytes: u64) {
        self.disk().capacity = bytes;
    }

    /// Fails reads of `path`.
    pub fn fail_reads(&self, path: &Path) {
        self.disk().unreadable.insert(path.to_owned());
    }

    /// Refuses the `n`-th opening of a file or a directory with `EMFILE`, counting from 1.
    pub fn refuse_open_at(&self, n: u64) {
        self.disk().opening.refused_at = n;
    }

    /// Refuses every opening from here on. What is open stays open.
    pub fn refuse_opens(&self, refuse: bool) {
        self.disk().opening.refuse = refuse;
    }

    /// Refuses every read from here on with `ENOMEM`.
    pub fn refuse_reads(&self, refuse: bool) {
        self.disk().refuse_reads = refuse;
    }

    /// How often a file or a directory was opened, or was to be.
    #[must_use]
    pub fn opens(&self) -> u64 {
        self.disk().opening.opens
    }

    /// Bounds the files that are open at once; opening more is refused with `EMFILE`.
    pub fn set_open_files_max(&self, files: u64) {
        self.disk().opening.files_max = files;
    }

    /// How many files are open.
    #[must_use]
    pub fn open_files(&self) -> u64 {
        self.disk().opening.files
    }

    /// How many files were open when most were.
    #[must_use]
    pub fn open_files_most(&self) -> u64 {
        self.disk().opening.files_most
    }

    /// How many openings were refused.
    #[must_use]
    pub fn opens_refused(&self) -> u64 {
        self.disk().opening.refused
    }

    /// Whether the power was cut.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.disk().off
    }

    /// The machine after a power cut: what was not synced is there, torn or gone, as the seed has
    /// it. The files of `self` stay as they are.
    #[must_use]
    pub fn after_power_cut(&self) -> Self {
        Self::holding(self.disk().after_power_cut())
    }

    /// The machine after the process alone was killed: the page cache lives on.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        Self::holding(self.disk().after_kill())
    }

    /// The names of all files, in order.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        self.disk().names.keys().cloned().collect()
    }

    /// What a process reads of a file.
    #[must_use]
    pub fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        let disk = self.disk();
        disk.names
            .get(path)
            .map(|&file| disk.files[file].cached.clone())
    }

    /// Puts a file there, durably, as an operator or an accident might.
    pub fn put(&self, path: &Path, contents: Vec<u8>) {
        self.disk().put(path, contents);
    }

    /// Takes a file away, durably, as an operator or an accident might.
    pub fn take_away(&self, path: &Path) {
        let mut disk = self.disk();
        disk.names.remove(path);
        disk.durable_names.remove(path);
    }

    /// Flips one bit of a file, in the cache and on the device.
    ///
    /// # Panics
    /// If there is no such bit.
    pub fn flip(&self, path: &Path, bit: u64) {
        let mut disk = self.disk();
        let file = disk.names[path];
        let (byte, mask) = ((bit / 8) as usize, 1 << (bit % 8));
        disk.files[file].cached[byte] ^= mask;
        if let Some(byte) = disk.files[file].device.get_mut(byte) {
            *byte ^= mask;
        }
    }
}

impl Vfs for MemoryVfs {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk().create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut disk = self.disk();
        disk.opening.check()?;
        disk.list(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn VfsLock>>> {
        let mut disk = self.disk();
        disk.check_on()?;
        if !disk.names.contains_key(path) {
            disk.put(path, Vec::new());
        }
        if !disk.locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(MemoryLock {
            vfs: self.clone(),
            path: path.to_owned(),
        })))
    }

    fn create(&self, path: &Path, length: u64) -> io::Result<Arc<dyn VfsFile>> {
        let handle = self.handle(path, |disk| disk.create(path, length))?;
        Ok(Arc::new(handle))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        let handle = self.handle(path, |disk| disk.find(path))?;
        Ok(Arc::new(handle))
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        self.open(path)
    }

    fn open_device(&self, path: &Path) -> io::Result<Box<dyn DeviceFile>> {
        let handle = self.handle(path, |disk| disk.find(path))?;
        Ok(Box::new(handle))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk().rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk().remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.opening.check()?;
        disk.sync_dir(dir)
    }
}

impl MemoryVfs {
    /// Opens what `find` finds or makes.
    fn handle(
        &self,
        path: &Path,
        find: impl FnOnce(&mut Disk) -> io::Result<usize>,
    ) -> io::Result<MemoryFile> {
        let mut disk = self.disk();
        disk.opening.check()?;
        let file = find(&mut disk)?;
        disk.opening.add();
        Ok(MemoryFile {
            vfs: self.clone(),
            file,
            path: path.to_owned(),
        })
    }
}

struct MemoryLock {
    vfs: MemoryVfs,
    path: PathBuf,
}

impl fmt::Debug for MemoryLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryLock({})", self.path.display())
    }
}

impl VfsLock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.vfs.disk().locks.remove(&self.path);
    }
}

struct MemoryFile {
    vfs: MemoryVfs,
    file: usize,
    path: PathBuf,
}

impl fmt::Debug for MemoryFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryFile({})", self.path.display())
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        self.vfs.disk().opening.files -= 1;
    }
}

impl VfsFile for MemoryFile {
    fn length(&self) -> io::Result<u64> {
        let disk = self.vfs.disk();
        disk.check_on()?;
        Ok(disk.files[self.file].cached.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let disk = self.vfs.disk();
        disk.check_readable(&self.path)?;
        disk.check_memory()?;
        copy(&disk.files[self.file].cached, buffer, offset)
    }

    fn write_at(&self, parts: &[&[u8]], offset: u64) -> io::Result<()> {
        self.vfs.disk().write(self.file, &parts.concat(), offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.vfs.disk().sync(self.file)
    }
}

impl DeviceFile for MemoryFile {
    fn length(&self) -> io::Result<u64> {
        VfsFile::length(self)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let disk = self.vfs.disk();
        disk.check_readable(&self.path)?;
        disk.check_memory()?;
        copy(&disk.files[self.file].as_written_back(), buffer, offset)
    }

    fn method(&self) -> ReadBack {
        ReadBack::Memory
    }
}

fn copy(contents: &[u8], buffer: &mut [u8], offset: u64) -> io::Result<()> {
    let part = usize::try_from(offset)
        .ok()
        .and_then(|from| contents.get(from..from.checked_add(buffer.len())?))
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    buffer.copy_from_slice(part);
    Ok(())
}

fn input_output() -> io::Error {
    io::Error::from(Errno::IO)
}

fn no_space() -> io::Error {
    io::Error::from(Errno::NOSPC)
}

fn too_many_files() -> io::Error {
    io::Error::from(Errno::MFILE)
}

fn no_memory() -> io::Error {
    io::Error::from(Errno::NOMEM)
}

#[cfg(test)]
mod tests;
