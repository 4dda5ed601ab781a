//! Index runs: from ids, accounts and other keys to the events that they occur in.
//!
//! A run covers the events of some neighbouring segments. It is a file of sorted, compressed and
//! checksummed [`Posting`]s, a [`Section`] for each kind of key, and is never changed: neighbours
//! are merged into a new one. What its blocks hold is found by the fences, and what it does not
//! hold is mostly known by the filters; both are in memory, everything else is on disk.
//!
//! Nothing in a run is not in the journal too. A damaged one can be thrown away and made again,
//! but it must never be taken for one in which a key is missing.

mod block;
mod builder;
mod error;
mod filter;
#[cfg(test)]
pub(crate) mod fixture;
mod footer;
mod gathering;
mod group;
mod index;
mod merge;
mod number;
mod policy;
mod postings;
mod run;
mod scan;
mod set;
mod sorting;
mod writer;

pub(crate) use builder::{RunBuilder, SegmentPlace};
pub use error::{RunDamage, RunError, RunPart};
pub(crate) use footer::Covered;
pub(crate) use merge::merge;
pub(crate) use policy::Merge;
pub(crate) use postings::{Posting, Postings, Role, Section, postings, reference_key};
pub(crate) use run::Run;
pub(crate) use set::RunSet;

#[cfg(test)]
mod tests;
