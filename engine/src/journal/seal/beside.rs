//! A thread that writes a sealed file, while its frames are posted.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::SealError;
use super::writer::Contents;
use crate::vfs::ReadBack;

/// How many pieces may wait to be written.
const PIECES_MAX: usize = 1;

/// What the thread is told.
enum Told {
    Write(Vec<u8>),
    /// Nothing more follows: the file is to be compared.
    End,
}

/// The thread, as who has the pieces sees it.
#[derive(Debug)]
pub(super) struct Beside {
    /// Until the end.
    tell: Option<SyncSender<Told>>,
    /// Pieces that were written, for their memory. Until the end.
    spare: Option<Receiver<Vec<u8>>>,
    /// Until it was waited for.
    thread: Option<JoinHandle<Compared>>,
}

/// `None` if the thread was not told of an end.
type Compared = Result<Option<ReadBack>, SealError>;

/// Nothing is written any more once a start was refused.
impl Drop for Beside {
    fn drop(&mut self) {
        self.tell = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Beside {
    pub(super) fn start(contents: Contents) -> io::Result<Self> {
        let (tell, told) = sync_channel(PIECES_MAX);
        let (give, spare) = sync_channel(PIECES_MAX + 1);
        let builder = thread::Builder::new().name("sealing".into());
        let thread = builder.spawn(move || run(contents, &told, &give))?;
        Ok(Self {
            tell: Some(tell),
            spare: Some(spare),
            thread: Some(thread),
        })
    }

    /// Has a piece written, and leaves an empty one. `false` if the thread has failed.
    pub(super) fn write(&mut self, piece: &mut Vec<u8>) -> bool {
        let spare = self.spare.as_ref();
        let empty = spare.and_then(|spare| spare.try_recv().ok());
        let empty = empty.unwrap_or_default();
        let full = std::mem::replace(piece, empty);
        let tell = self.tell.as_ref();
        tell.is_some_and(|tell| tell.send(Told::Write(full)).is_ok())
    }

    /// Nothing more follows.
    pub(super) fn end(&mut self) {
        if let Some(tell) = self.tell.take() {
            // Where the thread has failed, it says so when it is waited for.
            drop(tell.send(Told::End));
        }
        // The file may be compared long before it gets its name.
        self.spare = None;
    }

    /// Waits until the file is compared.
    pub(super) fn wait(mut self) -> Compared {
        self.tell = None;
        let thread = self.thread.take().expect("it is waited for once");
        let ended = thread.join();
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

fn run(mut contents: Contents, told: &Receiver<Told>, give: &SyncSender<Vec<u8>>) -> Compared {
    loop {
        match told.recv() {
            Ok(Told::Write(mut piece)) => {
                contents.write(&piece)?;
                piece.clear();
                // At the end nobody takes it.
                drop(give.try_send(piece));
            }
            Ok(Told::End) => break,
            // The start was refused meanwhile.
            Err(_) => return Ok(None),
        }
    }
    contents.sync()?;
    contents.compare().map(Some)
}
