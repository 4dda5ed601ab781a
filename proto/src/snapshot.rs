//! Snapshots on the wire.

use ledger_core::{Sequence, Timestamp};

use crate::{FieldPath, Malformed, v1};

/// A file with the whole state after one event, derived from the journal's files alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The event.
    pub sequence: Sequence,
    /// Its journal time.
    pub time: Timestamp,
    /// What it was named; a named snapshot is kept.
    pub names: Vec<Box<str>>,
    /// The name of the file in the data directory.
    pub file: Box<str>,
    /// The length of the file.
    pub bytes: u64,
    /// Accounts in it.
    pub accounts: u64,
    /// Transfers that were created up to it.
    pub transfers: u64,
    /// Open reservations in it.
    pub open_holds: u64,
    /// The digest of the state: the same state has the same digest, wherever it was derived.
    pub digest: [u8; 32],
}

impl From<&Snapshot> for v1::Snapshot {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            sequence: snapshot.sequence.get(),
            time: snapshot.time.get(),
            names: snapshot.names.iter().map(ToString::to_string).collect(),
            file: snapshot.file.to_string(),
            bytes: snapshot.bytes,
            accounts: snapshot.accounts,
            transfers: snapshot.transfers,
            open_holds: snapshot.open_holds,
            digest: snapshot.digest.to_vec(),
        }
    }
}

impl v1::Snapshot {
    /// The snapshot; `at` names it where it is malformed.
    ///
    /// # Errors
    /// Its digest is not 32 bytes.
    pub fn read(self, at: FieldPath) -> Result<Snapshot, Malformed> {
        let digest = <[u8; 32]>::try_from(&self.digest[..]).map_err(|_| Malformed::Unfitting {
            at: at.with("digest"),
        })?;
        Ok(Snapshot {
            sequence: Sequence::new(self.sequence),
            time: Timestamp::new(self.time),
            names: self.names.into_iter().map(String::into_boxed_str).collect(),
            file: self.file.into_boxed_str(),
            bytes: self.bytes,
            accounts: self.accounts,
            transfers: self.transfers,
            open_holds: self.open_holds,
            digest,
        })
    }
}

#[cfg(test)]
mod tests;
