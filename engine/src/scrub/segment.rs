//! Reading sealed segments again, frame by frame.

use std::ops::ControlFlow;
use std::path::Path;

use super::{Flaw, ScrubFinding, Telling};
use crate::Engine;
use crate::journal::chain::Chain;
use crate::journal::scan::{FrameBuffer, Layout, ScanError, read_frame};
use crate::journal::seal::Summary;
use crate::journal::sealed::{Footer, SealedFile};
use crate::journal::{FrameEvents, PIECE_BYTES, SealedError, names};
use crate::vfs::DeviceFile;

/// Where in a segment a flaw is, and what.
struct At {
    offset: u64,
    flaw: Flaw,
}

impl At {
    /// At the beginning: it is the whole file that is meant.
    fn file(flaw: Flaw) -> Self {
        Self { offset: 0, flaw }
    }
}

impl Engine {
    /// Reads the segments from `first` to `newest`. Those before are stepped over by their footers.
    pub(super) fn scrub_segments(
        &self,
        first: u64,
        newest: u64,
        telling: &mut Telling<'_>,
    ) -> ControlFlow<()> {
        let parts = self.parts();
        let mut chain = Chain::start(parts.published.database, self.lineage().epoch());
        for number in 1..=newest {
            let path = names::sealed(self.data_dir(), number);
            let footer = match SealedFile::open(&parts.vfs, &path, number) {
                Ok(Ok((footer, _))) => footer,
                Ok(Err(error)) => {
                    // Without a footer nobody knows where the frames end, or what follows them.
                    return tell(telling, &path, &chain, At::file(error.into()));
                }
                Err(error) => return tell(telling, &path, &chain, At::file(Flaw::Io(error))),
            };
            if number >= first {
                let before = chain.clone();
                if let Err(at) = self.scrub_segment(&path, number, &footer, &mut chain, telling)? {
                    tell(telling, &path, &chain, at)?;
                    chain = before;
                } else {
                    telling.scrubbed.segments += 1;
                    continue;
                }
            }
            if let Err(error) = chain.pass(&footer, &self.lineage()) {
                return tell(telling, &path, &chain, At::file(error.into()));
            }
        }
        ControlFlow::Continue(())
    }

    /// Reads one segment. Breaks when nobody wants to hear any more.
    fn scrub_segment(
        &self,
        path: &Path,
        number: u64,
        footer: &Footer,
        chain: &mut Chain,
        telling: &mut Telling<'_>,
    ) -> ControlFlow<(), Result<(), At>> {
        let mut device = match self.parts().vfs.open_device(path) {
            Ok(device) => device,
            Err(error) => return ControlFlow::Continue(Err(At::file(Flaw::Io(error)))),
        };
        let mut summary = None;
        let mut payload = Vec::new();
        let (mut offset, mut piece) = (0, 0);
        while offset < footer.frames_bytes {
            let read = next_frame(&mut *device, offset, footer.frames_bytes, payload);
            let checked = read.and_then(|frame| {
                let events = check_frame(&frame, number, chain, &mut summary)?;
                Ok((frame, events))
            });
            let (frame, events) = match checked {
                Ok(checked) => checked,
                Err(flaw) => return ControlFlow::Continue(Err(At { offset, flaw })),
            };
            telling.scrubbed.events += events;
            let bytes = frame.bytes(Layout::Packed);
            offset += bytes;
            piece += bytes;
            payload = frame.payload;
            if piece >= PIECE_BYTES {
                telling.read(piece, chain.last())?;
                piece = 0;
            }
        }
        telling.read(piece, chain.last())?;
        let computed = summary.map(|summary: Summary| summary.finish().0);
        ControlFlow::Continue(match computed.as_ref() == Some(footer) {
            true => Ok(()),
            false => Err(At {
                offset,
                flaw: SealedError::Contradiction.into(),
            }),
        })
    }
}

fn tell(telling: &mut Telling<'_>, path: &Path, chain: &Chain, at: At) -> ControlFlow<()> {
    telling.flaw(ScrubFinding {
        file: path.to_owned(),
        offset: at.offset,
        sequence: chain.next,
        flaw: at.flaw,
    })
}

fn next_frame(
    device: &mut dyn DeviceFile,
    offset: u64,
    end: u64,
    payload: Vec<u8>,
) -> Result<FrameBuffer, Flaw> {
    read_frame(device, offset, end, payload).map_err(|error| match error {
        ScanError::Io(error) => Flaw::Io(error),
        ScanError::Frame(error) => error.into(),
    })
}

/// Checks that a frame follows, and that its events can be read; how many there are.
fn check_frame(
    frame: &FrameBuffer,
    number: u64,
    chain: &mut Chain,
    summary: &mut Option<Summary>,
) -> Result<u64, Flaw> {
    let header = &frame.header;
    chain.check(header, number)?;
    let summary = summary.get_or_insert_with(|| Summary::new(header));
    let mut events = frame.events();
    let mut event = FrameEvents::blank();
    let mut count = 0;
    while events.read_next(&mut event)? {
        summary.add_event(&event, events.event_at());
        count += 1;
    }
    events.check_counts(header)?;
    let began = events.epoch_began();
    chain.check_epoch(header, began)?;
    chain.advance(header, began);
    summary.add_frame(header, &frame.header_bytes, &frame.payload);
    Ok(count)
}
