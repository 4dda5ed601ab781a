//! Writing a snapshot's file.
//!
//! It is written under a temporary name in pieces, each synced, read back from the device and
//! compared. Only then does it get its name, which is made durable: a snapshot that has its name
//! is whole.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Standing, StateDigest};

use super::block::{BlockBuilder, KINDS, Kind};
use super::entry::Entry;
use super::foot::{Foot, Place, Section};
use super::head::write_head;
use super::pace::{Pace, Stopped};
use crate::journal::checksums::BlockChecksums;
use crate::journal::{PIECE_BYTES, names, seal};
use crate::vfs::{Vfs, VfsFile};

/// Why a file could not be written.
#[derive(Debug)]
pub(super) enum WriteError {
    /// The file system refused.
    Io { file: PathBuf, source: io::Error },
    /// What the device holds is not what was written.
    ReadBack { file: PathBuf },
    /// Nobody wants it any more.
    Stopped,
}

impl From<Stopped> for WriteError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// A file that is written from front to back in synced pieces.
pub(super) struct Pieces<'a> {
    path: PathBuf,
    file: Arc<dyn VfsFile>,
    piece: Vec<u8>,
    written: u64,
    checksums: BlockChecksums,
    pace: &'a Pace<'a>,
}

impl<'a> Pieces<'a> {
    pub(super) fn create(
        vfs: &dyn Vfs,
        path: PathBuf,
        pace: &'a Pace<'a>,
    ) -> Result<Self, WriteError> {
        match vfs.create(&path, 0) {
            Ok(file) => Ok(Self {
                path,
                file,
                piece: Vec::new(),
                written: 0,
                checksums: BlockChecksums::new(),
                pace,
            }),
            Err(source) => Err(WriteError::Io { file: path, source }),
        }
    }

    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<(), WriteError> {
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

    fn write_piece(&mut self) -> Result<(), WriteError> {
        let written = self
            .file
            .write_at(&[&self.piece], self.written)
            .and_then(|()| self.file.sync());
        written.map_err(|source| self.io(source))?;
        self.checksums.add(&self.piece);
        self.written += self.piece.len() as u64;
        let bytes = self.piece.len() as u64;
        self.piece.clear();
        Ok(self.pace.wrote(bytes)?)
    }

    /// Writes what is left; the path and the length of the file, and the checksums of its blocks.
    pub(super) fn finish(mut self) -> Result<(PathBuf, u64, Vec<u32>), WriteError> {
        if !self.piece.is_empty() {
            self.write_piece()?;
        }
        Ok((self.path, self.written, self.checksums.finish()))
    }

    fn io(&self, source: io::Error) -> WriteError {
        WriteError::Io {
            file: self.path.clone(),
            source,
        }
    }
}

/// Writes a snapshot, entry by entry, in the order in which they stand.
pub(super) struct Writer<'a> {
    vfs: &'a dyn Vfs,
    dir: &'a Path,
    standing: Standing,
    pieces: Pieces<'a>,
    sections: [Section; KINDS],
    block: BlockBuilder,
    digest: StateDigest,
}

impl<'a> Writer<'a> {
    pub(super) fn create(
        vfs: &'a dyn Vfs,
        dir: &'a Path,
        database: u128,
        standing: Standing,
        pace: &'a Pace<'a>,
    ) -> Result<Self, WriteError> {
        let path = names::deriving(dir, standing.sequence);
        let mut pieces = Pieces::create(vfs, path, pace)?;
        pieces.write(&write_head(database, standing.sequence))?;
        let mut digest = StateDigest::new();
        digest.standing(&standing);
        Ok(Self {
            vfs,
            dir,
            standing,
            pieces,
            sections: [Section::default(); KINDS],
            block: BlockBuilder::new(Kind::Epochs),
            digest,
        })
    }

    /// Adds an entry behind those of its kind.
    pub(super) fn add<E: Entry>(&mut self, entry: &E) -> Result<(), WriteError> {
        if self.block.kind() != E::KIND {
            assert!(
                self.block.kind() < E::KIND,
                "kinds of entries stand in the order of their numbers"
            );
            self.end_block()?;
            self.block = BlockBuilder::new(E::KIND);
        }
        entry.digest(&mut self.digest);
        if self.block.add(|bytes| entry.put(bytes)) {
            self.end_block()?;
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), WriteError> {
        let section = &mut self.sections[self.block.kind().index()];
        if let Some((bytes, entries)) = self.block.finish() {
            section.bytes += bytes.len() as u64;
            section.entries += u64::from(entries);
            self.pieces.write(bytes)?;
        }
        self.block.clear();
        Ok(())
    }

    /// Finishes the file, reads it back and gives it its name.
    pub(super) fn finish(mut self, place: Place) -> Result<PathBuf, WriteError> {
        self.end_block()?;
        let foot = Foot {
            place,
            standing: self.standing,
            sections: self.sections,
            digest: self.digest.finish(),
        };
        self.pieces.write(&foot.write())?;
        let (temporary, written, checksums) = self.pieces.finish()?;
        let io = |source| WriteError::Io {
            file: temporary.clone(),
            source,
        };
        let mut device = self.vfs.open_device(&temporary).map_err(io)?;
        if !seal::reads_back(&mut *device, written, &checksums).map_err(io)? {
            return Err(WriteError::ReadBack { file: temporary });
        }
        let path = names::snapshot(self.dir, self.standing.sequence);
        self.vfs
            .rename(&temporary, &path)
            .and_then(|()| self.vfs.sync_dir(self.dir))
            .map_err(io)?;
        Ok(path)
    }
}
