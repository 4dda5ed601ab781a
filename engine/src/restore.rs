//! Restoring: a new data directory from an old one or from a backup, up to any event or moment.
//!
//! Everything that is taken over is read frame by frame, verified as recovery verifies it, and
//! written anew, so that nothing damaged is carried along. The frames up to the restored point are
//! kept byte for byte. The frame that the point lies in is split at the end of a request: the part
//! before it becomes the first frame of a segment of its own, which ends with the event that begins
//! another epoch.
//!
//! What is restored has the name of the meta file last of all. Until then, and after a crash,
//! nothing opens it, and another attempt begins anew.

mod carry;
mod error;
mod first_frame;
mod outline;
mod plan;
mod point;
mod snapshots;
mod source;
mod target;

pub use error::RestoreError;
pub use plan::{
    RestoreOptions, RestorePlan, RestoreProgress, Restored, SourceKind, Until, plan, restore,
};
