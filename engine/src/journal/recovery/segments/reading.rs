//! Reading a sealed segment on a thread of its own, so that its frames are verified and decoded
//! while the events before them are posted.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use ledger_core::{EpochBegan, Event, Timestamp};

use super::{Damage, Footer, FrameBuffer, RecoveryError, SealedFile, Segments, Source};
use crate::journal::chain::Chain;
use crate::journal::contents::FrameEvents;
use crate::journal::recovery::Unfit;
use crate::journal::request::{OwnedContext, RequestContext};
use crate::journal::scan::{ScanError, read_frame};
use crate::journal::seal::Summary;
use crate::journal::sealed::SealedError;

/// How many events are handed over at once.
const BATCH_EVENTS: usize = 512;
/// How many batches may wait.
const BATCHES_MAX: usize = 8;

/// Events that are handed over, in memory that goes back and forth.
struct Batch {
    events: Vec<Event>,
    /// How many of them count.
    count: usize,
    /// From which event on which request asked, if anybody wants to know.
    requests: Vec<(usize, OwnedContext)>,
    /// Where in the file their frame begins.
    offset: u64,
    /// The end of that frame, if they are the last of it: its length and its closing.
    frame_end: Option<(u64, Timestamp)>,
}

impl Batch {
    fn new() -> Self {
        Self {
            events: Vec::new(),
            count: 0,
            requests: Vec::new(),
            offset: 0,
            frame_end: None,
        }
    }

    /// An event to read the next one into.
    fn next(&mut self) -> &mut Event {
        if self.count == self.events.len() {
            self.events.push(FrameEvents::blank());
        }
        &mut self.events[self.count]
    }
}

/// Reads the frames of a sealed segment.
struct Reading<'a> {
    dir: &'a Path,
    source: Source,
    chain: Chain,
    summary: Option<Summary>,
    payload: Vec<u8>,
    requests: bool,
}

/// Nobody takes the batches any more.
struct Unwanted;

impl Segments<'_> {
    /// Reads the frames of a sealed segment, verifies them and has their events replayed.
    pub(super) fn read_sealed(
        &mut self,
        number: u64,
    ) -> Result<(Footer, SealedFile), RecoveryError> {
        let (source, footer, sealed) = self.open_sealed(number)?;
        let path = source.path.clone();
        let reading = Reading {
            dir: self.dir,
            source,
            chain: self.chain.clone(),
            summary: None,
            payload: std::mem::take(&mut self.payload),
            requests: self.replay.wants_requests(),
        };
        let (full, batches) = sync_channel(BATCHES_MAX);
        let (back, empty) = sync_channel(BATCHES_MAX + 1);
        let (read, reading) = thread::scope(|scope| {
            let reader = scope.spawn(move || reading.run(&full, &empty));
            let mut read = Ok(());
            for mut batch in batches {
                read = self.replay_batch(&path, &batch);
                if read.is_err() {
                    break;
                }
                (batch.count, batch.frame_end) = (0, None);
                batch.requests.clear();
                // Whether the other side still wants it is no matter.
                match back.try_send(batch) {
                    Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
                }
            }
            drop(back);
            let reader = reader.join();
            (
                read,
                reader.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            )
        });
        // An event that cannot follow stands before whatever was read after it.
        read?;
        let reading = reading?;
        self.chain = reading.chain;
        self.payload = reading.payload;
        let summary = reading.summary.map(|summary| summary.finish().0);
        if summary.as_ref() != Some(&footer) {
            let damage = Damage::Sealed(SealedError::Contradiction);
            return Err(self.damaged(&reading.source, &self.chain, damage));
        }
        Ok((footer, sealed))
    }

    fn replay_batch(&mut self, path: &Path, batch: &Batch) -> Result<(), RecoveryError> {
        let events = &batch.events[..batch.count];
        let replayed = match batch.requests.is_empty() {
            true => self.replay.events(events),
            false => self.replay_each(events, &batch.requests),
        };
        replayed.map_err(|unfit| RecoveryError::Contradiction {
            dir: self.dir.to_owned(),
            file: path.to_owned(),
            offset: batch.offset,
            sequence: unfit.sequence,
            source: unfit.source,
        })?;
        if let Some(last) = events.last() {
            self.progress.sequence = last.sequence;
        }
        if let Some((bytes, close_time)) = batch.frame_end {
            self.replay.time(close_time);
            self.progress(bytes);
        }
        Ok(())
    }
}

