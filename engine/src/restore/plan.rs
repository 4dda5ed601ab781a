//! What a restore is asked to do, what it would do, and doing it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{Sequence, Timestamp};

use super::RestoreError;
use super::carry::Carrier;
use super::first_frame::FirstFrame;
use super::outline::{Outline, Segment};
use super::point::Point;
use super::snapshots::Kept;
use super::source::Source;
use super::target::Target;
use crate::clock::check_ahead;
use crate::journal::Progress;
use crate::verify::{self, Summary};
use crate::vfs::Vfs;

/// What is to be restored, from where and to where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestoreOptions {
    /// A backup, or the data directory of a server that does not run.
    pub from: PathBuf,
    /// The data directory to make; missing or empty.
    pub to: PathBuf,
    /// Up to where.
    pub until: Until,
    /// Whether to audit what was restored before it can be opened.
    pub verify: bool,
    /// The time of the machine's clock, which the new epoch begins at.
    pub now: Timestamp,
    /// Believe the clock though it is far ahead of the journal.
    pub accept_clock: bool,
}

/// Up to where the history is kept. Requests are kept whole or not at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// All of it.
    End,
    /// The events up to this one.
    Sequence(Sequence),
    /// The events up to this journal time.
    Time(Timestamp),
}

/// What is restored from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceKind {
    /// A data directory.
    DataDirectory,
    /// A backup.
    Backup,
}

/// How far a restore has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RestoreProgress {
    /// The journal is read, verified and written.
    Carrying(Progress),
    /// What was written is audited.
    Auditing(Progress),
}

/// What a restore would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestorePlan {
    /// What it is restored from.
    pub source: SourceKind,
    /// The database.
    pub database: u128,
    /// Its epoch, which the new one branches off from.
    pub epoch: u128,
    /// The newest event of the source.
    pub newest: Sequence,
    /// The journal time at its end.
    pub newest_time: Timestamp,
    /// The last event that is kept: the end of a request; zero if none is.
    pub sequence: Sequence,
    /// Its time.
    pub time: Timestamp,
    /// Events behind it, which are left out.
    pub left_out: u64,
    /// Segments that are carried over whole.
    pub segments_whole: u64,
    /// The segment that is carried over in part, if the point lies within one.
    pub segment_cut: Option<u64>,
    /// The snapshots that are carried over.
    pub snapshots: Vec<Sequence>,
    /// Bytes to read.
    pub bytes: u64,
}

/// What was restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// What was done.
    pub plan: RestorePlan,
    /// The epoch that begins with it.
    pub epoch: u128,
    /// The event that says so, the newest of what was restored.
    pub sequence: Sequence,
    /// Its time.
    pub time: Timestamp,
    /// The hash of its frame.
    pub frame_hash: [u8; 32],
    /// What the audit says, if one was asked for; without errors.
    pub audit: Option<Summary>,
}

/// Says what [`restore`] would do, and changes nothing. Damage that it would meet on the way is
/// found only as far as the footers of the segments tell, and in the segment that is cut.
///
/// # Errors
/// [`RestoreError`].
pub fn plan(vfs: &Arc<dyn Vfs>, options: &RestoreOptions) -> Result<RestorePlan, RestoreError> {
    Prepared::new(vfs, options).map(|prepared| prepared.plan)
}

/// Restores, telling how far it has come. The new directory opens once this has returned, and what
/// it was restored from is as it was.
///
/// # Errors
/// [`RestoreError`]; nothing in the new directory opens then, and a further attempt begins anew.
pub fn restore(
    vfs: &Arc<dyn Vfs>,
    options: &RestoreOptions,
    progress: &mut dyn FnMut(RestoreProgress),
) -> Result<Restored, RestoreError> {
    let mut prepared = Prepared::new(vfs, options)?;
    let target = Target::claim(vfs, &options.to)?;
    let point = prepared.point;
    let tell = &mut |carried| progress(RestoreProgress::Carrying(carried));
    let mut carrier = Carrier::new(&prepared.source, &target, prepared.plan.bytes, tell);
    for segment in &prepared.whole {
        carrier.carry(segment)?;
    }
    let split = match &prepared.cut {
        Some(segment) => carrier.carry_until(segment, point.sequence)?,
        None => None,
    };
    let (epoch, salt) = random()?;
    let first_frame = FirstFrame {
        chain: &carrier.chain,
        database: prepared.plan.database,
        epoch,
        segment: carrier.segment + 1,
        salt,
        now: options.now,
        split: split.as_ref().map(|(reading, frame)| (reading, frame)),
        fork: point.sequence,
    };
    let (frame, began) = first_frame.build()?;
    let meta = carrier.branch(&frame, &began)?;
    let mut snapshots = Vec::new();
    for kept in &prepared.snapshots {
        if prepared.source.carry_snapshot(kept, &target)? {
            snapshots.push(kept.sequence);
        }
    }
    prepared.plan.snapshots = snapshots;
    target.describe(&meta)?;
    let audit = match options.verify {
        true => Some(audit(vfs, target.dir(), progress)?),
        false => None,
    };
    target.complete()?;
    Ok(Restored {
        plan: prepared.plan,
        epoch,
        sequence: meta.sealed_sequence,
        time: frame.header.close_time,
        frame_hash: meta.sealed_hash,
        audit,
    })
}

