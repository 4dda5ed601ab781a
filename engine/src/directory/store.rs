//! Account names in sled: two trees, one by id and one by name, and a note of a clean end.
//!
//! | tree | key | value |
//! | --- | --- | --- |
//! | `by_id` | id, 16 bytes big endian | sequence of the naming event, 8 bytes; the name |
//! | `by_name` | the name; a zero byte; the id | nothing |
//! | `note` | `closed` | see [`Note`] |
//!
//! sled recovers a prefix of what was written to it, and the note is written last, so a note that
//! is there covers everything before it.

use std::path::Path;

use ledger_core::{AccountId, Sequence};

use super::NameGiven;

const ID_BYTES: usize = 16;
const SEQUENCE_BYTES: usize = 8;
const NOTE_KEY: &[u8] = b"closed";
const NOTE_VERSION: u8 = 1;
const NOTE_BYTES: usize = 1 + 16 + 16 + 8 + 8 + 1;

/// Which database, and which history of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Identity {
    pub(crate) database: u128,
    pub(crate) epoch: u128,
}

/// What a clean end leaves behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Note {
    identity: Identity,
    /// All names given up to here are in the store.
    applied: Sequence,
    count: u64,
    /// Whether names were left out because of the limit.
    incomplete: bool,
}

pub(super) struct Store {
    db: sled::Db,
    by_id: sled::Tree,
    by_name: sled::Tree,
    note: sled::Tree,
    count: u64,
    incomplete: bool,
    names_max: u64,
}

impl Store {
    fn open(path: &Path, cache_bytes: u64, names_max: u64) -> sled::Result<Self> {
        let db = sled::Config::new()
            .path(path)
            .cache_capacity(cache_bytes)
            .mode(sled::Mode::HighThroughput)
            // What is not flushed at a clean end is rebuilt, so there is no hurry in between.
            .flush_every_ms(Some(5_000))
            .open()?;
        let by_id = db.open_tree("by_id")?;
        let by_name = db.open_tree("by_name")?;
        let note = db.open_tree("note")?;
        Ok(Self {
            db,
            by_id,
            by_name,
            note,
            count: 0,
            incomplete: false,
            names_max,
        })
    }

    /// Opens what a clean end left at exactly `applied`. `None` if what lies there is anything
    /// else: it is behind, of another history, or was not closed.
    pub(super) fn open_closed(
        path: &Path,
        cache_bytes: u64,
        names_max: u64,
        identity: Identity,
        applied: Sequence,
    ) -> sled::Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let mut store = Self::open(path, cache_bytes, names_max)?;
        let Some(note) = store
            .note
            .remove(NOTE_KEY)?
            .and_then(|bytes| Note::decode(&bytes))
        else {
            return Ok(None);
        };
        // A limit that was raised since then could leave a gap behind.
        let fits = !note.incomplete || note.count >= names_max;
        if note.identity != identity || note.applied != applied || !fits {
            return Ok(None);
        }
        store.count = note.count;
        store.incomplete = note.incomplete;
        Ok(Some(store))
    }

    /// Deletes what lies at `path` and begins anew.
    pub(super) fn make(path: &Path, cache_bytes: u64, names_max: u64) -> sled::Result<Self> {
        // The one place outside of the `Vfs` that touches files: sled's are its own, and what is
        // done to them cannot harm the journal.
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        Self::open(path, cache_bytes, names_max)
    }

    /// Applies one name. Names of one account must come in the order they were given.
    pub(super) fn apply(&mut self, given: &NameGiven) -> sled::Result<()> {
        let id = given.id.get().to_be_bytes();
        let old = self.by_id.get(id)?;
        if let Some(old) = &old {
            self.by_name.remove(name_key(name_of(old), id))?;
        }
        if given.name.is_empty() {
            if old.is_some() {
                self.by_id.remove(id)?;
                self.count -= 1;
            }
            return Ok(());
        }
        if old.is_none() {
            if self.count >= self.names_max {
                self.incomplete = true;
                return Ok(());
            }
            self.count += 1;
        }
        let mut value = Vec::with_capacity(SEQUENCE_BYTES + given.name.len());
        value.extend_from_slice(&given.sequence.get().to_le_bytes());
        value.extend_from_slice(given.name.as_bytes());
        self.by_id.insert(id, value)?;
        self.by_name
            .insert(name_key(given.name.as_bytes(), id), &[])?;
        Ok(())
    }

    /// The name of `id`, if it is the one that the event at `sequence` gave.
    pub(super) fn name(&self, id: AccountId, sequence: Sequence) -> sled::Result<Option<Box<str>>> {
        let value = self.by_id.get(id.get().to_be_bytes())?;
        Ok(value.and_then(|value| {
            let given = value.get(..SEQUENCE_BYTES)?;
            if given != sequence.get().to_le_bytes() {
                return None;
            }
            std::str::from_utf8(name_of(&value)).ok().map(Into::into)
        }))
    }

    /// Up to `limit` accounts whose name begins with `prefix`, in the order of their names.
    pub(super) fn find(
        &self,
        prefix: &str,
        limit: usize,
    ) -> sled::Result<Vec<(AccountId, Box<str>)>> {
        let mut found = Vec::new();
        for key in self.by_name.scan_prefix(prefix).keys() {
            if found.len() == limit {
                break;
            }
            let key = key?;
            let Some((name, id)) = split_name_key(&key) else {
                continue;
            };
            // A prefix that ends in zero bytes also matches the separator.
            if name.starts_with(prefix) {
                found.push((id, name.into()));
            }
        }
        Ok(found)
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) const fn incomplete(&self) -> bool {
        self.incomplete
    }

    /// Leaves a note that everything up to `applied` is in the store, and closes it.
    pub(super) fn close(self, identity: Identity, applied: Sequence) -> sled::Result<()> {
        self.db.flush()?;
        let note = Note {
            identity,
            applied,
            count: self.count,
            incomplete: self.incomplete,
        };
        self.note.insert(NOTE_KEY, note.encode())?;
        self.db.flush()?;
        Ok(())
    }
}

