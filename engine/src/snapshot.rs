//! Snapshots: the whole state at the end of a sealed segment, in one file.
//!
//! A snapshot is not dumped from the writer's memory. It is derived from files alone, by code that
//! shares nothing with the code that decides: the snapshot before it and the sealed segments since.
//! So taking one stalls nobody, and it is a second, independent way to every balance.
//!
//! | part | bytes | what it is |
//! | --- | --- | --- |
//! | head | 36 | see `head` |
//! | blocks | … | epochs, names, ledgers, accounts, open holds; see `block` and `entry` |
//! | foot | 268 | see `foot` |
//!
//! Everything a snapshot holds is in the journal too. One that is damaged is passed over: an older
//! one, or the first segment, gives the same state.

mod block;
mod derive;
mod entry;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod foot;
mod head;
mod keeping;
mod load;
mod on_demand;
mod pace;
mod reader;
mod verify;
mod writer;

pub use derive::{DeriveError, Difference};
pub use entry::Positioned;
pub use error::{SnapshotDamage, SnapshotError};
pub(crate) use keeping::{Keeping, Snapshots};
pub(crate) use load::load_newest;
pub use on_demand::{CreateSnapshotError, SNAPSHOT_NAME_BYTES_MAX};
pub use reader::{Accounts, Holds, Ledgers, Snapshot, SnapshotInfo};
pub use verify::verify;

#[cfg(test)]
mod tests;
