//! The disk behind the files in memory, and its accidents.

use std::borrow::Cow;

use super::{
    BTreeMap, BTreeSet, Calls, Fault, Path, PathBuf, input_output, io, no_memory, no_space,
    too_many_files,
};

/// What a device writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A change of a file that has not been synced.
#[derive(Clone, Debug)]
enum Unsynced {
    Allocate(usize),
    Write(usize, Vec<u8>),
}

/// One file, whatever its names.
#[derive(Clone, Default, Debug)]
pub(super) struct Contents {
    /// What a process reads.
    pub(super) cached: Vec<u8>,
    /// What survives a power cut for certain.
    pub(super) device: Vec<u8>,
    unsynced: Vec<Unsynced>,
}

impl Contents {
    /// What a read from the device sees: the kernel writes back dirty pages before such a read.
    /// Nothing is kept of it, since a power cut may still lose them.
    pub(super) fn as_written_back(&self) -> Cow<'_, [u8]> {
        if self.unsynced.is_empty() {
            return Cow::Borrowed(&self.device);
        }
        let mut device = self.device.clone();
        for change in &self.unsynced {
            apply(&mut device, change);
        }
        Cow::Owned(device)
    }
}

fn apply(contents: &mut Vec<u8>, change: &Unsynced) {
    let end = match change {
        Unsynced::Allocate(length) => *length,
        Unsynced::Write(offset, bytes) => offset + bytes.len(),
    };
    if contents.len() < end {
        contents.resize(end, 0);
    }
    if let Unsynced::Write(offset, bytes) = change {
        contents[*offset..end].copy_from_slice(bytes);
    }
}

/// A change of a name that has not been synced.
#[derive(Clone, Debug)]
enum NameChange {
    Link(PathBuf, usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

impl NameChange {
    fn dir(&self) -> Option<&Path> {
        match self {
            Self::Link(path, _) | Self::Rename(path, _) | Self::Remove(path) => path.parent(),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Link(path, file) => {
                names.insert(path.clone(), *file);
            }
            Self::Rename(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Self::Remove(path) => {
                names.remove(path);
            }
        }
    }
}

/// How many files are open, and may be.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) files: u64,
    pub(super) files_most: u64,
    pub(super) files_max: u64,
    pub(super) refuse: bool,
    pub(super) refused_at: u64,
    pub(super) refused: u64,
    pub(super) opens: u64,
}

impl Opening {
    fn new() -> Self {
        Self {
            files: 0,
            files_most: 0,
            files_max: u64::MAX,
            refuse: false,
            refused_at: 0,
            refused: 0,
            opens: 0,
        }
    }

    /// Whether a file or a directory may be opened now.
    pub(super) fn check(&mut self) -> io::Result<()> {
        self.opens += 1;
        let is_unlucky = self.refuse || self.opens == self.refused_at;
        if is_unlucky || self.files >= self.files_max {
            self.refused += 1;
            return Err(too_many_files());
        }
        Ok(())
    }

    /// A file was opened.
    pub(super) fn add(&mut self) {
        self.files += 1;
        self.files_most = self.files_most.max(self.files);
    }
}

#[derive(Clone)]
pub(super) struct Disk {
    random: u64,
    pub(super) names: BTreeMap<PathBuf, usize>,
    pub(super) durable_names: BTreeMap<PathBuf, usize>,
    name_changes: Vec<NameChange>,
    directories: BTreeSet<PathBuf>,
    pub(super) files: Vec<Contents>,
    pub(super) locks: BTreeSet<PathBuf>,
    pub(super) calls: Calls,
    pub(super) faults: BTreeMap<u64, Fault>,
    pub(super) fail_syncs: bool,
    pub(super) capacity: u64,
    pub(super) unreadable: BTreeSet<PathBuf>,
    pub(super) opening: Opening,
    pub(super) refuse_reads: bool,
    pub(super) off: bool,
}

impl Disk {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: seed,
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            name_changes: Vec::new(),
            directories: BTreeSet::new(),
            files: Vec::new(),
            locks: BTreeSet::new(),
            calls: Calls::default(),
            faults: BTreeMap::new(),
            fail_syncs: false,
            capacity: u64::MAX,
            unreadable: BTreeSet::new(),
            opening: Opening::new(),
            refuse_reads: false,
            off: false,
        }
    }

