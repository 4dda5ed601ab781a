//! Reading segments ahead of the books, several at once: the frames are verified and their events
//! decoded by threads that know nothing of each other, past whatever is wrong with them.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use ledger_core::{EpochBegan, Event};

use super::Problem;
use super::found::Found;
use crate::journal::scan::{FrameBuffer, Layout, ScanError, Tail, look_at_tail, read_frame};
use crate::journal::seal;
use crate::journal::sealed::{Footer, SealedError, SealedFile};
use crate::journal::{DecodeError, FrameError, FrameEvents, FrameHeader, names};
use crate::vfs::{DeviceFile, Vfs};

/// How many items of a segment wait at most: they are a frame each, of up to 8 MiB.
const ITEMS_AHEAD: usize = 2;

/// What is read of a segment, in order.
pub(super) enum Item {
    /// A frame that is whole in itself.
    Frame(Box<ReadFrame>),
    /// Something that is wrong, whatever stands in other segments.
    Problem { offset: u64, problem: Problem },
}

/// A frame that is whole in itself.
pub(super) struct ReadFrame {
    pub(super) offset: u64,
    /// What it takes in the file.
    pub(super) bytes: u64,
    pub(super) header: FrameHeader,
    pub(super) events: Vec<ReadEvent>,
    /// The epoch that begins in it.
    pub(super) began: Option<EpochBegan>,
    /// What kept the events after these from being read.
    pub(super) unreadable: Option<DecodeError>,
    /// How its events are not as many as its header says.
    pub(super) miscounted: Option<DecodeError>,
}

/// An event of a frame.
pub(super) struct ReadEvent {
    pub(super) event: Event,
    pub(super) ends_request: bool,
}

/// Segments that are read ahead.
pub(super) struct Ahead<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    reading: Reading<'env>,
    /// The next segment to begin with.
    next: u64,
    newest: u64,
    begun: VecDeque<Receiver<Item>>,
    at_once: usize,
}

impl<'scope, 'env> Ahead<'scope, 'env> {
    /// Reads the segments up to the `newest`, `at_once` of them at the same time.
    pub(super) fn new(
        scope: &'scope Scope<'scope, 'env>,
        reading: Reading<'env>,
        newest: u64,
        at_once: usize,
    ) -> Self {
        Self {
            scope,
            reading,
            next: 1,
            newest,
            begun: VecDeque::new(),
            at_once,
        }
    }

    /// What there is of the next segment.
    pub(super) fn segment(&mut self) -> Option<Receiver<Item>> {
        while self.next <= self.newest && self.begun.len() < self.at_once {
            let (items, received) = sync_channel(ITEMS_AHEAD);
            let (reading, number) = (self.reading, self.next);
            self.scope.spawn(move || reading.read(number, &items));
            self.begun.push_back(received);
            self.next += 1;
        }
        self.begun.pop_front()
    }
}

/// Where segments are read from.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) vfs: &'a Arc<dyn Vfs>,
    pub(super) dir: &'a Path,
    pub(super) found: &'a Found,
}

/// Whoever took the items has gone.
struct Gone;

/// A file that frames are read from.
struct Source {
    file: Box<dyn DeviceFile>,
    layout: Layout,
    offset: u64,
    end: u64,
}

