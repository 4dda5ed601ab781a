//! Files that exist for as long as a derivation takes.

use std::path::PathBuf;

use super::error::DeriveError;
use super::span::Span;
use crate::journal::names;
use crate::snapshot::block::BlockBuilder;
use crate::snapshot::entry::Entry;
use crate::snapshot::pace::Pace;
use crate::snapshot::reader::Entries;
use crate::snapshot::writer::Pieces;
use crate::vfs::Vfs;

/// Makes sorted files under temporary names, and removes them when the derivation ends.
pub(super) struct Scratch<'a> {
    vfs: &'a dyn Vfs,
    pub(super) span: Span,
    pub(super) pace: &'a Pace<'a>,
    parts: u32,
    paths: Vec<PathBuf>,
}

/// A sorted file.
#[derive(Debug)]
pub(super) struct Sorted {
    path: PathBuf,
    bytes: u64,
    entries: u64,
}

impl<'a> Scratch<'a> {
    pub(super) fn new(vfs: &'a dyn Vfs, span: Span, pace: &'a Pace<'a>) -> Self {
        Self {
            vfs,
            span,
            pace,
            parts: 0,
            paths: Vec::new(),
        }
    }

    /// Writes entries, which come in their order, to a file of their own.
    pub(super) fn sort_out<E: Entry>(
        &mut self,
        mut entries: impl Iterator<Item = Result<E, DeriveError>>,
    ) -> Result<Sorted, DeriveError> {
        self.parts += 1;
        let path = names::sorting(&self.span.dir, self.span.through, self.parts);
        self.paths.push(path.clone());
        let mut pieces = Pieces::create(self.vfs, path, self.pace)?;
        let mut block = BlockBuilder::new(E::KIND);
        let mut count = 0;
        entries.try_for_each(|entry| {
            let entry = entry?;
            count += 1;
            if block.add(|bytes| entry.put(bytes)) {
                end_block(&mut block, &mut pieces)?;
            }
            Ok::<(), DeriveError>(())
        })?;
        end_block(&mut block, &mut pieces)?;
        let (path, bytes, _) = pieces.finish()?;
        Ok(Sorted {
            path,
            bytes,
            entries: count,
        })
    }

    /// Reads a file back.
    pub(super) fn read<E: Entry>(&self, sorted: &Sorted) -> Result<Entries<E>, DeriveError> {
        let file = self.vfs.open(&sorted.path);
        let file = file.map_err(|source| DeriveError::Io {
            file: sorted.path.clone(),
            source,
        })?;
        let path = sorted.path.clone();
        Ok(Entries::new(path, file, 0..sorted.bytes, sorted.entries))
    }

    /// Removes a file that is no longer needed. If that fails, the next start does it.
    pub(super) fn discard(&mut self, sorted: Sorted) {
        self.paths.retain(|path| *path != sorted.path);
        drop(self.vfs.remove(&sorted.path));
    }
}

fn end_block(block: &mut BlockBuilder, pieces: &mut Pieces<'_>) -> Result<(), DeriveError> {
    if let Some((bytes, _)) = block.finish() {
        pieces.write(bytes)?;
    }
    block.clear();
    Ok(())
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        for path in &self.paths {
            drop(self.vfs.remove(path));
        }
    }
}
