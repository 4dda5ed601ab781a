//! Reading frames from a file, one after the other, and what stands behind the last of them.

use std::io;

use super::contents::FrameEvents;
use super::frame::{BLOCK_BYTES, FrameError, FrameHeader, HEADER_BYTES, verify};
use crate::vfs::DeviceFile;

/// How much of a tail is looked at at once.
const TAIL_READ_BYTES: usize = 1 << 20;

/// How frames lie in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layout {
    /// At multiples of [`BLOCK_BYTES`], as in an active segment.
    Padded,
    /// One right after the other, as in a sealed segment.
    Packed,
}

/// Why no frame could be read.
#[derive(Debug)]
pub(crate) enum ScanError {
    /// The file could not be read.
    Io(io::Error),
    /// There is no whole frame.
    Frame(FrameError),
}

impl From<FrameError> for ScanError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A frame that was read and that verified, in memory that is used again.
#[derive(Debug)]
pub(crate) struct FrameBuffer {
    pub(crate) header: FrameHeader,
    pub(crate) header_bytes: [u8; HEADER_BYTES],
    pub(crate) payload: Vec<u8>,
}

impl FrameBuffer {
    pub(crate) fn events(&self) -> FrameEvents<'_> {
        let header = &self.header;
        FrameEvents::new(&self.payload, header.first_sequence, header.base_time)
    }

    /// What the frame takes in a file of this layout.
    pub(crate) fn bytes(&self, layout: Layout) -> u64 {
        match layout {
            Layout::Padded => self.header.padded_bytes(),
            Layout::Packed => self.header.frame_bytes(),
        }
    }
}

/// Reads the frame at `offset` of a file whose frames end at `end`; the memory of `payload` is
/// used for it. Nothing of it is believed, and hardly anything allocated, before it verifies.
pub(crate) fn read_frame(
    file: &mut dyn DeviceFile,
    offset: u64,
    end: u64,
    mut payload: Vec<u8>,
) -> Result<FrameBuffer, ScanError> {
    let left = end.saturating_sub(offset);
    if left < HEADER_BYTES as u64 {
        return Err(FrameError::Truncated.into());
    }
    let mut header_bytes = [0; HEADER_BYTES];
    file.read_at(&mut header_bytes, offset)?;
    let payload_bytes = FrameHeader::read_payload_bytes(&header_bytes)?;
    if left - (HEADER_BYTES as u64) < u64::from(payload_bytes) {
        return Err(FrameError::Truncated.into());
    }
    // What is in it is written over, so that there is no need to clear it first.
    payload.resize(payload_bytes as usize, 0);
    file.read_at(&mut payload, offset + HEADER_BYTES as u64)?;
    verify(&header_bytes, &payload)?;
    Ok(FrameBuffer {
        header: FrameHeader::read(&header_bytes)?,
        header_bytes,
        payload,
    })
}

/// What stands behind the last whole frame of an active segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tail {
    /// Nothing was ever written there.
    Zeros,
    /// Bytes up to this offset that are no frame, and no frame behind them.
    Torn {
        /// The offset behind the last byte that is not zero.
        end: u64,
    },
    /// A whole frame stands behind bytes that are none.
    FrameBehind {
        /// Where it begins.
        offset: u64,
    },
}

/// Looks at everything from `offset`, where no whole frame begins, to the end of the file.
pub(crate) fn look_at_tail(file: &mut dyn DeviceFile, offset: u64) -> io::Result<Tail> {
    let length = file.length()?;
    let longest = length.saturating_sub(offset).min(TAIL_READ_BYTES as u64);
    let mut buffer = vec![0; longest as usize];
    let mut torn_end = None;
    let mut at = offset;
    while at < length {
        let piece = (length - at).min(buffer.len() as u64) as usize;
        let piece = &mut buffer[..piece];
        file.read_at(piece, at)?;
        for (index, block) in piece.chunks(BLOCK_BYTES).enumerate() {
            // Mostly there are hundreds of megabytes of zeros to look at.
            if block.iter().fold(0, |all, byte| all | byte) == 0 {
                continue;
            }
            let block_at = at + (index * BLOCK_BYTES) as u64;
            let last = block.iter().rposition(|&byte| byte != 0);
            torn_end = Some(block_at + last.map_or(0, |last| last as u64 + 1));
            if block.starts_with(b"PACF") && block_at > offset {
                match read_frame(file, block_at, length, Vec::new()) {
                    Ok(_) => return Ok(Tail::FrameBehind { offset: block_at }),
                    Err(ScanError::Io(error)) => return Err(error),
                    Err(ScanError::Frame(_)) => {}
                }
            }
        }
        at += piece.len() as u64;
    }
    Ok(torn_end.map_or(Tail::Zeros, |end| Tail::Torn { end }))
}
