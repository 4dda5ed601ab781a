//! Keeping the index: the runs that are live, and making those that are missing.
//!
//! A run is made of a segment as this is sealed. Where one is missing, because it could not be
//! written or turned out to be damaged, it is made again from the sealed segments, and until then
//! the index reaches no further than to the gap: what a missing run would say is never guessed.

mod indexer;
mod live;

pub(crate) use indexer::{Indexed, Indexer};
pub(crate) use live::LiveRuns;
