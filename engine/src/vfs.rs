//! The file system as the engine sees it.
//!
//! Everything that touches a disk goes through [`Vfs`]: one implementation is the real one
//! ([`OsVfs`]), the other keeps files in memory and can lose, tear, reorder, flip and refuse what
//! it is told to write ([`MemoryVfs`]).
//!
//! What the rest of the engine may assume, and no more:
//! - bytes are durable once [`VfsFile::sync`] has returned `Ok` after they were written;
//! - a created, renamed or removed name is durable once [`Vfs::sync_dir`] has returned `Ok`;
//! - until then any subset of the written sectors and any prefix of the changed names may survive;
//! - after a failed sync nothing is known, and asking again would not tell.

use std::error::Error;
use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::io::Errno;

mod memory;
mod os;

pub use memory::{Calls, MemoryVfs};
pub use os::OsVfs;

/// Whether a file could not be opened because too many are open, in this process or on this
/// machine. No file that is open is refused anything for that, and no sync fails of it.
pub(crate) fn is_out_of_files(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE)
    )
}

/// Whether reading was refused for want of something that others give back by and by: descriptors
/// or memory. It tells nothing of the file, and can be tried again.
pub(crate) fn passes(error: &io::Error) -> bool {
    is_out_of_files(error) || error.kind() == io::ErrorKind::OutOfMemory
}

/// Whether an operation failed, whatever it was, because reading was refused for want of descriptors
/// or memory. Then nothing is wrong with what was to be read, and it is worth trying again.
#[must_use]
pub fn is_passing(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source())
        .filter_map(|error| error.downcast_ref())
        .any(passes)
}

/// Whether a change was refused before anything of it was done, for want of space or descriptors.
/// It can be tried again, which after any other failure to write or to sync it must not be.
pub(crate) fn is_refused(error: &io::Error) -> bool {
    let full = matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    full || is_out_of_files(error)
}

/// Names and files of one machine.
pub trait Vfs: Debug + Send + Sync {
    /// Makes the directory and those above it, if they are missing, and makes that durable.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// The names in a directory, directories among them, in no particular order.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Locks the file at `path`, making it if it is missing, for as long as the answer lives and
    /// against every other process; `None` if another one holds it. It never waits.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn VfsLock>>>;

    /// Makes an empty file, replacing what has this name, and allocates `length` bytes for it, so
    /// that a full disk is known now; they read as zeros. The name is not durable yet.
    fn create(&self, path: &Path, length: u64) -> io::Result<Arc<dyn VfsFile>>;

    /// Opens a file for reading through the page cache.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>>;

    /// Opens a file for reading and writing. Each handle learns of a failed write-back by itself,
    /// so that threads which sync the same file need one each.
    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>>;

    /// Opens a file for reading what the device holds, past the page cache.
    fn open_device(&self, path: &Path) -> io::Result<Box<dyn DeviceFile>>;

    /// Gives a file another name, replacing what has it; a crash leaves the old or the new state.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a name.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable: all that were created, renamed and removed so far.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file. Reads and writes name their place, so that threads can share it.
pub trait VfsFile: Debug + Send + Sync {
    /// The length of the file in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Fills the whole buffer from `offset`; `UnexpectedEof` if the file ends before.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all parts, one after the other, from `offset`; completes short and interrupted
    /// writes. Nothing of it is durable yet.
    fn write_at(&self, parts: &[&[u8]], offset: u64) -> io::Result<()>;

    /// Makes what was written durable (`fdatasync`).
    fn sync(&self) -> io::Result<()>;
}

/// A file read from the device.
pub trait DeviceFile: Debug + Send {
    /// The length of the file in bytes.
    fn length(&self) -> io::Result<u64>;

    /// Fills the whole buffer from `offset`; `UnexpectedEof` if the file ends before.
    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// How the page cache is kept out of it.
    fn method(&self) -> ReadBack;
}

/// Holds a lock for as long as it lives.
pub trait VfsLock: Debug + Send + Sync {}

/// How a read is made to come from the device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadBack {
    /// `O_DIRECT`: the page cache takes no part.
    Direct,
    /// The file system refuses `O_DIRECT`: the page cache was told to drop the file's pages.
    CacheDropped,
    /// There is no device: the files are in memory.
    Memory,
}

impl ReadBack {
    /// The word that `status` shows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::CacheDropped => "cache_dropped",
            Self::Memory => "memory",
        }
    }
}
