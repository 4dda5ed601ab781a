//! A disk in memory on which syncs, and the making of index runs, wait for as long as a test wants.

use std::{
    io,
    path::Path,
    sync::{Arc, Condvar, Mutex},
};

use ledger_engine::vfs::{DeviceFile, MemoryVfs, Vfs, VfsFile, VfsLock};

/// Files in memory; what is written becomes durable only while the gate is open.
#[derive(Debug)]
pub struct SlowDisk {
    pub memory: MemoryVfs,
    gate: Arc<Gate>,
    runs: Gate,
}

#[derive(Debug, Default)]
struct Gate {
    shut: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn shut(&self) {
        *self.shut.lock().expect("not poisoned") = true;
    }

    fn open(&self) {
        *self.shut.lock().expect("not poisoned") = false;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let shut = self.shut.lock().expect("not poisoned");
        drop(
            self.opened
                .wait_while(shut, |shut| *shut)
                .expect("not poisoned"),
        );
    }
}

impl SlowDisk {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryVfs::new(7),
            gate: Arc::default(),
            runs: Gate::default(),
        })
    }

    /// From now on syncs wait.
    pub fn stall(&self) {
        self.gate.shut();
    }

    /// The syncs that wait go on, and none waits any more.
    pub fn go_on(&self) {
        self.gate.open();
    }

    /// From now on whoever makes an index run waits.
    pub fn hold_runs(&self) {
        self.runs.shut();
    }

    /// Index runs are made again.
    pub fn make_runs(&self) {
        self.runs.open();
    }

    /// Removes all index runs.
    pub fn remove_runs(&self) -> usize {
        let mut runs = self.memory.paths();
        runs.retain(|path| path.extension().is_some_and(|ending| ending == "run"));
        for run in &runs {
            self.memory.take_away(run);
        }
        runs.len()
    }

    fn slow(&self, file: Arc<dyn VfsFile>) -> Arc<dyn VfsFile> {
        Arc::new(SlowFile {
            file,
            gate: Arc::clone(&self.gate),
        })
    }
}

impl Vfs for SlowDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.memory.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.memory.list(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn VfsLock>>> {
        self.memory.lock(path)
    }

    fn create(&self, path: &Path, length: u64) -> io::Result<Arc<dyn VfsFile>> {
        if path.extension().is_some_and(|ending| ending == "indexing") {
            self.runs.pass();
        }
        self.memory.create(path, length).map(|file| self.slow(file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        self.memory.open(path)
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        self.memory.open_write(path).map(|file| self.slow(file))
    }

    fn open_device(&self, path: &Path) -> io::Result<Box<dyn DeviceFile>> {
        self.memory.open_device(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.memory.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.memory.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.memory.sync_dir(dir)
    }
}

#[derive(Debug)]
struct SlowFile {
    file: Arc<dyn VfsFile>,
    gate: Arc<Gate>,
}

impl VfsFile for SlowFile {
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, parts: &[&[u8]], offset: u64) -> io::Result<()> {
        self.file.write_at(parts, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.gate.pass();
        self.file.sync()
    }
}
