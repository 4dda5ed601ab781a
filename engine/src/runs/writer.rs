//! Writing a run: postings in order become blocks, filters, an index and a footer.
//!
//! The file is written under a temporary name in pieces, each synced; it gets its name once it is
//! whole, and that is made durable. It is not read back from the device, as a sealed segment is:
//! whatever is wrong with it is noticed by its checksums when it is read, and it can be made again.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::{BlockBuilder, Room, role_of};
use super::filter::{self, KeyHasher};
use super::footer::{Covered, Footer};
use super::group::Group;
use super::index::{Fence, FilterEntry, SectionEntry};
use super::{RunError, Section};
use crate::journal::{PIECE_BYTES, names};
use crate::vfs::{Vfs, VfsFile};

/// Called after each piece that was written and synced, with its bytes; may wait, so that other
/// writes have the device to themselves for a while, and may say that it is to end.
pub(crate) type Pace<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// What is to be written.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) dir: &'a Path,
    pub(super) temporary: PathBuf,
    pub(super) covered: Covered,
    pub(super) tier: u8,
    /// Of the fingerprints in the filters, or [`filter::BLOCKED`].
    pub(super) width: u8,
}

/// Writes a run section by section, in the order of their numbers.
pub(super) struct RunWriter<'a> {
    vfs: Arc<dyn Vfs>,
    order: Order<'a>,
    path: PathBuf,
    pieces: Pieces<'a>,
    hasher: KeyHasher,
    fences: Vec<u8>,
    sections: Vec<u8>,
    filters: Vec<u8>,
    counts: Counts,
    block: BlockBuilder,
}

/// A file that is written from front to back in pieces.
struct Pieces<'a> {
    path: PathBuf,
    file: Arc<dyn VfsFile>,
    pace: Pace<'a>,
    piece: Vec<u8>,
    synced: u64,
}

impl Pieces<'_> {
    /// Where in the file the next byte goes.
    fn offset(&self) -> u64 {
        self.synced + self.piece.len() as u64
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), RunError> {
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

    fn write_piece(&mut self) -> Result<(), RunError> {
        self.file
            .write_at(&[&self.piece], self.synced)
            .and_then(|()| self.file.sync())
            .map_err(|source| self.error(source))?;
        let length = self.piece.len() as u64;
        self.synced += length;
        self.piece.clear();
        if (self.pace)(length).is_break() {
            let file = self.path.clone();
            return Err(RunError::Stopped { file });
        }
        Ok(())
    }

    fn error(&self, source: io::Error) -> RunError {
        let file = self.path.clone();
        RunError::Write { file, source }
    }
}

#[derive(Default)]
struct Counts {
    blocks: u64,
    filters: u64,
    sections: u8,
}

impl<'a> RunWriter<'a> {
    pub(super) fn create(
        vfs: &Arc<dyn Vfs>,
        order: Order<'a>,
        pace: Pace<'a>,
    ) -> Result<Self, RunError> {
        let random = || getrandom::u64().map_err(|_| RunError::Randomness);
        let hasher = KeyHasher([random()?, random()?]);
        let covered = &order.covered;
        let path = names::run(order.dir, covered.first, covered.last);
        let file = vfs.create(&order.temporary, 0);
        let file = file.map_err(|source| RunError::Write {
            file: order.temporary.clone(),
            source,
        })?;
        Ok(Self {
            vfs: Arc::clone(vfs),
            block: BlockBuilder::new(covered.first),
            pieces: Pieces {
                path: order.temporary.clone(),
                file,
                pace,
                piece: Vec::new(),
                synced: 0,
            },
            order,
            path,
            hasher,
            fences: Vec::new(),
            sections: Vec::new(),
            filters: Vec::new(),
            counts: Counts::default(),
        })
    }

    /// Begins a section. Nothing of it is written if no posting follows.
    pub(super) fn section(&mut self, section: Section) -> SectionWriter<'_, 'a> {
        SectionWriter {
            entry: SectionEntry {
                section,
                blocks: 0,
                filters: 0,
                postings: 0,
                keys: 0,
                last: (0, 0),
            },
            hashes: Vec::new(),
            hashed: (0, 0),
            newest: Newest::default(),
            run: self,
        }
    }

    /// Writes what is left, gives the file its name and makes it durable; returns its path.
    pub(super) fn finish(mut self) -> Result<PathBuf, RunError> {
        let content_bytes = self.pieces.offset();
        let mut index = std::mem::take(&mut self.fences);
        index.append(&mut self.sections);
        index.append(&mut self.filters);
        let footer = Footer {
            covered: self.order.covered.clone(),
            tier: self.order.tier,
            hasher: self.hasher,
            content_bytes,
            block_count: self.counts.blocks,
            filter_count: self.counts.filters,
            section_count: self.counts.sections,
            index_crc: crc32fast::hash(&index),
        };
        self.pieces.write(&index)?;
        self.pieces.write(&footer.write())?;
        self.pieces.write_piece()?;
        let named = self
            .vfs
            .rename(&self.order.temporary, &self.path)
            .and_then(|()| self.vfs.sync_dir(self.order.dir));
        named.map_err(|source| self.pieces.error(source))?;
        Ok(self.path)
    }
}

