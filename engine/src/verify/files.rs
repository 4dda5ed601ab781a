//! Reading the files of a data directory, frame by frame, past whatever is wrong with them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ledger_core::{EpochBegan, Event, Sequence};

use super::books::Books;
use super::{Finding, Problem, Report, Rule, Severity, Summary, VerifyError};
use crate::journal::chain::Chain;
use crate::journal::meta::Meta;
use crate::journal::scan::{FrameBuffer, Layout, ScanError, Tail, look_at_tail, read_frame};
use crate::journal::seal;
use crate::journal::sealed::{Footer, SealedError, SealedFile};
use crate::journal::survey::Survey;
use crate::journal::{
    ChainError, FrameError, FrameEvents, FrameHeader, MetaError, PIECE_BYTES, Progress, names,
};
use crate::vfs::{DeviceFile, Vfs, VfsLock};

/// What a data directory holds, and the lock on it.
pub(super) struct Found {
    survey: Survey,
    meta_file: PathBuf,
    meta: Result<Meta, MetaError>,
    /// None where the directory cannot be written to: nobody else can write there either.
    _lock: Option<Box<dyn VfsLock>>,
}

impl Found {
    pub(super) fn open(vfs: &dyn Vfs, dir: &Path) -> Result<Self, VerifyError> {
        let io = |file: &Path| {
            let file = file.to_owned();
            move |source| VerifyError::Io { file, source }
        };
        let survey = Survey::list(vfs, dir).map_err(io(dir))?;
        if !survey.has_meta && survey.newest() == 0 {
            return Err(VerifyError::NoDatabase {
                dir: dir.to_owned(),
            });
        }
        let lock_file = names::lock(dir);
        let lock = match vfs.lock(&lock_file) {
            Ok(Some(lock)) => Some(lock),
            Ok(None) => {
                return Err(VerifyError::Locked {
                    dir: dir.to_owned(),
                });
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied
                ) =>
            {
                None
            }
            Err(error) => return Err(io(&lock_file)(error)),
        };
        let meta_file = names::meta(dir);
        let meta = match survey.has_meta {
            true => Meta::load(vfs, &meta_file).map_err(io(&meta_file))?,
            false => Err(MetaError::Length {
                found: 0,
                expected: crate::journal::meta::META_BYTES as u64,
            }),
        };
        Ok(Self {
            survey,
            meta_file,
            meta,
            _lock: lock,
        })
    }

    /// What a restore is about to make a database of.
    pub(super) fn unopened(vfs: &dyn Vfs, dir: &Path) -> Result<Self, VerifyError> {
        let io = |file: &Path| {
            let file = file.to_owned();
            move |source| VerifyError::Io { file, source }
        };
        let meta_file = names::restoring(dir);
        Ok(Self {
            survey: Survey::list(vfs, dir).map_err(io(dir))?,
            meta: Meta::load(vfs, &meta_file).map_err(io(&meta_file))?,
            meta_file,
            _lock: None,
        })
    }
}

/// Reads everything once.
pub(super) struct Auditor<'a> {
    vfs: &'a Arc<dyn Vfs>,
    dir: &'a Path,
    found: &'a Found,
    report: &'a mut dyn Report,
    books: Books,
    chain: Option<Chain>,
    summary: Summary,
    bytes_total: u64,
    payload: Vec<u8>,
}

/// A file that frames are read from.
struct Source {
    path: PathBuf,
    number: u64,
    file: Box<dyn DeviceFile>,
    layout: Layout,
    offset: u64,
    end: u64,
}

impl<'a> Auditor<'a> {
    pub(super) fn new(
        vfs: &'a Arc<dyn Vfs>,
        dir: &'a Path,
        found: &'a Found,
        report: &'a mut dyn Report,
    ) -> Self {
        Self {
            vfs,
            dir,
            found,
            report,
            books: Books::default(),
            chain: found
                .meta
                .as_ref()
                .ok()
                .map(|meta| Chain::start(meta.database, meta.epoch)),
            summary: Summary::default(),
            bytes_total: 0,
            payload: Vec::new(),
        }
    }

    pub(super) fn audit(mut self) -> Summary {
        let newest = match &self.found.meta {
            Ok(meta) => {
                (self.summary.database, self.summary.epoch) = (meta.database, meta.epoch);
                meta.newest_segment.max(meta.sealed_segment)
            }
            Err(error) => {
                self.note(&self.found.meta_file, 0, Problem::Meta(*error));
                0
            }
        };
        let newest = newest.max(self.found.survey.newest());
        self.bytes_total = (1..=newest).map(|number| self.length(number)).sum();
        for number in 1..=newest {
            self.audit_segment(number);
        }
        self.check_meta_end();
        self.finish()
    }

    fn length(&self, number: u64) -> u64 {
        let path = if self.found.survey.sealed.contains(&number) {
            names::sealed(self.dir, number)
        } else {
            names::active(self.dir, number)
        };
        let length = self.vfs.open(&path).and_then(|file| file.length());
        length.unwrap_or(0)
    }