/// What a clean end says of a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Left {
    pub(crate) database: u128,
    pub(crate) epoch: u128,
    /// All names given up to here are in the store.
    pub(crate) applied: Sequence,
    /// Whether names were left out because of the limit.
    pub(crate) incomplete: bool,
}

/// Shows all that is in the store at `path`; `None` if it was not closed.
pub(super) fn read_closed(
    path: &Path,
    each: &mut dyn FnMut(AccountId, Sequence, &str),
) -> sled::Result<Option<Left>> {
    let store = Store::open(path, 1 << 20, 0)?;
    let note = store.note.get(NOTE_KEY)?;
    let Some(note) = note.and_then(|bytes| Note::decode(&bytes)) else {
        return Ok(None);
    };
    let corruption = || sled::Error::Corruption { at: None, bt: () };
    for entry in &store.by_id {
        let (id, value) = entry?;
        let id: [u8; ID_BYTES] = id.as_ref().try_into().map_err(|_| corruption())?;
        let (sequence, name) = value
            .split_first_chunk::<SEQUENCE_BYTES>()
            .ok_or_else(corruption)?;
        let name = std::str::from_utf8(name).map_err(|_| corruption())?;
        if store.by_name.get(name_key(name.as_bytes(), id))?.is_none() {
            return Err(corruption());
        }
        let account = AccountId::new(u128::from_be_bytes(id));
        each(account, Sequence::new(u64::from_le_bytes(*sequence)), name);
    }
    if store.by_name.len() != store.by_id.len() {
        return Err(corruption());
    }
    Ok(Some(Left {
        database: note.identity.database,
        epoch: note.identity.epoch,
        applied: note.applied,
        incomplete: note.incomplete,
    }))
}

impl Note {
    fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(NOTE_BYTES);
        bytes.push(NOTE_VERSION);
        bytes.extend_from_slice(&self.identity.database.to_le_bytes());
        bytes.extend_from_slice(&self.identity.epoch.to_le_bytes());
        bytes.extend_from_slice(&self.applied.get().to_le_bytes());
        bytes.extend_from_slice(&self.count.to_le_bytes());
        bytes.push(u8::from(self.incomplete));
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk::<1>()?;
        let (database, rest) = rest.split_first_chunk::<16>()?;
        let (epoch, rest) = rest.split_first_chunk::<16>()?;
        let (applied, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let &[incomplete] = rest else { return None };
        (version[0] == NOTE_VERSION).then(|| Self {
            identity: Identity {
                database: u128::from_le_bytes(*database),
                epoch: u128::from_le_bytes(*epoch),
            },
            applied: Sequence::new(u64::from_le_bytes(*applied)),
            count: u64::from_le_bytes(*count),
            incomplete: incomplete != 0,
        })
    }
}

fn name_of(value: &[u8]) -> &[u8] {
    value.get(SEQUENCE_BYTES..).unwrap_or_default()
}

fn name_key(name: &[u8], id: [u8; ID_BYTES]) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 1 + ID_BYTES);
    key.extend_from_slice(name);
    key.push(0);
    key.extend_from_slice(&id);
    key
}

fn split_name_key(key: &[u8]) -> Option<(&str, AccountId)> {
    let (rest, id) = key.split_last_chunk::<ID_BYTES>()?;
    let name = rest.strip_suffix(&[0])?;
    Some((
        std::str::from_utf8(name).ok()?,
        AccountId::new(u128::from_be_bytes(*id)),
    ))
}
