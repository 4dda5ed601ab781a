//! Writing a sealed file: its bytes in pieces, the comparison with the device, and its name.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::beside::Beside;
use super::{SealError, Summary, reads_back};
use crate::journal::checksums::BlockChecksums;
use crate::journal::names;
use crate::journal::sealed::Footer;
use crate::journal::space::PIECE_BYTES;
use crate::vfs::{ReadBack, Vfs, VfsFile};

/// Writes a sealed file.
#[derive(Debug)]
pub(crate) struct SealedWriter {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    number: u64,
    /// What is not written yet.
    piece: Vec<u8>,
    progress: Progress,
}

/// How far the file is, and who writes it.
#[derive(Debug)]
enum Progress {
    Here(Contents),
    Beside(Beside),
    /// It is written, and the device holds it.
    Compared(ReadBack),
    /// An error was told of.
    Failed,
}

/// The file under its temporary name.
#[derive(Debug)]
pub(super) struct Contents {
    vfs: Arc<dyn Vfs>,
    path: PathBuf,
    /// The name that it is to get.
    sealed: PathBuf,
    file: Arc<dyn VfsFile>,
    written: u64,
    /// Of the file as it was written.
    checksums: BlockChecksums,
}

impl SealedWriter {
    pub(crate) fn create(vfs: &Arc<dyn Vfs>, dir: &Path, number: u64) -> Result<Self, SealError> {
        let path = names::sealing(dir, number);
        let file = match vfs.create(&path, 0) {
            Ok(file) => file,
            Err(source) => return Err(SealError::Io { file: path, source }),
        };
        let contents = Contents {
            vfs: Arc::clone(vfs),
            path,
            sealed: names::sealed(dir, number),
            file,
            written: 0,
            checksums: BlockChecksums::new(),
        };
        Ok(Self {
            vfs: Arc::clone(vfs),
            dir: dir.to_owned(),
            number,
            piece: Vec::new(),
            progress: Progress::Here(contents),
        })
    }

    /// Has a thread of its own do from here on what waits for the disk. The
    /// pieces are synced together at the end, since nobody else is to be served meanwhile.
    pub(crate) fn write_beside(&mut self) -> Result<(), SealError> {
        self.progress = match std::mem::replace(&mut self.progress, Progress::Failed) {
            Progress::Here(contents) => {
                let file = contents.path.clone();
                let started = Beside::start(contents);
                Progress::Beside(started.map_err(|source| SealError::Io { file, source })?)
            }
            other => other,
        };
        Ok(())
    }

    /// How much of the file is written and synced, where that is done here.
    pub(super) fn written(&self) -> u64 {
        match &self.progress {
            Progress::Here(contents) => contents.written,
            _ => 0,
        }
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> Result<(), SealError> {
        while !bytes.is_empty() {
            let room = PIECE_BYTES as usize - self.piece.len();
            let (part, rest) = bytes.split_at(bytes.len().min(room));
            self.piece.extend_from_slice(part);
            bytes = rest;
            if self.piece.len() == PIECE_BYTES as usize {
                self.write_piece()?;
            }
        }
        Ok(())
    }

    /// Ends the file with what its frames come to, and has it compared with what the device holds.
    /// It gives up the memory for pieces, since it may be a while until the file gets its name.
    pub(crate) fn end(&mut self, summary: Summary) -> Result<Footer, SealError> {
        let (footer, sections) = summary.finish();
        self.write(&sections)?;
        self.write(&footer.write())?;
        self.write_piece()?;
        self.piece = Vec::new();
        match std::mem::replace(&mut self.progress, Progress::Failed) {
            Progress::Here(contents) => self.progress = Progress::Compared(contents.compare()?),
            Progress::Beside(mut beside) => {
                beside.end();
                self.progress = Progress::Beside(beside);
            }
            other => self.progress = other,
        }
        Ok(footer)
    }

    /// Gives the file its name, once it is compared.
    pub(crate) fn name(self) -> Result<ReadBack, SealError> {
        let read_back = match self.progress {
            Progress::Beside(beside) => {
                let compared = beside.wait()?;
                compared.expect("a file that has come to its end is compared")
            }
            Progress::Compared(read_back) => read_back,
            Progress::Here(_) | Progress::Failed => {
                unreachable!("a sealed file gets its name when it has come to its end")
            }
        };
        let sealed = names::sealed(&self.dir, self.number);
        self.vfs
            .rename(&names::sealing(&self.dir, self.number), &sealed)
            .and_then(|()| self.vfs.sync_dir(&self.dir))
            .map_err(|source| SealError::Name {
                file: sealed,
                source,
            })?;
        Ok(read_back)
    }

    fn write_piece(&mut self) -> Result<(), SealError> {
        match &mut self.progress {
            Progress::Here(contents) => {
                contents.write(&self.piece)?;
                contents.sync()?;
                self.piece.clear();
                Ok(())
            }
            Progress::Beside(beside) => {
                if beside.write(&mut self.piece) {
                    return Ok(());
                }
                match std::mem::replace(&mut self.progress, Progress::Failed) {
                    Progress::Beside(beside) => beside.wait().map(drop),
                    _ => Ok(()),
                }
            }
            Progress::Compared(_) | Progress::Failed => {
                unreachable!("nothing is written behind the end of a sealed file")
            }
        }
    }
}

impl Contents {
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<(), SealError> {
        let written = self.file.write_at(&[piece], self.written);
        written.map_err(|source| self.error(source))?;
        self.checksums.add(piece);
        self.written += piece.len() as u64;
        Ok(())
    }

    pub(super) fn sync(&self) -> Result<(), SealError> {
        self.file.sync().map_err(|source| self.error(source))
    }

    /// Compares what the device holds with what was written and synced.
    pub(super) fn compare(self) -> Result<ReadBack, SealError> {
        let error = |source| self.error(source);
        let mut device = self.vfs.open_device(&self.path).map_err(error)?;
        let method = device.method();
        let file = self.sealed.clone();
        let checksums = self.checksums.finish();
        match reads_back(&mut *device, self.written, &checksums) {
            Ok(true) => Ok(method),
            Ok(false) => Err(SealError::ReadBack { file }),
            Err(source) => Err(SealError::Io { file, source }),
        }
    }

    fn error(&self, source: io::Error) -> SealError {
        SealError::Io {
            file: self.sealed.clone(),
            source,
        }
    }
}