impl Segments<'_> {
    /// Has events replayed with the requests that they belong to.
    fn replay_each(
        &mut self,
        events: &[Event],
        requests: &[(usize, OwnedContext)],
    ) -> Result<(), Unfit> {
        let mut requests = requests.iter().peekable();
        let mut request = RequestContext::default();
        for (index, event) in events.iter().enumerate() {
            if let Some((_, next)) = requests.next_if(|(first, _)| *first == index) {
                request = RequestContext {
                    principal: next.principal.as_deref(),
                    traceparent: next.traceparent.as_deref(),
                    origin: next.origin.as_deref(),
                    internal: next.internal,
                };
            }
            let replayed = self.replay.event(event, &request);
            replayed.map_err(|source| Unfit {
                sequence: event.sequence,
                source,
            })?;
        }
        Ok(())
    }
}

impl Reading<'_> {
    /// Reads all frames, or as many as anybody wants.
    fn run(
        mut self,
        full: &SyncSender<Batch>,
        empty: &Receiver<Batch>,
    ) -> Result<Self, RecoveryError> {
        while self.source.offset < self.source.end {
            let payload = std::mem::take(&mut self.payload);
            let frame = match read_frame(
                &mut *self.source.file,
                self.source.offset,
                self.source.end,
                payload,
            ) {
                Ok(frame) => frame,
                Err(ScanError::Io(error)) => {
                    return Err(RecoveryError::io(&self.source.path)(error));
                }
                Err(ScanError::Frame(error)) => return Err(self.damaged(Damage::Frame(error))),
            };
            let checked = self.chain.check(&frame.header, self.source.number);
            checked.map_err(|error| self.damaged(Damage::Chain(error)))?;
            match self.decode(&frame, full, empty)? {
                Ok(began) => {
                    self.source.offset += frame.bytes(self.source.layout);
                    self.chain.advance(&frame.header, began.as_ref());
                    self.payload = frame.payload;
                }
                Err(Unwanted) => break,
            }
        }
        Ok(self)
    }

    /// Decodes the events of a frame and hands them over; the epoch that begins with it.
    fn decode(
        &mut self,
        frame: &FrameBuffer,
        full: &SyncSender<Batch>,
        empty: &Receiver<Batch>,
    ) -> Result<Result<Option<EpochBegan>, Unwanted>, RecoveryError> {
        let take = || empty.try_recv().unwrap_or_else(|_| Batch::new());
        let mut summary = self
            .summary
            .take()
            .unwrap_or_else(|| Summary::new(&frame.header));
        let mut events = frame.events();
        let mut batch = take();
        batch.offset = self.source.offset;
        let mut request_ended = true;
        loop {
            let read = events.read_next(batch.next());
            if !read.map_err(|error| self.damaged(Damage::Decode(error)))? {
                break;
            }
            summary.add_event(&batch.events[batch.count], events.event_at());
            if self.requests && (request_ended || batch.count == 0) {
                let request = events.request().to_owned();
                batch.requests.push((batch.count, request));
            }
            request_ended = events.is_at_request_end();
            batch.count += 1;
            if batch.count == BATCH_EVENTS {
                if full.send(std::mem::replace(&mut batch, take())).is_err() {
                    return Ok(Err(Unwanted));
                }
                batch.offset = self.source.offset;
            }
        }
        let decoded = events.check_counts(&frame.header);
        decoded.map_err(|error| self.damaged(Damage::Decode(error)))?;
        let began = events.epoch_began().copied();
        let checked = self.chain.check_epoch(&frame.header, began.as_ref());
        checked.map_err(|error| self.damaged(Damage::Chain(error)))?;
        summary.add_frame(&frame.header, &frame.header_bytes, &frame.payload);
        self.summary = Some(summary);
        let bytes = frame.bytes(self.source.layout);
        batch.frame_end = Some((bytes, frame.header.close_time));
        Ok(match full.send(batch) {
            Ok(()) => Ok(began),
            Err(_) => Err(Unwanted),
        })
    }

    fn damaged(&self, damage: Damage) -> RecoveryError {
        RecoveryError::Damaged {
            dir: self.dir.to_owned(),
            file: self.source.path.clone(),
            offset: self.source.offset,
            sequence: self.chain.next,
            source: damage,
        }
    }
}
