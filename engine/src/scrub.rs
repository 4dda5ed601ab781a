//! Reading finished files again while the engine runs.
//!
//! Disks forget. What was sealed is read from the device and held against its own checksums, the
//! chain of frames and the footers; snapshots against their digests; index runs against their
//! checksums and filters. So damage is found while there is a backup that does not have it yet. One
//! file is read at a time, and of none more than a piece is kept, but for the filters of a run.
//!
//! Absent: the rules of the ledger, and whether an index is complete. Those are for the auditor
//! ([`verify`](crate::verify)), which needs the whole past in memory and a database that nobody
//! writes to.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ledger_core::Sequence;
use thiserror::Error;

use crate::Engine;
use crate::journal::{ChainError, DecodeError, FrameError, Progress, SealedError};
use crate::runs::{Run, RunError, RunSet};
use crate::snapshot::{self, SnapshotError};

mod segment;

/// What scrubbing tells as it goes.
#[derive(Debug)]
pub enum Scrubbing {
    /// How far it has come; now and then.
    Progress(Progress),
    /// Something is not as it was written.
    Flaw(ScrubFinding),
}

/// Something that is not as it was written.
#[derive(Debug)]
pub struct ScrubFinding {
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub offset: u64,
    /// The event that should stand there; zero where no single one does.
    pub sequence: Sequence,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What is wrong with a finished file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Flaw {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
    /// A sealed segment is not whole.
    #[error(transparent)]
    Sealed(#[from] SealedError),
    /// A frame is not whole.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame does not follow the one before it.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The events of a frame cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A snapshot is not whole, or does not add up.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// An index run is not whole.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// What was read.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Scrubbed {
    /// Sealed segments.
    pub segments: u64,
    /// Snapshots.
    pub snapshots: u64,
    /// Index runs.
    pub runs: u64,
    /// Events in the segments.
    pub events: u64,
    /// Bytes.
    pub bytes: u64,
    /// Things that are not as they were written.
    pub flaws: u64,
}

/// Takes what is told, counts, and goes slowly: reading takes at most half of the time, so that it
/// takes at most half of what the disk can do.
struct Telling<'a> {
    tell: &'a mut dyn FnMut(Scrubbing) -> ControlFlow<()>,
    scrubbed: Scrubbed,
    bytes_total: u64,
    rested: Instant,
}

/// The longest rest after a piece: a clock that jumps must not stop the reading.
const REST_MAX: Duration = Duration::from_secs(1);

impl Telling<'_> {
    fn flaw(&mut self, finding: ScrubFinding) -> ControlFlow<()> {
        self.scrubbed.flaws += 1;
        (self.tell)(Scrubbing::Flaw(finding))
    }

    /// A piece was read.
    fn read(&mut self, bytes: u64, sequence: Sequence) -> ControlFlow<()> {
        self.scrubbed.bytes += bytes;
        std::thread::sleep(self.rested.elapsed().min(REST_MAX));
        self.rested = Instant::now();
        (self.tell)(Scrubbing::Progress(Progress {
            bytes: self.scrubbed.bytes,
            bytes_total: self.bytes_total,
            sequence,
        }))
    }
}

impl Engine {
    /// Reads all sealed segments from `first_segment` on, all snapshots and all index runs, and
    /// tells what is not as it was written. Goes on after a flaw, and ends when `tell` breaks. Blocks, and reads
    /// files: for reader threads.
    pub fn scrub(
        &self,
        first_segment: u64,
        tell: &mut dyn FnMut(Scrubbing) -> ControlFlow<()>,
    ) -> Scrubbed {
        let snapshots = self.snapshots();
        let segments = self.parts().reader.sealed_end();
        let index = self.parts().live.current();
        let snapshot_bytes: u64 = snapshots.iter().map(|snapshot| snapshot.bytes).sum();
        let run_bytes: u64 = index.runs().iter().map(|run| run.file_bytes()).sum();
        let mut telling = Telling {
            tell,
            scrubbed: Scrubbed::default(),
            bytes_total: snapshot_bytes + run_bytes + segments.map_or(0, |(_, bytes)| bytes),
            rested: Instant::now(),
        };
        let newest = segments.map_or(0, |(number, _)| number);
        // Whoever wants no more is told no more, and what was read by then counts.
        let _ended = self
            .scrub_segments(first_segment.max(1), newest, &mut telling)
            .is_continue()
            && self.scrub_snapshots(snapshots, &mut telling).is_continue()
            && self.scrub_runs(&index, &mut telling).is_continue();
        telling.scrubbed
    }

    fn scrub_snapshots(
        &self,
        snapshots: Vec<snapshot::SnapshotInfo>,
        telling: &mut Telling<'_>,
    ) -> ControlFlow<()> {
        for known in snapshots {
            match snapshot::verify(&*self.parts().vfs, &known.file) {
                Ok(_) => telling.scrubbed.snapshots += 1,
                // It made way for a newer one meanwhile.
                Err(SnapshotError::Io { source, .. })
                    if source.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let offset = match &error {
                        SnapshotError::Damaged { offset, .. } => *offset,
                        SnapshotError::Io { .. } => 0,
                    };
                    telling.flaw(ScrubFinding {
                        file: known.file,
                        offset,
                        sequence: known.sequence,
                        flaw: error.into(),
                    })?;
                }
            }
            telling.read(known.bytes, known.sequence)?;
        }
        ControlFlow::Continue(())
    }

    fn scrub_runs(&self, index: &RunSet, telling: &mut Telling<'_>) -> ControlFlow<()> {
        for run in index.runs() {
            let covered = run.covered();
            // From the file, and not from what is in memory of it since it was opened.
            let read = Run::open(&self.parts().vfs, run.path()).and_then(|run| run.verify_all());
            match read {
                Ok(()) => telling.scrubbed.runs += 1,
                // It was merged into another one meanwhile.
                Err(RunError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let offset = match &error {
                        RunError::Read { offset, .. } | RunError::Damaged { offset, .. } => *offset,
                        _ => 0,
                    };
                    telling.flaw(ScrubFinding {
                        file: run.path().to_owned(),
                        offset,
                        sequence: covered.first,
                        flaw: error.into(),
                    })?;
                }
            }
            telling.read(run.file_bytes(), covered.last)?;
        }
        ControlFlow::Continue(())
    }
}
