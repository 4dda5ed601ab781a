//! The files of sealed segments that are open: a few, however many segments there are.
//!
//! A file is opened when somebody reads it and then kept open, until others were read since.
//! Whoever reads has a handle of its own to the end, whether the file is still kept or not. So the
//! journal has at most [`FILES_MAX`] descriptors, and one for each thread that reads.
//!
//! Where no file can be opened because too many are, the descriptors that are kept here serve as a
//! reserve: one that nobody uses is given up for the one that is wanted.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::vfs::{Vfs, VfsFile, is_out_of_files};

/// How many files are kept open.
pub(super) const FILES_MAX: usize = 64;
/// How often is tried to open a file while too many are open: for a second altogether.
const ATTEMPTS_MAX: u32 = 100;
/// How long after such a refusal it is tried again, if there was nothing to give up.
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// See the module.
#[derive(Debug)]
pub(super) struct OpenFiles {
    vfs: Arc<dyn Vfs>,
    /// The one that was used last stands last.
    kept: Mutex<Vec<Kept>>,
}

/// An open file.
#[derive(Debug)]
struct Kept {
    segment: u64,
    file: Arc<dyn VfsFile>,
}

impl OpenFiles {
    pub(super) fn new(vfs: Arc<dyn Vfs>) -> Self {
        Self {
            vfs,
            kept: Mutex::default(),
        }
    }

    /// The sealed file of a segment, at `path`. Files are opened while others go on reading, so
    /// two threads may open the same one; then the second handle lasts as long as it is used.
    pub(super) fn open(&self, segment: u64, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        if let Some(file) = self.find(segment) {
            return Ok(file);
        }
        let file = self.open_anew(path)?;
        drop(self.keep(segment, &file));
        Ok(file)
    }

    fn find(&self, segment: u64) -> Option<Arc<dyn VfsFile>> {
        let mut kept = self.kept();
        let place = kept.iter().position(|kept| kept.segment == segment)?;
        kept[place..].rotate_left(1);
        kept.last().map(|kept| Arc::clone(&kept.file))
    }

    /// Keeps a file open; the one that has to make room for it is to be closed.
    fn keep(&self, segment: u64, file: &Arc<dyn VfsFile>) -> Option<Kept> {
        let mut kept = self.kept();
        if kept.iter().any(|kept| kept.segment == segment) {
            return None;
        }
        let oldest = (kept.len() >= FILES_MAX).then(|| kept.remove(0));
        let file = Arc::clone(file);
        kept.push(Kept { segment, file });
        oldest
    }

    fn open_anew(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        for _ in 0..ATTEMPTS_MAX {
            match self.vfs.open(path) {
                Err(error) if is_out_of_files(&error) => {}
                opened => return opened,
            }
            match self.give_up_unused() {
                Some(unused) => drop(unused),
                None => std::thread::sleep(RETRY_AFTER),
            }
        }
        self.vfs.open(path)
    }

    /// The file that nobody has used for longest, which is to be closed.
    fn give_up_unused(&self) -> Option<Kept> {
        let mut kept = self.kept();
        // Only here are handles given out, so nobody comes by one meanwhile.
        let is_unused = |kept: &Kept| Arc::strong_count(&kept.file) == 1;
        let place = kept.iter().position(is_unused)?;
        Some(kept.remove(place))
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