    fn audit_segment(&mut self, number: u64) {
        let is_sealed = self.found.survey.sealed.contains(&number);
        let is_active = self.found.survey.active.contains(&number);
        self.summary.segments += u64::from(is_sealed || is_active);
        let (path, done) = match (is_sealed, is_active) {
            (true, _) => (names::sealed(self.dir, number), self.audit_sealed(number)),
            (false, true) => (names::active(self.dir, number), self.audit_active(number)),
            (false, false) => {
                let segment = number;
                self.note(self.dir, 0, Problem::SegmentMissing { segment });
                return;
            }
        };
        if let Err(error) = done {
            self.note(&path, 0, Problem::Io(error));
        }
        if is_sealed && is_active {
            let active = names::active(self.dir, number);
            self.note(&active, 0, Problem::ActiveBesideSealed);
        }
        self.check_sealed_end(number, &path);
    }

    fn audit_sealed(&mut self, number: u64) -> io::Result<()> {
        let path = names::sealed(self.dir, number);
        let footer = match SealedFile::open(self.vfs, &path, number)? {
            Ok((footer, _)) => Some(footer),
            Err(error) => {
                self.note(&path, 0, Problem::Sealed(error));
                None
            }
        };
        let file = self.vfs.open_device(&path)?;
        let end = match &footer {
            Some(footer) => footer.frames_bytes,
            None => file.length()?,
        };
        let mut source = Source {
            path,
            number,
            file,
            layout: Layout::Packed,
            offset: 0,
            end,
        };
        let mut summary: Option<seal::Summary> = None;
        while source.offset < source.end {
            let frame = match self.read(&mut source)? {
                Ok(frame) => frame,
                // Without padding there is no telling where the next frame begins.
                Err(error) => {
                    let is_behind = footer.is_none() && source.offset > 0;
                    if !is_behind {
                        self.note(&source.path, source.offset, Problem::Frame(error));
                    }
                    return Ok(());
                }
            };
            let summary = summary.get_or_insert_with(|| seal::Summary::new(&frame.header));
            self.audit_frame(&source, &frame, |event, item| {
                summary.add_event(event, item)
            });
            summary.add_frame(&frame.header, &frame.header_bytes, &frame.payload);
            self.step(&mut source, frame);
        }
        self.check_summary(&source, footer.as_ref(), summary);
        Ok(())
    }

    fn check_summary(
        &mut self,
        source: &Source,
        footer: Option<&Footer>,
        summary: Option<seal::Summary>,
    ) {
        let computed = summary.map(|summary| summary.finish().0);
        if footer.is_some() && computed.as_ref() != footer {
            let problem = Problem::Sealed(SealedError::Contradiction);
            self.note(&source.path, source.end, problem);
        }
    }

    fn audit_active(&mut self, number: u64) -> io::Result<()> {
        let path = names::active(self.dir, number);
        let file = self.vfs.open_device(&path)?;
        let end = file.length()?;
        let mut source = Source {
            path,
            number,
            file,
            layout: Layout::Padded,
            offset: 0,
            end,
        };
        if let Ok(meta) = &self.found.meta {
            let (found, expected) = (end, meta.active_bytes);
            if number <= meta.newest_segment && found != expected {
                self.note(&source.path, 0, Problem::Length { found, expected });
            }
        }
        while source.offset < source.end {
            match self.read(&mut source)? {
                Ok(frame) => {
                    self.audit_frame(&source, &frame, |_, _| {});
                    self.step(&mut source, frame);
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
                        self.note(&source.path, source.offset, problem);
                        break;
                    }
                    Tail::FrameBehind { offset } => {
                        self.note(&source.path, source.offset, Problem::Frame(error));
                        source.offset = offset;
                    }
                },
            }
        }
        Ok(())
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

    fn read(&mut self, source: &mut Source) -> io::Result<Result<FrameBuffer, FrameError>> {
        let payload = std::mem::take(&mut self.payload);
        match read_frame(&mut *source.file, source.offset, source.end, payload) {
            Ok(frame) => Ok(Ok(frame)),
            Err(ScanError::Frame(error)) => Ok(Err(error)),
            Err(ScanError::Io(error)) => Err(error),
        }
    }

