//! A disk whose syncs wait until they are let through: all of them, or those of some files.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use ledger_engine::vfs::{DeviceFile, MemoryVfs, Vfs, VfsFile, VfsLock};

/// Files in memory behind a gate.
#[derive(Clone, Debug)]
pub(crate) struct GatedVfs {
    files: MemoryVfs,
    gate: Arc<Gate>,
}

/// Holds syncs up while it is shut.
#[derive(Default, Debug)]
pub(crate) struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Default, Debug)]
struct GateState {
    /// The files that were opened for reading, in order.
    opened: Vec<String>,
    /// The files that were given another name, by the one before, in order.
    renamed: Vec<String>,
    /// Parts of the names under which the files were made whose syncs wait.
    shut: Vec<&'static str>,
    waiting: usize,
}

impl GatedVfs {
    pub(crate) fn new(files: MemoryVfs) -> Self {
        Self {
            files,
            gate: Arc::default(),
        }
    }

    pub(crate) fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.gate)
    }
}

impl Gate {
    /// Shuts it for every file.
    pub(crate) fn shut(&self) {
        self.shut_for("");
    }

    /// Shuts it for files that were made under a name with this in it.
    pub(crate) fn shut_for(&self, part: &'static str) {
        self.state.lock().unwrap().shut.push(part);
    }

    pub(crate) fn open(&self) {
        self.state.lock().unwrap().shut.clear();
        self.changed.notify_all();
    }

    /// Opens it for those files.
    pub(crate) fn open_for(&self, part: &'static str) {
        let mut state = self.state.lock().unwrap();
        state.shut.retain(|&shut| shut != part);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until somebody stands before the gate.
    pub(crate) fn wait_for_somebody(&self) {
        let state = self.state.lock().unwrap();
        drop(
            self.changed
                .wait_while(state, |state| state.waiting == 0)
                .unwrap(),
        );
    }

    /// How many stand before the gate.
    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().unwrap().waiting
    }

    /// How many files were opened for reading whose names end so.
    pub(crate) fn opened(&self, ending: &str) -> usize {
        let state = self.state.lock().unwrap();
        let opened = state.opened.iter();
        opened.filter(|name| name.ends_with(ending)).count()
    }

    /// The names that files with such an ending had before they were given others, in that order.
    pub(crate) fn renamed(&self, ending: &str) -> Vec<String> {
        let mut renamed = self.state.lock().unwrap().renamed.clone();
        renamed.retain(|name| name.ends_with(ending));
        renamed
    }

    fn pass(&self, name: &str) {
        let is_shut = |state: &mut GateState| state.shut.iter().any(|part| name.contains(part));
        let mut state = self.state.lock().unwrap();
        if !is_shut(&mut state) {
            return;
        }
        state.waiting += 1;
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, is_shut).unwrap();
        state.waiting -= 1;
    }
}

impl Vfs for GatedVfs {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.files.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.files.list(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn VfsLock>>> {
        self.files.lock(path)
    }

    fn create(&self, path: &Path, length: u64) -> io::Result<Arc<dyn VfsFile>> {
        self.guard(path, self.files.create(path, length)?)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        let name = path.display().to_string();
        self.gate.state.lock().unwrap().opened.push(name);
        self.guard(path, self.files.open(path)?)
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        self.guard(path, self.files.open_write(path)?)
    }

    fn open_device(&self, path: &Path) -> io::Result<Box<dyn DeviceFile>> {
        self.files.open_device(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let name = from.display().to_string();
        self.gate.state.lock().unwrap().renamed.push(name);
        self.files.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.files.sync_dir(dir)
    }
}

impl GatedVfs {
    fn guard(&self, path: &Path, file: Arc<dyn VfsFile>) -> io::Result<Arc<dyn VfsFile>> {
        Ok(Arc::new(GatedFile {
            file,
            gate: self.gate(),
            name: path.display().to_string(),
        }))
    }
}

#[derive(Debug)]
struct GatedFile {
    file: Arc<dyn VfsFile>,
    gate: Arc<Gate>,
    name: String,
}

impl VfsFile for GatedFile {
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
        self.gate.pass(&self.name);
        self.file.sync()
    }
}
