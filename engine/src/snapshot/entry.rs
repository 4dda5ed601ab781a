//! Entries of a snapshot's blocks.
//!
//! `int` is a number of variable length as in the journal, ids are 16 bytes, a text is one byte of
//! length and its bytes. A bit of the presence field that is not set means that the field is zero
//! (or absent) and takes no byte.
//!
//! Account, in the order of ids:
//!
//! | field | form | bit of presence |
//! | --- | --- | --- |
//! | id | 16 bytes | |
//! | position | 4 bytes: its rank in the order of creation, from 0 | |
//! | fingerprint | 16 bytes: of the creation as it was asked for | |
//! | presence | 2 bytes | |
//! | code | 2 bytes | |
//! | ledger, created, timestamp | int each | |
//! | flags | int | 0 |
//! | user data 128, 64, 32 | int each | 1, 2, 3 |
//! | overdraft limit, balance max | int each | 4, 5 |
//! | debits pending, debits posted, credits pending, credits posted | int each | 6, 7, 8, 9 |
//! | changed, if it is not created | int | 10 |
//! | named | int | 11 |
//!
//! Open hold, in the order of the events that made them:
//!
//! | field | form | bit of presence |
//! | --- | --- | --- |
//! | id, debit account id, credit account id | 16 bytes each | |
//! | presence | 2 bytes | |
//! | code | 2 bytes | |
//! | ledger, flags, amount, rest, timestamp, sequence | int each | |
//! | posted | int | 0 |
//! | group id | 16 bytes | 1 |
//! | user data 128, 64, 32 | int each | 2, 3, 4 |
//! | reference | text | 5 |
//! | expires at | int | 6 |
//!
//! Ledger, in the order of ids: id (int) · scale (int) · accounts (int) · transfers (int) · debits
//! pending, debits posted, credits pending, credits posted (the bits above 128 as int and the low
//! ones as int, each) · code (text).
//!
//! Epoch, in the order of their beginnings: epoch (16 bytes) · parent (16 bytes; 0 for the first)
//! · fork (int: the last event before it). Name, in order: text.

use ledger_core::{EpochBegan, Sequence, StateDigest};

use super::block::Kind;
use crate::Lineage;
use crate::journal::DecodeError;
use crate::journal::integer::{Cursor, INTEGER_BYTES_MAX, put_integer};

mod account;
mod hold;
mod ledger;

pub use account::Positioned;

/// What a block consists of.
pub(super) trait Entry: Sized {
    /// What entries of one kind are sorted by.
    type Key;
    /// The kind of the blocks that hold such entries.
    const KIND: Kind;

    /// What this one is sorted by.
    fn key(&self) -> Self::Key;

    /// Whether it may stand after the one with the key `before`.
    fn follows(&self, before: &Self::Key) -> bool;

    /// Adds it to the digest of the state, if it is a part of that.
    fn digest(&self, digest: &mut StateDigest);

    /// Writes it behind `bytes`.
    fn put(&self, bytes: &mut Vec<u8>);

    /// Reads the next one.
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError>;
}

/// A stretch of the database's history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Epoch {
    epoch: u128,
    /// The one before it; zero for the first.
    parent: u128,
    /// The last event before it; zero for the first.
    fork: Sequence,
}

impl Epoch {
    /// The epochs of a history, the first one first.
    pub(super) fn all(lineage: &Lineage) -> Vec<Self> {
        let branches = lineage.branches();
        let first = branches
            .first()
            .map_or(lineage.epoch(), |branch| branch.parent);
        let first = Self {
            epoch: first,
            parent: 0,
            fork: Sequence::ZERO,
        };
        let others = branches.iter().map(|branch| Self {
            epoch: branch.epoch,
            parent: branch.parent,
            fork: branch.fork,
        });
        [first].into_iter().chain(others).collect()
    }

    /// The history that these make up, the first one first.
    pub(super) fn lineage(epochs: &[Self]) -> Option<Lineage> {
        let (first, others) = epochs.split_first()?;
        let mut lineage = Lineage::new(first.epoch);
        for other in others {
            lineage.begin(EpochBegan {
                epoch: other.epoch,
                parent: other.parent,
                fork: other.fork,
            });
        }
        Some(lineage)
    }
}

impl Entry for Epoch {
    type Key = Self;
    const KIND: Kind = Kind::Epochs;

    fn key(&self) -> Self {
        *self
    }

    /// A restore to before the first event begins where the first epoch did.
    fn follows(&self, before: &Self) -> bool {
        self.parent == before.epoch && self.fork >= before.fork
    }

    fn digest(&self, _: &mut StateDigest) {}

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.epoch.to_le_bytes());
        bytes.extend(self.parent.to_le_bytes());
        put_int(bytes, self.fork.get().into());
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            epoch: cursor.u128()?,
            parent: cursor.u128()?,
            fork: Sequence::new(cursor.narrow()?),
        })
    }
}

/// A name that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Name(pub(super) Box<str>);

impl Entry for Name {
    type Key = Box<str>;
    const KIND: Kind = Kind::Names;

    fn key(&self) -> Box<str> {
        self.0.clone()
    }

    fn follows(&self, before: &Box<str>) -> bool {
        self.0 > *before
    }

    fn digest(&self, _: &mut StateDigest) {}

    fn put(&self, bytes: &mut Vec<u8>) {
        put_text(bytes, &self.0);
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        read_text(cursor).map(Self)
    }
}

pub(super) fn put_int(bytes: &mut Vec<u8>, value: u128) {
    let mut form = [0; 2 * INTEGER_BYTES_MAX];
    let mut end = 0;
    put_integer(&mut form, &mut end, value);
    bytes.extend_from_slice(&form[..end]);
}

pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let length = u8::try_from(text.len()).expect("a text is at most 255 bytes long");
    bytes.push(length);
    bytes.extend_from_slice(text.as_bytes());
}

pub(super) fn read_text(cursor: &mut Cursor<'_>) -> Result<Box<str>, DecodeError> {
    let length = usize::from(cursor.u8()?);
    cursor.text(length).map(Box::from)
}

/// Insists that a field that is said to be present is not zero.
pub(super) fn present<T: PartialEq + Default>(value: T) -> Result<T, DecodeError> {
    if value == T::default() {
        return Err(DecodeError::NotCanonical);
    }
    Ok(value)
}