    /// The next number of a splitmix64 sequence.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn check_on(&self) -> io::Result<()> {
        if self.off {
            return Err(input_output());
        }
        Ok(())
    }

    pub(super) fn check_readable(&self, path: &Path) -> io::Result<()> {
        self.check_on()?;
        if self.unreadable.contains(path) {
            return Err(input_output());
        }
        Ok(())
    }

    pub(super) fn check_memory(&self) -> io::Result<()> {
        match self.refuse_reads {
            true => Err(no_memory()),
            false => Ok(()),
        }
    }

    /// Counts a call and says what is to go wrong with it.
    fn call(&mut self, count: fn(&mut Calls) -> &mut u64) -> io::Result<Option<Fault>> {
        self.check_on()?;
        *count(&mut self.calls) += 1;
        let fault = self.faults.get(&self.calls.total()).copied();
        self.off = fault == Some(Fault::PowerCut);
        match fault {
            Some(Fault::InputOutput) => Err(input_output()),
            Some(Fault::NoSpace) => Err(no_space()),
            fault => Ok(fault),
        }
    }

    pub(super) fn create_dir(&mut self, dir: &Path) -> io::Result<()> {
        self.check_on()?;
        self.directories
            .extend(dir.ancestors().map(Path::to_path_buf));
        Ok(())
    }

    pub(super) fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.check_on()?;
        if !self.directories.contains(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = |path: &&PathBuf| path.parent() == Some(dir);
        let name = |path: &PathBuf| path.file_name().map(|n| n.to_string_lossy().into_owned());
        let directories = self.directories.iter().filter(inside);
        let files = self.names.keys().filter(inside);
        Ok(files.chain(directories).filter_map(name).collect())
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<usize> {
        self.check_readable(path)?;
        let file = self.names.get(path).copied();
        file.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn put(&mut self, path: &Path, contents: Vec<u8>) {
        self.files.push(Contents {
            cached: contents.clone(),
            device: contents,
            unsynced: Vec::new(),
        });
        let file = self.files.len() - 1;
        self.names.insert(path.to_owned(), file);
        self.durable_names.insert(path.to_owned(), file);
    }

    fn change_name(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }

    /// Whether `more` bytes fit beside the files that have a name.
    fn check_space(&self, more: usize) -> io::Result<()> {
        let used: usize = self
            .names
            .values()
            .map(|&f| self.files[f].cached.len())
            .sum();
        if more > 0 && (used + more) as u64 > self.capacity {
            return Err(no_space());
        }
        Ok(())
    }

    pub(super) fn create(&mut self, path: &Path, length: u64) -> io::Result<usize> {
        let fault = self.call(|calls| &mut calls.creates)?;
        let length = usize::try_from(length).map_err(|_| no_space())?;
        if !path
            .parent()
            .is_some_and(|dir| self.directories.contains(dir))
        {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.check_space(length)?;
        self.files.push(Contents {
            cached: vec![0; length],
            device: Vec::new(),
            unsynced: vec![Unsynced::Allocate(length)],
        });
        let file = self.files.len() - 1;
        self.change_name(NameChange::Link(path.to_owned(), file));
        if fault == Some(Fault::PowerCut) {
            return Err(input_output());
        }
        Ok(file)
    }

    pub(super) fn write(&mut self, file: usize, bytes: &[u8], offset: u64) -> io::Result<()> {
        let fault = self.call(|calls| &mut calls.writes)?;
        let offset = usize::try_from(offset).map_err(|_| no_space())?;
        let end = offset + bytes.len();
        self.check_space(end.saturating_sub(self.files[file].cached.len()))?;
        let change = Unsynced::Write(offset, bytes.to_vec());
        apply(&mut self.files[file].cached, &change);
        if fault != Some(Fault::Lost) {
            self.files[file].unsynced.push(change);
        }
        if fault == Some(Fault::PowerCut) {
            return Err(input_output());
        }
        Ok(())
    }

    pub(super) fn sync(&mut self, file: usize) -> io::Result<()> {
        let call = self.call(|calls| &mut calls.syncs);
        let contents = &mut self.files[file];
        if self.fail_syncs || (call.is_err() && !self.off) {
            contents.unsynced.clear();
            return Err(input_output());
        }
        match call? {
            Some(Fault::PowerCut) => return Err(input_output()),
            Some(Fault::Lost) => contents.unsynced.clear(),
            _ => {
                let changes = std::mem::take(&mut contents.unsynced);
                for change in &changes {
                    apply(&mut contents.device, change);
                }
            }
        }
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let fault = self.call(|calls| &mut calls.renames)?;
        self.find(from)
            .or_else(|error| if self.off { Ok(0) } else { Err(error) })?;
        self.change_name(NameChange::Rename(from.to_owned(), to.to_owned()));
        if fault == Some(Fault::PowerCut) {
            return Err(input_output());
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        let fault = self.call(|calls| &mut calls.removes)?;
        if !self.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.change_name(NameChange::Remove(path.to_owned()));
        if fault == Some(Fault::PowerCut) {
            return Err(input_output());
        }
        Ok(())
    }

    pub(super) fn sync_dir(&mut self, dir: &Path) -> io::Result<()> {
        let fault = self.call(|calls| &mut calls.dir_syncs)?;
        if fault == Some(Fault::PowerCut) {
            return Err(input_output());
        }
        let (here, elsewhere) = std::mem::take(&mut self.name_changes)
            .into_iter()
            .partition(|change| change.dir() == Some(dir));
        self.name_changes = elsewhere;
        if fault != Some(Fault::Lost) {
            let here: Vec<NameChange> = here;
            for change in here {
                change.apply(&mut self.durable_names);
            }
        }
        Ok(())
    }

    fn restarted(&self) -> Self {
        Self {
            files: self.reachable_files(),
            names: self.names.clone(),
            durable_names: self.durable_names.clone(),
            name_changes: self.name_changes.clone(),
            directories: self.directories.clone(),
            unreadable: self.unreadable.clone(),
            capacity: self.capacity,
            ..Self::new(self.random)
        }
    }

    /// The files, without the contents of those that no name can lead to any more.
    fn reachable_files(&self) -> Vec<Contents> {
        let linked = self.name_changes.iter().filter_map(|change| match change {
            NameChange::Link(_, file) => Some(file),
            NameChange::Rename(..) | NameChange::Remove(_) => None,
        });
        let named = self.names.values().chain(self.durable_names.values());
        let reachable: BTreeSet<&usize> = named.chain(linked).collect();
        let mut files = vec![Contents::default(); self.files.len()];
        for &&file in &reachable {
            files[file] = self.files[file].clone();
        }
        files
    }

    pub(super) fn after_kill(&self) -> Self {
        self.restarted()
    }

    pub(super) fn after_power_cut(&self) -> Self {
        let mut disk = self.restarted();
        let survive = disk.random() as usize % (disk.name_changes.len() + 1);
        for change in std::mem::take(&mut disk.name_changes).iter().take(survive) {
            change.apply(&mut disk.durable_names);
        }
        disk.names = disk.durable_names.clone();
        for file in 0..disk.files.len() {
            let mut device = std::mem::take(&mut disk.files[file].device);
            for change in std::mem::take(&mut disk.files[file].unsynced) {
                disk.survive(&mut device, &change);
            }
            disk.files[file].cached = device.clone();
            disk.files[file].device = device;
        }
        disk
    }

    /// Lets each sector of a write reach the device, or not.
    fn survive(&mut self, device: &mut Vec<u8>, change: &Unsynced) {
        // All, none, or some: the extremes are the likeliest in life and must not be rare here.
        let luck = self.random() % 4;
        match change {
            Unsynced::Allocate(_) if luck < 2 => {}
            Unsynced::Allocate(_) => apply(device, change),
            Unsynced::Write(offset, bytes) => {
                let mut start = 0;
                while start < bytes.len() {
                    let to_boundary = SECTOR_BYTES - (offset + start) % SECTOR_BYTES;
                    let end = (start + to_boundary).min(bytes.len());
                    let arrives = match luck {
                        0 => false,
                        1 => true,
                        _ => self.random().is_multiple_of(2),
                    };
                    if arrives {
                        let sector = Unsynced::Write(offset + start, bytes[start..end].to_vec());
                        apply(device, &sector);
                    }
                    start = end;
                }
            }
        }
    }
}
