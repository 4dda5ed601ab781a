//! The real file system. The only module of the workspace's engine that touches it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Advice, FallocateFlags, FlockOperation, OFlags};
use rustix::io::Errno;

use super::{DeviceFile, ReadBack, Vfs, VfsFile, VfsLock};

mod piece;

use piece::{DEVICE_READ_BYTES, Piece, ReadAhead};

/// The files of this machine.
#[derive(Clone, Copy, Default, Debug)]
pub struct OsVfs;

impl Vfs for OsVfs {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let mut missing: Vec<PathBuf> = Vec::new();
        let mut next = Some(dir);
        while let Some(path) = next.filter(|path| !path.as_os_str().is_empty() && !path.exists()) {
            missing.push(path.to_owned());
            next = path.parent();
        }
        for path in missing.iter().rev() {
            match fs::create_dir(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => self.sync_dir(parent)?,
                _ => self.sync_dir(Path::new("."))?,
            }
        }
        if !dir.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(dir)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn VfsLock>>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(Box::new(OsLock(file)))),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    fn create(&self, path: &Path, length: u64) -> io::Result<Arc<dyn VfsFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        if length > 0 {
            allocate(&file, length)?;
        }
        Ok(Arc::new(OsFile(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        Ok(Arc::new(OsFile(File::open(path)?)))
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn VfsFile>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Arc::new(OsFile(file)))
    }

    fn open_device(&self, path: &Path) -> io::Result<Box<dyn DeviceFile>> {
        let direct = OpenOptions::new()
            .read(true)
            .custom_flags(i32::try_from(OFlags::DIRECT.bits()).expect("an open flag fits 31 bits"))
            .open(path)
            .and_then(|file| OsDeviceFile::new(file, ReadBack::Direct));
        match direct {
            Ok(file) => Ok(Box::new(file)),
            // Some file systems refuse at the open, some only at the first read.
            Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => {
                let file = File::open(path)?;
                drop_cache(&file)?;
                let file = OsDeviceFile::new(file, ReadBack::CacheDropped)?;
                Ok(Box::new(file))
            }
            Err(error) => Err(error),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

/// Allocates blocks where the file system can; where it cannot, the zeros written later do it.
fn allocate(file: &File, length: u64) -> io::Result<()> {
    loop {
        match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, length) {
            Ok(()) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => return file.set_len(length),
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Tells the page cache to forget the file. Only clean pages go, hence the sync before.
fn drop_cache(file: &File) -> io::Result<()> {
    file.sync_data()?;
    rustix::fs::fadvise(file, 0, None, Advice::DontNeed)?;
    Ok(())
}

#[derive(Debug)]
struct OsLock(#[expect(dead_code, reason = "the lock goes when the file is closed")] File);

impl VfsLock for OsLock {}

#[derive(Debug)]
struct OsFile(File);

impl VfsFile for OsFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn write_at(&self, parts: &[&[u8]], mut offset: u64) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut rest = &mut slices[..];
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match rustix::io::pwritev(&self.0, rest, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    offset += written as u64;
                    IoSlice::advance_slices(&mut rest, written);
                }
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// Reads whole aligned pieces and hands out parts of the newest one.
#[derive(Debug)]
struct OsDeviceFile {
    file: Arc<File>,
    method: ReadBack,
    length: u64,
    piece: Piece,
    /// Reads the pieces behind, once they are asked for in order.
    ahead: Option<ReadAhead>,
}

impl OsDeviceFile {
    /// Reads the first piece at once, so that a refusal of `O_DIRECT` is known.
    fn new(file: File, method: ReadBack) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let mut piece = Piece::new();
        piece.read(&file, 0, length)?;
        Ok(Self {
            file: Arc::new(file),
            method,
            length,
            piece,
            ahead: None,
        })
    }

    /// Gets the piece that holds the byte at `offset`.
    fn read_piece(&mut self, offset: u64) -> io::Result<()> {
        let offset = offset - offset % DEVICE_READ_BYTES as u64;
        if offset != self.piece.bytes.end {
            self.ahead = None;
            return self.piece.read(&self.file, offset, self.length);
        }
        if self.ahead.is_none() {
            self.ahead = ReadAhead::start(&self.file, offset, self.length);
        }
        let Some(ahead) = &mut self.ahead else {
            return self.piece.read(&self.file, offset, self.length);
        };
        let read = ahead.next(&mut self.piece);
        if read.is_err() {
            self.ahead = None;
        }
        read
    }
}

impl DeviceFile for OsDeviceFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset + buffer.len() as u64;
        if end > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset + filled as u64;
            if !self.piece.bytes.contains(&at) {
                self.read_piece(at)?;
            }
            let piece = self.piece.from(at);
            let part = (buffer.len() - filled).min(piece.len());
            buffer[filled..filled + part].copy_from_slice(&piece[..part]);
            filled += part;
        }
        Ok(())
    }

    fn method(&self) -> ReadBack {
        self.method
    }
}

#[cfg(test)]
mod tests;