    /// Checks a whole frame against the chain, and its events against the books.
    fn audit_frame(
        &mut self,
        source: &Source,
        frame: &FrameBuffer,
        mut event_read: impl FnMut(&Event, u32),
    ) {
        let header = &frame.header;
        let chain = self
            .chain
            .get_or_insert_with(|| Chain::start(header.database, header.epoch));
        if let Err(error) = chain.check(header, source.number) {
            let expected = chain.next;
            if matches!(error, ChainError::Database { .. }) {
                *chain = Chain::start(header.database, header.epoch);
            }
            self.note(&source.path, source.offset, Problem::Chain(error));
            if header.first_sequence != expected {
                self.stop_checking(source, header.first_sequence);
            }
        }
        let mut events = frame.events();
        let mut event = FrameEvents::blank();
        loop {
            match events.read_next(&mut event) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.note(&source.path, source.offset, Problem::Decode(error));
                    self.stop_checking(source, header.first_sequence);
                    self.step_over(source, header, None);
                    return;
                }
            }
            event_read(&event, events.event_at());
            self.summary.events += 1;
            if self.summary.unchecked_from.is_none() {
                let mut broken = self.books.enter(&event);
                if event.time < header.base_time || event.time > header.close_time {
                    broken.push(Rule::TimeOutsideFrame);
                }
                if event.chained && events.is_at_request_end() {
                    broken.push(Rule::ChainOpen);
                }
                for rule in broken {
                    self.find(Finding {
                        file: source.path.clone(),
                        offset: source.offset,
                        sequence: event.sequence,
                        problem: Problem::Rule(rule),
                    });
                }
            }
        }
        if let Err(error) = events.check_counts(header) {
            self.note(&source.path, source.offset, Problem::Decode(error));
        }
        self.step_over(source, header, events.epoch_began());
    }

    /// Goes on behind a frame, whatever was wrong with it.
    fn step_over(&mut self, source: &Source, header: &FrameHeader, began: Option<&EpochBegan>) {
        let Some(chain) = &mut self.chain else { return };
        let checked = chain.check_epoch(header, began);
        chain.advance(header, began.filter(|_| checked.is_ok()));
        if let Err(error) = checked {
            self.note(&source.path, source.offset, Problem::Chain(error));
        }
    }

    /// Frames are missing: what follows can no longer be held against what went before.
    fn stop_checking(&mut self, source: &Source, from: Sequence) {
        if self.summary.unchecked_from.is_none() {
            self.summary.unchecked_from = Some(from);
            self.note(&source.path, source.offset, Problem::Unchecked);
        }
    }

    fn step(&mut self, source: &mut Source, frame: FrameBuffer) {
        let bytes = frame.bytes(source.layout);
        source.offset += bytes;
        self.payload = frame.payload;
        self.summary.frames += 1;
        let before = self.summary.bytes / PIECE_BYTES;
        self.summary.bytes += bytes;
        if self.summary.bytes / PIECE_BYTES > before {
            self.report.progress(Progress {
                bytes: self.summary.bytes,
                bytes_total: self.bytes_total,
                sequence: self.last(),
            });
        }
    }

    fn last(&self) -> Sequence {
        self.chain.as_ref().map_or(Sequence::ZERO, Chain::last)
    }

    fn check_sealed_end(&mut self, number: u64, path: &Path) {
        let Ok(meta) = &self.found.meta else { return };
        let hash = self.chain.as_ref().map(|chain| chain.hash);
        if meta.sealed_segment == number && hash != Some(meta.sealed_hash) {
            self.note(path, 0, Problem::NotTheSealed);
        }
    }

    fn check_meta_end(&mut self) {
        let Ok(meta) = &self.found.meta else { return };
        let sealed = meta.sealed_sequence;
        let meta_file = self.found.meta_file.clone();
        if self.last() < sealed {
            self.note(&meta_file, 0, Problem::BehindMeta { sealed });
        }
        let found = self.chain.as_ref().map(|chain| chain.lineage.epoch());
        if let Some(found) = found.filter(|&found| found != meta.epoch) {
            let expected = meta.epoch;
            self.note(&meta_file, 0, Problem::NotTheEpoch { found, expected });
        }
    }

    fn finish(mut self) -> Summary {
        self.report.progress(Progress {
            bytes: self.bytes_total,
            bytes_total: self.bytes_total,
            sequence: self.last(),
        });
        let proofs = self.books.proofs();
        if self.summary.unchecked_from.is_none() {
            for proof in proofs.iter().filter(|proof| !proof.is_balanced()) {
                let problem = Problem::Unbalanced(proof.ledger);
                self.note(self.dir, 0, problem);
            }
        }
        if let Some(chain) = &self.chain {
            self.summary.sequence = chain.last();
            self.summary.time = chain.time;
            self.summary.hash = chain.hash;
        }
        self.summary.accounts = self.books.account_count();
        self.summary.transfers = self.books.transfer_count();
        self.summary.open_holds = self.books.open_hold_count();
        self.summary.ledgers = proofs;
        self.summary
    }

    fn note(&mut self, file: &Path, offset: u64, problem: Problem) {
        let next = self
            .chain
            .as_ref()
            .map_or(Sequence::new(1), |chain| chain.next);
        self.find(Finding {
            file: file.to_owned(),
            offset,
            sequence: next,
            problem,
        });
    }

    fn find(&mut self, finding: Finding) {
        match finding.problem.severity() {
            Severity::Error => self.summary.errors += 1,
            Severity::Note => self.summary.notes += 1,
        }
        self.report.finding(finding);
    }
}
