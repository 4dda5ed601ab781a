//! Reading a snapshot's file.

use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Hold, Ledger, Sequence, Standing, Timestamp};

use super::block::{BLOCK_HEAD_BYTES, Kind, block_bytes, check_block};
use super::entry::{Entry, Epoch, Name, Positioned};
use super::error::{SnapshotDamage, SnapshotError};
use super::foot::{FOOT_BYTES, Foot, Place};
use super::head::{HEAD_BYTES, check_head, write_head};
use crate::Lineage;
use crate::journal::integer::Cursor;
use crate::journal::{FrameHash, Origin};
use crate::vfs::{Vfs, VfsFile};

/// How much is read at once: a few blocks.
const READ_BYTES: u64 = 1 << 20;

/// What is known of a snapshot without reading it whole.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct SnapshotInfo {
    /// Where it is.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What it was called by those who asked for it. One with a name is kept until it is removed.
    pub names: Vec<Box<str>>,
    /// The database.
    pub database: u128,
    /// The epoch at its end.
    pub epoch: u128,
    /// The newest event in it.
    pub sequence: Sequence,
    /// The journal time at the closing of the last frame in it.
    pub time: Timestamp,
    /// The sealed segment with which it ends.
    pub segment: u64,
    /// The hash of the last frame in it.
    pub frame_hash: FrameHash,
    /// Ledgers in it.
    pub ledgers: u64,
    /// Accounts in it.
    pub accounts: u64,
    /// Holds that were open.
    pub open_holds: u64,
    /// Transfers created until then.
    pub transfers: u64,
    /// The digest of the state: that of a state which replayed the same events.
    pub digest: [u8; 32],
}

/// A snapshot whose ends verified. What is between them is verified as it is read.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    file: Arc<dyn VfsFile>,
    foot: Foot,
    bytes: u64,
    lineage: Lineage,
    names: Vec<Box<str>>,
}

impl Snapshot {
    /// Opens the snapshot at `path`.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn open(vfs: &dyn Vfs, path: &Path) -> Result<Self, SnapshotError> {
        let io = SnapshotError::io(path);
        let damaged = |offset| {
            move |source| SnapshotError::Damaged {
                file: path.to_owned(),
                offset,
                source,
            }
        };
        let file = vfs.open(path).map_err(&io)?;
        let bytes = file.length().map_err(&io)?;
        let length = |found, expected| SnapshotDamage::Length { found, expected };
        let shortest = (HEAD_BYTES + FOOT_BYTES) as u64;
        if bytes < shortest {
            return Err(damaged(bytes)(length(bytes, shortest)));
        }
        let (mut head, mut foot) = ([0; HEAD_BYTES], [0; FOOT_BYTES]);
        let foot_at = bytes - FOOT_BYTES as u64;
        file.read_at(&mut head, 0).map_err(&io)?;
        file.read_at(&mut foot, foot_at).map_err(&io)?;
        check_head(&head).map_err(damaged(0))?;
        let foot = Foot::read(&foot).map_err(damaged(foot_at))?;
        if head != write_head(foot.place.database, foot.standing.sequence) {
            return Err(damaged(0)(SnapshotDamage::Counts));
        }
        if foot.file_bytes() != Some(bytes) {
            let expected = foot.file_bytes().unwrap_or(u64::MAX);
            return Err(damaged(foot_at)(length(bytes, expected)));
        }
        let mut snapshot = Self {
            path: path.to_owned(),
            file,
            foot,
            bytes,
            lineage: Lineage::new(0),
            names: Vec::new(),
        };
        let epochs: Vec<Epoch> = snapshot.entries().collect::<Result<_, _>>()?;
        let lineage = Epoch::lineage(&epochs);
        snapshot.lineage = lineage
            .filter(|lineage| lineage.epoch() == snapshot.foot.place.epoch)
            .ok_or_else(|| damaged(HEAD_BYTES as u64)(SnapshotDamage::Counts))?;
        snapshot.names = snapshot
            .entries::<Name>()
            .map(|name| name.map(|Name(name)| name))
            .collect::<Result<_, _>>()?;
        Ok(snapshot)
    }

    /// What is known of it without reading it whole.
    #[must_use]
    pub fn info(&self) -> SnapshotInfo {
        let (place, standing) = (&self.foot.place, &self.foot.standing);
        SnapshotInfo {
            file: self.path.clone(),
            bytes: self.bytes,
            names: self.names.clone(),
            database: place.database,
            epoch: place.epoch,
            sequence: standing.sequence,
            time: standing.time,
            segment: place.segment,
            frame_hash: place.hash,
            ledgers: self.count(Kind::Ledgers),
            accounts: self.count(Kind::Accounts),
            open_holds: self.count(Kind::Holds),
            transfers: standing.transfers,
            digest: self.foot.digest,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The counters of the state.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.foot.standing
    }

    /// The history that led to it.
    #[must_use]
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// What it was called.
    #[must_use]
    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// The ledgers, in the order of their ids.
    #[must_use]
    pub fn ledgers(&self) -> Ledgers {
        Ledgers(self.entries())
    }

    /// The accounts, in the order of their ids.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts(self.entries())
    }

    /// The open holds, in the order of the events that made them.
    #[must_use]
    pub fn holds(&self) -> Holds {
        Holds(self.entries())
    }

    /// Where in the journal it stands: the events behind are those that it does not hold.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let (place, standing) = (&self.foot.place, &self.foot.standing);
        Origin {
            database: place.database,
            lineage: self.lineage.clone(),
            segment: place.segment,
            hash: place.hash,
            last_frame: place.last_frame,
            sequence: standing.sequence,
            time: standing.time,
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.foot.place
    }

    fn count(&self, kind: Kind) -> u64 {
        self.foot.sections[kind.index()].entries
    }

    fn entries<E: Entry>(&self) -> Entries<E> {
        let sections = &self.foot.sections;
        let before = sections[..E::KIND.index()].iter();
        let start = before.fold(HEAD_BYTES as u64, |sum, section| sum + section.bytes);
        let section = &sections[E::KIND.index()];
        let (path, file) = (self.path.clone(), Arc::clone(&self.file));
        Entries::new(path, file, start..start + section.bytes, section.entries)
    }
}