impl Reading<'_> {
    /// The file of a segment, if there is one.
    pub(super) fn path(&self, number: u64) -> Option<PathBuf> {
        let survey = &self.found.survey;
        if survey.sealed.contains(&number) {
            Some(names::sealed(self.dir, number))
        } else if survey.active.contains(&number) {
            Some(names::active(self.dir, number))
        } else {
            None
        }
    }

    fn read(self, number: u64, items: &SyncSender<Item>) {
        let read = if self.found.survey.sealed.contains(&number) {
            self.read_sealed(number, items)
        } else if self.found.survey.active.contains(&number) {
            self.read_active(number, items)
        } else {
            Ok(Ok(()))
        };
        if let Err(error) = read {
            let _ = send_problem(items, 0, Problem::Io(error));
        }
    }

    fn read_sealed(self, number: u64, items: &SyncSender<Item>) -> io::Result<Result<(), Gone>> {
        let path = names::sealed(self.dir, number);
        let footer = match SealedFile::open(self.vfs, &path, number)? {
            Ok((footer, _)) => Some(footer),
            Err(error) => {
                if let Err(gone) = send_problem(items, 0, Problem::Sealed(error)) {
                    return Ok(Err(gone));
                }
                None
            }
        };
        let file = self.vfs.open_device(&path)?;
        let end = match &footer {
            Some(footer) => footer.frames_bytes,
            None => file.length()?,
        };
        let mut source = Source {
            file,
            layout: Layout::Packed,
            offset: 0,
            end,
        };
        let mut summary: Option<seal::Summary> = None;
        let mut payload = Vec::new();
        while source.offset < source.end {
            let frame = match source.read(std::mem::take(&mut payload))? {
                Ok(frame) => frame,
                // Without padding there is no telling where the next frame begins.
                Err(error) => {
                    let is_behind = footer.is_none() && source.offset > 0;
                    if !is_behind {
                        let problem = Problem::Frame(error);
                        return Ok(send_problem(items, source.offset, problem));
                    }
                    return Ok(Ok(()));
                }
            };
            let summary = summary.get_or_insert_with(|| seal::Summary::new(&frame.header));
            let read = decode(&source, &frame, |event, item| {
                summary.add_event(event, item)
            });
            summary.add_frame(&frame.header, &frame.header_bytes, &frame.payload);
            source.offset += read.bytes;
            payload = frame.payload;
            if items.send(Item::Frame(Box::new(read))).is_err() {
                return Ok(Err(Gone));
            }
        }
        Ok(check_summary(&source, footer.as_ref(), summary, items))
    }

    fn read_active(self, number: u64, items: &SyncSender<Item>) -> io::Result<Result<(), Gone>> {
        let file = self.vfs.open_device(&names::active(self.dir, number))?;
        let end = file.length()?;
        let mut source = Source {
            file,
            layout: Layout::Padded,
            offset: 0,
            end,
        };
        if let Ok(meta) = &self.found.meta {
            let (found, expected) = (end, meta.active_bytes);
            if number <= meta.newest_segment
                && found != expected
                && let Err(gone) = send_problem(items, 0, Problem::Length { found, expected })
            {
                return Ok(Err(gone));
            }
        }
        let mut payload = Vec::new();
        while source.offset < source.end {
            let sent = match source.read(std::mem::take(&mut payload))? {
                Ok(frame) => {
                    let read = decode(&source, &frame, |_, _| {});
                    source.offset += read.bytes;
                    payload = frame.payload;
                    items.send(Item::Frame(Box::new(read))).map_err(|_| Gone)
                }
                Err(error) => match look_at_tail(&mut *source.file, source.offset)? {
                    Tail::Zeros => break,
                    Tail::Torn { end } => {
                        let problem = match self.goes_on_behind(number)? {
                            false => Problem::TornTail {
                                bytes: end - source.offset,
                            },
                            true => Problem::Frame(error),
                        };
                        return Ok(send_problem(items, source.offset, problem));
                    }
                    Tail::FrameBehind { offset } => {
                        let before = std::mem::replace(&mut source.offset, offset);
                        send_problem(items, before, Problem::Frame(error))
                    }
                },
            };
            if let Err(gone) = sent {
                return Ok(Err(gone));
            }
        }
        Ok(Ok(()))
    }

    /// Whether anything was ever written to a later segment.
    fn goes_on_behind(&self, number: u64) -> io::Result<bool> {
        let survey = &self.found.survey;
        if survey.sealed.range(number + 1..).next().is_some() {
            return Ok(true);
        }
        for &later in survey.active.range(number + 1..) {
            let mut file = self.vfs.open_device(&names::active(self.dir, later))?;
            if look_at_tail(&mut *file, 0)? != Tail::Zeros {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Source {
    fn read(&mut self, payload: Vec<u8>) -> io::Result<Result<FrameBuffer, FrameError>> {
        match read_frame(&mut *self.file, self.offset, self.end, payload) {
            Ok(frame) => Ok(Ok(frame)),
            Err(ScanError::Frame(error)) => Ok(Err(error)),
            Err(ScanError::Io(error)) => Err(error),
        }
    }
}

/// Takes a whole frame apart, as far as it goes.
fn decode(source: &Source, frame: &FrameBuffer, mut note: impl FnMut(&Event, u32)) -> ReadFrame {
    let mut read = ReadFrame {
        offset: source.offset,
        bytes: frame.bytes(source.layout),
        header: frame.header.clone(),
        events: Vec::with_capacity(frame.header.event_count as usize),
        began: None,
        unreadable: None,
        miscounted: None,
    };
    let mut events = frame.events();
    loop {
        let mut event = FrameEvents::blank();
        match events.read_next(&mut event) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                read.unreadable = Some(error);
                return read;
            }
        }
        note(&event, events.event_at());
        read.events.push(ReadEvent {
            event,
            ends_request: events.is_at_request_end(),
        });
    }
    read.began = events.epoch_began().copied();
    read.miscounted = events.check_counts(&frame.header).err();
    read
}

fn check_summary(
    source: &Source,
    footer: Option<&Footer>,
    summary: Option<seal::Summary>,
    items: &SyncSender<Item>,
) -> Result<(), Gone> {
    let computed = summary.map(|summary| summary.finish().0);
    if footer.is_some() && computed.as_ref() != footer {
        let problem = Problem::Sealed(SealedError::Contradiction);
        return send_problem(items, source.end, problem);
    }
    Ok(())
}

fn send_problem(items: &SyncSender<Item>, offset: u64, problem: Problem) -> Result<(), Gone> {
    let item = Item::Problem { offset, problem };
    items.send(item).map_err(|_| Gone)
}
