//! Sealing in the background: what the log has left is read back from the device, packed and
//! checked, while the log goes on in the next segment.
//!
//! - One thread seals, one segment after the other, at a pace a little above that of the log, so
//!   that the sync of a frame seldom waits for it ([`pace`]).
//! - Where it cannot keep up, the writer is slowed down, frame by frame ([`slowing`]).
//! - What fails for want of space is tried again; what leaves doubt ends the engine.

mod desk;
mod on_demand;
mod pace;
mod sealer;
mod slowing;

pub(crate) use desk::Sealing;
pub(crate) use on_demand::NotSealed;
pub(crate) use pace::Pace;
pub(crate) use sealer::Sealer;
pub(crate) use slowing::{Slowing, UNSEALED_MAX};
