//! Making the run of a segment: along with its sealing, or later from its sealed file.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use ledger_core::{Event, Sequence};

use super::LiveRuns;
use crate::Halt;
use crate::journal::JournalReader;
use crate::journal::names;
use crate::journal::sealed::{Footer, SealedFile};
use crate::runs::{RunBuilder, RunError, SegmentPlace};
use crate::vfs::Vfs;

/// After so many events it is looked whether to go on.
const LOOK_EVERY: u64 = 4096;

/// Makes runs of single segments.
pub(crate) struct Indexer {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    reader: JournalReader,
    live: Arc<LiveRuns>,
    /// The run that is gathered while a segment is sealed.
    gathering: Option<RunBuilder>,
}

/// What became of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Indexed {
    /// It is durable and live.
    Live,
    /// The file system refused; it is to be tried again.
    Refused(io::ErrorKind),
    /// Whoever waits for it wants to end.
    BrokenOff,
}

impl Indexer {
    pub(crate) fn new(
        vfs: Arc<dyn Vfs>,
        dir: PathBuf,
        reader: JournalReader,
        live: Arc<LiveRuns>,
    ) -> Self {
        Self {
            vfs,
            dir,
            reader,
            live,
            gathering: None,
        }
    }

    /// The last event that the index covers.
    pub(crate) fn through(&self) -> Sequence {
        self.live.through()
    }

    /// Begins to gather the run of a segment that is being sealed, if the index reaches to it.
    pub(crate) fn begin(&mut self, first: Sequence) {
        let reaches = self.live.through().next() == first;
        self.gathering = reaches.then(RunBuilder::new);
    }

    /// An event of that segment.
    pub(crate) fn add(&mut self, event: &Event) {
        if let Some(builder) = &mut self.gathering {
            builder.add(event);
        }
    }

    /// The segment is sealed: its run is written, if it was gathered.
    pub(crate) fn finish(
        &mut self,
        footer: &Footer,
        pace: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Indexed {
        match self.gathering.take() {
            Some(builder) => self.write(builder, footer, pace),
            None => Indexed::Live,
        }
    }

    /// Makes the next missing run from its sealed segment, which begins after what the index
    /// covers.
    ///
    /// # Errors
    /// Why the engine has to end: a part of the journal cannot be read.
    pub(crate) fn make_missing(
        &self,
        pace: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Indexed, Halt> {
        let first = self.live.through().next();
        let Some(number) = self.reader.sealed_segment(first) else {
            tracing::error!(sequence = first.get(), "no sealed segment has this event");
            return Err(Halt::JournalUnreadable);
        };
        let footer = match SealedFile::footer(&self.vfs, &self.dir, number) {
            Ok(Ok(footer)) => footer,
            Ok(Err(error)) => {
                let file = names::sealed(&self.dir, number);
                tracing::error!(%error, file = %file.display(), "a sealed segment is damaged");
                return Err(Halt::JournalUnreadable);
            }
            Err(error) => return Ok(Indexed::Refused(error.kind())),
        };
        let last = Sequence::new(footer.first_sequence.get() + footer.event_count - 1);
        let (mut builder, mut events, mut broken) = (RunBuilder::new(), 0, false);
        let read = self.reader.visit(footer.first_sequence, last, |recorded| {
            builder.add(&recorded.event);
            events += 1;
            if events % LOOK_EVERY == 0 {
                broken = pace(0).is_break();
            }
            match broken {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        if broken {
            return Ok(Indexed::BrokenOff);
        }
        if let Err(error) = read {
            if let Some(refused) = error.passing() {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a run cannot be made"
                );
                return Ok(Indexed::Refused(refused.kind()));
            }
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a sealed segment cannot be read: run `pacioli verify`"
            );
            return Err(Halt::JournalUnreadable);
        }
        Ok(self.write(builder, &footer, pace))
    }

    fn write(
        &self,
        builder: RunBuilder,
        footer: &Footer,
        pace: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Indexed {
        let place = SegmentPlace {
            database: footer.database,
            epoch: footer.epoch,
            number: footer.segment,
            last_hash: footer.last_hash,
        };
        match builder.finish(&self.vfs, &self.dir, &place, pace) {
            Ok(Some(run)) => {
                self.live.publish(run);
                Indexed::Live
            }
            // A segment without events needs none.
            Ok(None) => Indexed::Live,
            Err(RunError::Stopped { .. }) => Indexed::BrokenOff,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a run cannot be written; it is tried again"
                );
                Indexed::Refused(error.io_kind())
            }
        }
    }
}
