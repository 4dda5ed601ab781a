//! The journal on disk: the book of original entry.
//!
//! It is a chain of frames in numbered segments. One segment is active: preallocated, filled with
//! zeros and synced ahead of time, so that an append changes no metadata. Finished segments are
//! sealed: copied without padding, with an index and checksums.

mod builder;
pub(crate) mod chain;
pub(crate) mod checksums;
mod contents;
mod event;
pub(crate) mod finished;
#[cfg(test)]
mod fixture;
mod frame;
mod index;
pub(crate) mod integer;
mod log;
pub(crate) mod meta;
pub mod names;
mod open_files;
mod payload;
mod positions;
mod reader;
mod recovery;
mod request;
pub(crate) mod scan;
pub(crate) mod seal;
pub(crate) mod sealed;
mod space;
pub(crate) mod survey;
pub(crate) mod zone;

pub(crate) use builder::Place;
pub use builder::{Closing, Frame, FrameBuilder};
pub use chain::{ChainError, Origin};
pub use contents::{FrameEvents, RecordedEvent};
pub use event::EVENT_BYTES_MAX;
pub use finished::FinishedSegments;
pub use frame::{
    BLOCK_BYTES, FORMAT_VERSION, FrameError, FrameHash, FrameHeader, FrameKind, HEADER_BYTES,
};
pub use log::{AppendError, Appended, Durable, Log, SegmentLog};
pub use meta::MetaError;
pub use payload::DecodeError;
pub use reader::{JournalReadError, JournalReader, JournalStats};
pub use recovery::{
    Beginning, Cut, Damage, Ending, JournalOptions, Opened, Progress, Recovered, RecoveryError,
    Replay, Unfit, open,
};
pub use request::{CONTEXT_FIELD_BYTES_MAX, OwnedContext, REQUEST_BYTES_MAX, RequestContext};
pub use seal::SealError;
pub use sealed::SealedError;
pub use space::{AHEAD_BYTES_MAX, Fit, PIECE_BYTES, Preparation, Space};
