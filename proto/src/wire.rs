//! Protobuf's bytes, read from a slice and written to a small array: what the hand-written codecs
//! of the hot path are made of.

mod key;
mod piece;
mod reader;

pub(crate) use key::{Key, Kind};
pub(crate) use piece::Piece;
pub(crate) use reader::Reader;
