//! The journal on disk: the book of original entry.
//!
//! It is a chain of frames in numbered segments. One segment is active: preallocated, filled with
//! zeros and synced ahead of time, so that an append changes no metadata. Finished segments are
//! sealed: copied without padding, with an index and checksums.

mod builder;
mod contents;
mod event;
mod frame;
mod integer;
pub mod names;
mod payload;
mod request;

pub use builder::{Closing, Frame, FrameBuilder};
pub use contents::{FrameEvents, RecordedEvent};
pub use event::EVENT_BYTES_MAX;
pub use frame::{
    BLOCK_BYTES, FORMAT_VERSION, FrameError, FrameHash, FrameHeader, FrameKind, HEADER_BYTES,
};
pub use payload::DecodeError;
pub use request::{CONTEXT_FIELD_BYTES_MAX, OwnedContext, REQUEST_BYTES_MAX, RequestContext};