/// Writes the postings of a section.
pub(super) struct SectionWriter<'w, 'a> {
    run: &'w mut RunWriter<'a>,
    entry: SectionEntry,
    /// Of the keys that go into the next filter.
    hashes: Vec<u64>,
    /// The first and the last one of these keys.
    hashed: (u128, u128),
    newest: Newest,
}

/// The newest word of each role of a key.
#[derive(Clone, Copy, Default)]
struct Newest {
    key: u128,
    count: u8,
    words: [u64; 4],
}

impl SectionWriter<'_, '_> {
    /// Takes postings. Keys ascend, and so do the words of a key; what is there already is passed
    /// over.
    #[inline]
    pub(super) fn push(&mut self, group: Group<'_>) -> Result<(), RunError> {
        match self.entry.section.keeps_newest() {
            true => group
                .words()
                .try_for_each(|word| self.put_if_newest(group.key, word)),
            false => self.put(group),
        }
    }

    #[inline]
    fn put_if_newest(&mut self, key: u128, word: u64) -> Result<(), RunError> {
        if self.newest.count > 0 && self.newest.key != key {
            self.put_newest()?;
        }
        let newest = &mut self.newest;
        newest.key = key;
        let role = usize::from(role_of(word).bits());
        let same_role = |at: &usize| usize::from(role_of(newest.words[*at]).bits()) == role;
        let count = usize::from(newest.count);
        match (0..count).find(same_role) {
            // The words of a key ascend, so the newest comes last.
            Some(at) => newest.words[at..count].rotate_left(1),
            None => newest.count += 1,
        }
        newest.words[usize::from(newest.count) - 1] = word;
        Ok(())
    }

    /// Such a key stays in one block, so that one read tells all of it.
    #[inline]
    fn put_newest(&mut self) -> Result<(), RunError> {
        let newest = self.newest;
        let count = usize::from(newest.count);
        if count > 1 && !self.run.block.is_empty() && !self.run.block.has_room_for(count) {
            self.end_block()?;
        }
        for &word in &newest.words[..count] {
            self.put(Group::one(newest.key, word))?;
        }
        self.newest.count = 0;
        Ok(())
    }

    #[inline]
    fn put(&mut self, mut group: Group<'_>) -> Result<(), RunError> {
        if self.entry.postings == 0 || group.key != self.entry.last.0 {
            self.entry.keys += 1;
            if self.entry.section.has_filter() {
                self.add_to_filter(group.key)?;
            }
        } else if group.first == self.entry.last.1 {
            match group.split(0) {
                (_, Some(rest)) => group = rest,
                (_, None) => return Ok(()),
            }
        }
        self.entry.postings += u64::from(group.count);
        self.entry.last = (group.key, group.last);
        while self.run.block.push(&group) == Room::Full {
            let fits = self.run.block.room_for(group.key);
            if let Some((front, Some(rest))) = fits.map(|bytes| group.split(bytes)) {
                self.run.block.push(&front);
                group = rest;
            }
            self.end_block()?;
        }
        Ok(())
    }

    #[inline]
    fn add_to_filter(&mut self, key: u128) -> Result<(), RunError> {
        if self.hashes.len() == filter::keys_max(self.run.order.width) {
            self.end_filter()?;
        }
        if self.hashes.is_empty() {
            self.hashed.0 = key;
        }
        self.hashed.1 = key;
        self.hashes.push(self.run.hasher.hash(key));
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), RunError> {
        let run = &mut *self.run;
        let first = run.block.first();
        let bytes = run.block.finish();
        let fence = Fence {
            first,
            offset: run.pieces.offset(),
            length: u32::try_from(bytes.len()).expect("blocks are short"),
        };
        fence.write(&mut run.fences);
        run.pieces.write(bytes)?;
        run.block.clear();
        run.counts.blocks += 1;
        self.entry.blocks += 1;
        Ok(())
    }

    fn end_filter(&mut self) -> Result<(), RunError> {
        if !self.run.block.is_empty() {
            self.end_block()?;
        }
        let keys = self.hashes.len() as u64;
        let seed = self.run.hasher.0[0] ^ self.run.counts.filters;
        let (shape, bytes) = filter::build(&mut self.hashes, self.run.order.width, seed);
        let entry = FilterEntry {
            first_key: self.hashed.0,
            last_key: self.hashed.1,
            offset: self.run.pieces.offset(),
            keys,
            shape,
            crc: crc32fast::hash(&bytes),
        };
        entry.write(&mut self.run.filters);
        self.run.pieces.write(&bytes)?;
        self.run.counts.filters += 1;
        self.entry.filters += 1;
        self.hashes.clear();
        Ok(())
    }

    /// Ends the section.
    pub(super) fn finish(mut self) -> Result<(), RunError> {
        if self.newest.count > 0 {
            self.put_newest()?;
        }
        if self.entry.postings == 0 {
            return Ok(());
        }
        if !self.run.block.is_empty() {
            self.end_block()?;
        }
        if !self.hashes.is_empty() {
            self.end_filter()?;
        }
        self.entry.write(&mut self.run.sections);
        self.run.counts.sections += 1;
        Ok(())
    }
}
