//! Frames that are read, verified and decoded on a thread of their own, while the events of those
//! before them are posted.
//!
//! Nothing is judged here but the frame by itself: whether it may stand where it stands is for the
//! one to say who takes its parts, before any of its events is posted.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use ledger_core::{EpochBegan, Event};

use crate::journal::contents::FrameEvents;
use crate::journal::frame::{FrameHeader, HEADER_BYTES};
use crate::journal::payload::DecodeError;
use crate::journal::request::OwnedContext;
use crate::journal::scan::{FrameBuffer, Layout, ScanError, read_frame};
use crate::journal::seal::Summary;
use crate::vfs::DeviceFile;

/// How many events a part has at most: so few that those that wait stay in the caches, which both
/// threads share, and so many that handing one over costs little for each.
const PART_EVENTS: usize = 1024;

/// How many parts may wait.
const PARTS_MAX: usize = 4;

/// What is wanted of frames beside their events.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Of each event, which request caused it.
    pub(super) requests: bool,
    /// Their bytes.
    pub(super) bytes: bool,
}

/// Some events of a frame, in memory that is used again.
pub(super) struct Part {
    /// The frame that begins with this part.
    pub(super) header: Option<Box<FrameHeader>>,
    events: Vec<Event>,
    count: usize,
    /// The request of each event, where that is wanted.
    pub(super) requests: Vec<OwnedContext>,
    /// That the frame ends with this part, or that the rest of it cannot be decoded.
    pub(super) end: Option<Result<FrameEnd, DecodeError>>,
}

/// What is known of a frame at its end.
pub(super) struct FrameEnd {
    /// The epoch that begins with the frame.
    pub(super) began: Option<EpochBegan>,
    pub(super) header_bytes: [u8; HEADER_BYTES],
    /// Empty where the frame's bytes are not wanted.
    pub(super) payload: Vec<u8>,
}

impl Part {
    fn new() -> Self {
        Self {
            header: None,
            events: (0..PART_EVENTS).map(|_| FrameEvents::blank()).collect(),
            count: 0,
            requests: Vec::new(),
            end: None,
        }
    }

    pub(super) fn events(&self) -> &[Event] {
        &self.events[..self.count]
    }

    /// Reads as many events as there is room for; whether the frame ends with them.
    fn fill(
        &mut self,
        from: &mut FrameEvents<'_>,
        wanted: Wanted,
        summary: &mut Summary,
    ) -> Result<bool, DecodeError> {
        self.count = 0;
        self.requests.clear();
        for event in &mut self.events {
            if !from.read_next(event)? {
                return Ok(true);
            }
            summary.add_event(event, from.event_at());
            if wanted.requests {
                self.requests.push(from.request().to_owned());
            }
            self.count += 1;
        }
        Ok(false)
    }
}

/// The frames of a file, in order and in parts, up to the first that cannot be read.
pub(super) struct Ahead {
    /// Until the end.
    parts: Option<Parts>,
    /// Until it was waited for.
    thread: Option<JoinHandle<Read>>,
}

/// Where parts come from.
struct Parts {
    full: Receiver<Result<Part, ScanError>>,
    /// Memory that was used goes back through it.
    spare: SyncSender<Part>,
}

/// The file, with what it says of the frames that were sent whole.
type Read = (Box<dyn DeviceFile>, Option<Summary>);

/// Nothing is read any more once a start was refused.
impl Drop for Ahead {
    fn drop(&mut self) {
        self.parts = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Ahead {
    /// Begins at the start of a file whose frames end at `end`.
    pub(super) fn start(
        mut file: Box<dyn DeviceFile>,
        layout: Layout,
        end: u64,
        wanted: Wanted,
    ) -> io::Result<Self> {
        let (send, full) = sync_channel(PARTS_MAX);
        let (spare, receive) = sync_channel(PARTS_MAX + 2);
        let builder = thread::Builder::new().name("frames".into());
        let thread = builder.spawn(move || {
            let mut sending = Sending {
                wanted,
                full: send,
                spare: receive,
                payload: Vec::new(),
                summary: None,
            };
            sending.send_frames(&mut *file, layout, end);
            (file, sending.summary)
        })?;
        Ok(Self {
            parts: Some(Parts { full, spare }),
            thread: Some(thread),
        })
    }

    /// The next part. What was used of the one before is used again.
    pub(super) fn next(&mut self, used: Option<Part>) -> Result<Part, ScanError> {
        let received = self.parts.as_ref().and_then(|parts| {
            if let Some(used) = used {
                // Where there is enough on its way, this is not needed.
                drop(parts.spare.try_send(used));
            }
            parts.full.recv().ok()
        });
        received.unwrap_or_else(|| {
            self.wait();
            Err(ScanError::Io(io::ErrorKind::UnexpectedEof.into()))
        })
    }

    /// Reads no further, and gives the file back, with what it says of the frames that were read.
    pub(super) fn end(mut self) -> Read {
        self.wait().expect("it is waited for once")
    }

    /// Waits until the thread has ended, and passes on that it panicked.
    fn wait(&mut self) -> Option<Read> {
        self.parts = None;
        let ended = self.thread.take()?.join();
        Some(ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}

/// Nobody takes the parts any more, or there are no more.
struct Ended;

/// The thread's side.
struct Sending {
    wanted: Wanted,
    full: SyncSender<Result<Part, ScanError>>,
    spare: Receiver<Part>,
    payload: Vec<u8>,
    /// Of the frames that were sent whole.
    summary: Option<Summary>,
}

impl Sending {
    fn send_frames(&mut self, file: &mut dyn DeviceFile, layout: Layout, end: u64) {
        let mut offset = 0;
        while offset < end {
            let payload = std::mem::take(&mut self.payload);
            match read_frame(file, offset, end, payload) {
                Ok(frame) => {
                    offset += frame.bytes(layout);
                    if self.send_frame(frame).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    drop(self.full.send(Err(error)));
                    return;
                }
            }
        }
    }

    fn send_frame(&mut self, frame: FrameBuffer) -> Result<(), Ended> {
        let begin = || Summary::new(&frame.header);
        let summary = self.summary.get_or_insert_with(begin);
        let mut header = Some(Box::new(frame.header.clone()));
        let mut events = frame.events();
        let (mut last, read) = loop {
            let mut part = match self.spare.try_recv() {
                Ok(mut part) => {
                    if let Some(Ok(end)) = part.end.take() {
                        self.payload = end.payload;
                    }
                    part
                }
                Err(_) => Part::new(),
            };
            part.header = header.take();
            match part.fill(&mut events, self.wanted, summary) {
                Ok(false) => self.full.send(Ok(part)).map_err(|_| Ended)?,
                Ok(true) => break (part, events.check_counts(&frame.header)),
                Err(error) => break (part, Err(error)),
            }
        };
        let began = events.epoch_began().copied();
        summary.add_frame(&frame.header, &frame.header_bytes, &frame.payload);
        let payload = if self.wanted.bytes {
            frame.payload
        } else {
            self.payload = frame.payload;
            Vec::new()
        };
        let end = FrameEnd {
            began,
            header_bytes: frame.header_bytes,
            payload,
        };
        last.end = Some(read.map(|()| end));
        let sent = self.full.send(Ok(last));
        sent.ok().and(read.ok()).ok_or(Ended)
    }
}