/// What is known before anything is written.
struct Prepared {
    source: Source,
    point: Point,
    plan: RestorePlan,
    /// The segments to carry over whole.
    whole: Vec<Segment>,
    /// The segment to carry over in part.
    cut: Option<Segment>,
    snapshots: Vec<Kept>,
}

impl Prepared {
    fn new(vfs: &Arc<dyn Vfs>, options: &RestoreOptions) -> Result<Self, RestoreError> {
        let source = Source::open(vfs, &options.from)?;
        Target::check(&**vfs, &options.to)?;
        let outline = source.outline()?;
        let point = source.point(&outline, options.until)?;
        let newest_time = match outline.segments.last() {
            Some(last) => source.end_time(last)?,
            None => Timestamp::ZERO,
        };
        if !options.accept_clock {
            check_ahead(options.now, newest_time).map_err(|step| RestoreError::Clock {
                step,
                newest: newest_time,
            })?;
        }
        let newest = outline.newest;
        let (whole, cut) = divide(outline, point);
        let snapshots = source.snapshots(&whole)?;
        let bytes = whole.iter().chain(&cut).map(|segment| segment.end).sum();
        let plan = RestorePlan {
            source: source.kind,
            database: source.claim.database,
            epoch: source.claim.epoch,
            newest,
            newest_time,
            sequence: point.sequence,
            time: point.time,
            left_out: newest.get() - point.sequence.get(),
            segments_whole: whole.len() as u64,
            segment_cut: cut.as_ref().map(|segment| segment.number),
            snapshots: snapshots.iter().map(|kept| kept.sequence).collect(),
            bytes,
        };
        Ok(Self {
            source,
            point,
            plan,
            whole,
            cut,
            snapshots,
        })
    }
}

/// The segments to carry over whole, and the one to carry over in part.
fn divide(outline: Outline, point: Point) -> (Vec<Segment>, Option<Segment>) {
    let is_all = outline.newest == point.sequence;
    let (mut whole, mut cut) = (Vec::new(), None);
    for segment in outline.segments {
        if is_all || segment.next <= point.sequence.next() && segment.first <= point.sequence {
            whole.push(segment);
        } else if segment.first <= point.sequence {
            cut = Some(segment);
        }
    }
    (whole, cut)
}

/// Checks what was written against every rule, while nothing else can open it.
fn audit(
    vfs: &Arc<dyn Vfs>,
    dir: &Path,
    progress: &mut dyn FnMut(RestoreProgress),
) -> Result<Summary, RestoreError> {
    struct Auditing<'a> {
        first: Option<verify::Finding>,
        progress: &'a mut dyn FnMut(RestoreProgress),
    }

    impl verify::Report for Auditing<'_> {
        fn finding(&mut self, finding: verify::Finding) {
            if finding.problem.severity() == verify::Severity::Error {
                self.first.get_or_insert(finding);
            }
        }

        fn progress(&mut self, audited: Progress) {
            (self.progress)(RestoreProgress::Auditing(audited));
        }
    }

    let mut report = Auditing {
        first: None,
        progress,
    };
    let summary = verify::verify_unopened(vfs, dir, &mut report);
    let summary = summary.map_err(RestoreError::NotAudited)?;
    match report.first {
        Some(first) => Err(RestoreError::Audit {
            dir: dir.to_owned(),
            errors: summary.errors,
            first: Box::new(first),
        }),
        None => Ok(summary),
    }
}

/// The name of the epoch and the salt of its first segment.
fn random() -> Result<(u128, u64), RestoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| RestoreError::Randomness)?;
    let salt = getrandom::u64().map_err(|_| RestoreError::Randomness)?;
    Ok((u128::from_le_bytes(bytes), salt))
}
