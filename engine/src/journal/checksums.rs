//! A checksum for each block of a sequence of bytes that comes in parts.

use super::sealed::CHECKED_BLOCK_BYTES;

/// CRC-32 of each [`CHECKED_BLOCK_BYTES`] of all that was added; the last block may be shorter.
#[derive(Debug)]
pub(crate) struct BlockChecksums {
    open: crc32fast::Hasher,
    open_bytes: usize,
    closed: Vec<u32>,
}

impl BlockChecksums {
    pub(crate) fn new() -> Self {
        Self {
            open: crc32fast::Hasher::new(),
            open_bytes: 0,
            closed: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = CHECKED_BLOCK_BYTES - self.open_bytes;
            let (part, rest) = bytes.split_at(bytes.len().min(room));
            self.open.update(part);
            self.open_bytes += part.len();
            bytes = rest;
            if self.open_bytes == CHECKED_BLOCK_BYTES {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let crc = std::mem::take(&mut self.open).finalize();
        self.closed.push(crc);
        self.open_bytes = 0;
    }

    /// The checksums, in order.
    pub(crate) fn finish(mut self) -> Vec<u32> {
        if self.open_bytes > 0 {
            self.end_block();
        }
        self.closed
    }
}
