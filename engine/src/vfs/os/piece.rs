//! Pieces of a file as they come from the device, and reading them before they are asked for.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rustix::io::Errno;

/// `O_DIRECT` wants buffers, offsets and lengths in whole multiples of the device's block.
pub(super) const ALIGNMENT: usize = 4096;
/// How much one read from the device takes in.
pub(super) const DEVICE_READ_BYTES: usize = 1 << 20;

/// How many pieces are read ahead at most.
const PIECES_AHEAD: usize = 2;

/// A piece of a file, in memory that direct reads can fill.
#[derive(Debug)]
pub(super) struct Piece {
    memory: Vec<u8>,
    /// Where in `memory` the aligned piece begins.
    start: usize,
    /// Where in the file the piece lies. Its beginning is a multiple of [`DEVICE_READ_BYTES`].
    pub(super) bytes: Range<u64>,
}

impl Piece {
    pub(super) fn new() -> Self {
        let memory = vec![0; DEVICE_READ_BYTES + ALIGNMENT];
        let start = memory.as_ptr().align_offset(ALIGNMENT);
        Self {
            memory,
            start,
            bytes: 0..0,
        }
    }

    /// Reads the piece at `offset` of a file of this length.
    pub(super) fn read(&mut self, file: &File, offset: u64, length: u64) -> io::Result<()> {
        // What a failed read leaves is no piece of the file.
        self.bytes = 0..0;
        let wanted = (length - offset).min(DEVICE_READ_BYTES as u64) as usize;
        let mut filled = 0;
        while filled < wanted {
            let piece = &mut self.memory[self.start + filled..self.start + DEVICE_READ_BYTES];
            match rustix::io::pread(file, piece, offset + filled as u64) {
                Ok(read) if filled + read >= wanted => filled += read,
                // Less than a block before the end: the file has become shorter.
                Ok(read) if read < ALIGNMENT => return Err(io::ErrorKind::UnexpectedEof.into()),
                // A short read may end between blocks; the next one has to begin at one.
                Ok(read) => filled += read - read % ALIGNMENT,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        self.bytes = offset..offset + wanted as u64;
        Ok(())
    }

    /// The bytes from one of this piece on.
    pub(super) fn from(&self, at: u64) -> &[u8] {
        let piece = &self.memory[self.start..][..(self.bytes.end - self.bytes.start) as usize];
        &piece[(at - self.bytes.start) as usize..]
    }
}

/// A thread that reads the pieces of a file in order, a few ahead, so that nobody waits for the
/// device who has something to do.
#[derive(Debug)]
pub(super) struct ReadAhead {
    full: Receiver<io::Result<Piece>>,
    empty: SyncSender<Piece>,
}

impl ReadAhead {
    /// Begins at `offset`. `None` if there can be no further thread.
    pub(super) fn start(file: &Arc<File>, offset: u64, length: u64) -> Option<Self> {
        let (send, full) = sync_channel(PIECES_AHEAD);
        let (empty, receive) = sync_channel(PIECES_AHEAD);
        let file = Arc::clone(file);
        let read = move || {
            for offset in (offset..length).step_by(DEVICE_READ_BYTES) {
                // It ends when nobody wants its pieces any more, or with the first error.
                let Ok(mut piece) = receive.recv() else {
                    return;
                };
                let read: io::Result<()> = Piece::read(&mut piece, &file, offset, length);
                let failed = read.is_err();
                if send.send(read.map(|()| piece)).is_err() || failed {
                    return;
                }
            }
        };
        let builder = thread::Builder::new().name("read ahead".into());
        builder.spawn(read).ok()?;
        for _ in 0..PIECES_AHEAD {
            empty.send(Piece::new()).ok()?;
        }
        Some(Self { full, empty })
    }

    /// Puts the next piece into the place of one that is no longer needed.
    pub(super) fn next(&mut self, piece: &mut Piece) -> io::Result<()> {
        let ended = |_| io::Error::from(io::ErrorKind::UnexpectedEof);
        let next = self.full.recv().map_err(ended)??;
        let spare = std::mem::replace(piece, next);
        // Behind the last piece nobody takes it.
        drop(self.empty.send(spare));
        Ok(())
    }
}