/// Reads the entries of one kind, verifying each block and their order. After an error it ends.
#[derive(Debug)]
pub(super) struct Entries<E: Entry> {
    path: PathBuf,
    file: Arc<dyn VfsFile>,
    /// Where in the file the buffer ends.
    at: u64,
    end: u64,
    /// Entries that are still to come.
    left: u64,
    buffer: Vec<u8>,
    /// Where in the buffer the next block begins.
    next: usize,
    /// What is left of this block in the buffer.
    block: Range<usize>,
    block_left: u32,
    before: Option<E::Key>,
    failed: bool,
    entry: PhantomData<E>,
}

impl<E: Entry> Entries<E> {
    /// Reads so many entries from the blocks in these bytes of a file.
    pub(super) fn new(
        path: PathBuf,
        file: Arc<dyn VfsFile>,
        bytes: Range<u64>,
        entries: u64,
    ) -> Self {
        Self {
            path,
            file,
            at: bytes.start,
            end: bytes.end,
            left: entries,
            buffer: Vec::new(),
            next: 0,
            block: 0..0,
            block_left: 0,
            before: None,
            failed: false,
            entry: PhantomData,
        }
    }

    /// Where in the file a place in the buffer is.
    fn offset(&self, at: usize) -> u64 {
        self.at - (self.buffer.len() - at) as u64
    }

    fn damaged(&self, at: usize, source: SnapshotDamage) -> SnapshotError {
        SnapshotError::Damaged {
            file: self.path.clone(),
            offset: self.offset(at),
            source,
        }
    }

    /// Sees to it that the buffer holds `bytes` from the next block on.
    fn fill(&mut self, bytes: usize) -> Result<(), SnapshotError> {
        let there = self.buffer.len() - self.next;
        if there >= bytes {
            return Ok(());
        }
        let wanted = (self.end - self.at).min(READ_BYTES);
        self.buffer.drain(..self.next);
        self.next = 0;
        self.buffer.resize(there + wanted as usize, 0);
        let read = self.file.read_at(&mut self.buffer[there..], self.at);
        read.map_err(SnapshotError::io(&self.path))?;
        self.at += wanted;
        if self.buffer.len() < bytes {
            return Err(self.damaged(0, SnapshotDamage::Counts));
        }
        Ok(())
    }

    /// Goes on to the next block; whether there is one.
    fn next_block(&mut self) -> Result<bool, SnapshotError> {
        if self.next == self.buffer.len() && self.at == self.end {
            return match self.left {
                0 => Ok(false),
                _ => Err(self.damaged(self.next, SnapshotDamage::Counts)),
            };
        }
        self.fill(BLOCK_HEAD_BYTES)?;
        let head = self.buffer[self.next..].first_chunk();
        let bytes = block_bytes(head.expect("the buffer was filled"))
            .map_err(|damage| self.damaged(self.next, damage))?;
        self.fill(bytes)?;
        let end = self.next + bytes;
        let entries = check_block(&self.buffer[self.next..end], E::KIND)
            .map_err(|damage| self.damaged(self.next, damage))?;
        self.left = self
            .left
            .checked_sub(u64::from(entries))
            .ok_or_else(|| self.damaged(self.next, SnapshotDamage::Counts))?;
        self.block = self.next + BLOCK_HEAD_BYTES..end;
        self.block_left = entries;
        self.next = end;
        Ok(true)
    }

    fn next_entry(&mut self) -> Result<Option<E>, SnapshotError> {
        if self.block_left == 0 && !self.next_block()? {
            return Ok(None);
        }
        let mut cursor = Cursor::new(&self.buffer[self.block.clone()]);
        let entry = E::read(&mut cursor).and_then(|entry| {
            if self.block_left == 1 {
                cursor.finish()?;
            }
            Ok(entry)
        });
        let rest = cursor.remaining();
        let at = self.block.start;
        let entry = entry.map_err(|error| self.damaged(at, SnapshotDamage::Entry(error)))?;
        if self.before.as_ref().is_some_and(|key| !entry.follows(key)) {
            return Err(self.damaged(at, SnapshotDamage::Order));
        }
        self.before = Some(entry.key());
        self.block.start = self.block.end - rest;
        self.block_left -= 1;
        Ok(Some(entry))
    }
}

impl<E: Entry> Iterator for Entries<E> {
    type Item = Result<E, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let entry = self.next_entry();
        self.failed = !matches!(entry, Ok(Some(_)));
        entry.transpose()
    }
}

/// The ledgers of a snapshot, in the order of their ids. After an error it ends.
#[derive(Debug)]
pub struct Ledgers(Entries<Ledger>);

/// The accounts of a snapshot, in the order of their ids. After an error it ends.
#[derive(Debug)]
pub struct Accounts(Entries<Positioned>);

/// The open holds of a snapshot, in the order of the events that made them. After an error it
/// ends.
#[derive(Debug)]
pub struct Holds(Entries<Hold>);

impl Iterator for Ledgers {
    type Item = Result<Ledger, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl Iterator for Accounts {
    type Item = Result<Positioned, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl Iterator for Holds {
    type Item = Result<Hold, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
