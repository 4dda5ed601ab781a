//! The audit of a data directory: the journal from its first frame, and what was made from it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::Scope;

use ledger_core::{EpochBegan, Fact, LedgerId, Sequence};

use super::books::Books;
use super::checking::{self, Checked, Task};
use super::found::Found;
use super::index::{IndexAudit, PostingHasher};
use super::reading::{Ahead, Item, ReadFrame, Reading};
use super::{Finding, Problem, Report, Rule, Severity, Summary, directory, snapshots};
use crate::journal::chain::Chain;
use crate::journal::{ChainError, FrameHeader, PIECE_BYTES, Progress, names};
use crate::runs::Run;
use crate::vfs::Vfs;

/// At most so many threads read files beside the one that keeps the books.
const THREADS_MAX: usize = 8;

/// Reads everything once.
pub(super) struct Auditor<'a> {
    vfs: &'a Arc<dyn Vfs>,
    dir: &'a Path,
    found: &'a Found,
    report: &'a mut dyn Report,
    books: Books,
    index: IndexAudit,
    chain: Option<Chain>,
    summary: Summary,
    bytes_total: u64,
    newest: u64,
    /// The snapshots that were held against the books.
    compared: BTreeSet<Sequence>,
}

impl<'a> Auditor<'a> {
    pub(super) fn new(
        vfs: &'a Arc<dyn Vfs>,
        dir: &'a Path,
        found: &'a Found,
        report: &'a mut dyn Report,
    ) -> Self {
        let meta = found.meta.as_ref().ok();
        let counted_on = meta.map_or(0, |meta| meta.newest_segment.max(meta.sealed_segment));
        let newest = counted_on.max(found.survey.newest());
        let reading = Reading { vfs, dir, found };
        let length = |number| {
            let file = reading.path(number).map(|path| vfs.open(&path));
            let length = file.map(|file| file.and_then(|file| file.length()));
            length.transpose().ok().flatten().unwrap_or(0)
        };
        Self {
            vfs,
            dir,
            found,
            report,
            books: Books::default(),
            index: IndexAudit::new(PostingHasher::new(), []),
            chain: meta.map(|meta| Chain::start(meta.database, meta.epoch)),
            summary: Summary::default(),
            bytes_total: (1..=newest).map(length).sum(),
            newest,
            compared: BTreeSet::new(),
        }
    }

    pub(super) fn audit(mut self) -> Summary {
        match &self.found.meta {
            Ok(meta) => {
                (self.summary.database, self.summary.epoch) = (meta.database, meta.epoch);
            }
            Err(error) => self.note(&self.found.meta_file, 0, Problem::Meta(*error)),
        }
        std::thread::scope(|scope| self.audit_files(scope));
        self.check_meta_end();
        self.check_directory();
        self.finish()
    }

    fn audit_files<'scope>(&mut self, scope: &'scope Scope<'scope, 'a>) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.min(THREADS_MAX);
        let runs = self.open_runs();
        let hasher = PostingHasher::new();
        self.index = IndexAudit::new(hasher.clone(), runs.iter().map(|run| &**run));
        let runs = runs.into_iter().enumerate();
        let snapshots = self.found.survey.snapshots.iter();
        let tasks = snapshots
            .map(|&sequence| Task::Snapshot(sequence, names::snapshot(self.dir, sequence)))
            .chain(runs.map(|(number, run)| Task::Run(number, run)))
            .collect();
        let checked = checking::start(scope, self.vfs, &hasher, tasks, threads);
        let reading = Reading {
            vfs: self.vfs,
            dir: self.dir,
            found: self.found,
        };
        let mut ahead = Ahead::new(scope, reading, self.newest, threads);
        for number in 1..=self.newest {
            let items = ahead.segment().expect("there is one for each number");
            self.audit_segment(number, reading.path(number), &items);
            checked.try_iter().for_each(|checked| self.take(checked));
        }
        checked.iter().for_each(|checked| self.take(checked));
        if self.summary.unchecked_from.is_none() {
            for finding in self.index.differences(self.last()) {
                self.find(finding);
            }
        }
    }

    /// The runs whose index and filters verify; what is wrong with the others is told.
    fn open_runs(&mut self) -> Vec<Arc<Run>> {
        let mut runs = Vec::new();
        for &(first, last) in &self.found.runs {
            let file = names::run(self.dir, first, last);
            match Run::open(self.vfs, &file) {
                Ok(run) if (run.covered().first, run.covered().last) == (first, last) => {
                    runs.push(Arc::new(run));
                }
                Ok(_) => self.find(Finding {
                    file,
                    offset: 0,
                    sequence: first,
                    ledger: None,
                    problem: Problem::RunElsewhere,
                }),
                Err(error) => self.find(checking::of_run(error, file, first)),
            }
        }
        runs
    }

    /// What a thread says of a run or a snapshot.
    fn take(&mut self, checked: Checked) {
        match checked {
            Checked::Finding(finding) => self.find(*finding),
            Checked::Run { run, sums } => {
                self.summary.runs += 1;
                self.index.found(run, *sums);
            }
            Checked::Snapshot => self.summary.snapshots += 1,
        }
    }

    fn audit_segment(&mut self, number: u64, path: Option<PathBuf>, items: &Receiver<Item>) {
        let Some(path) = path else {
            let segment = number;
            self.note(self.dir, 0, Problem::SegmentMissing { segment });
            return;
        };
        self.summary.segments += 1;
        let first = self.chain.as_ref().map(|chain| chain.next);
        while let Ok(item) = items.recv() {
            match item {
                Item::Frame(frame) => self.audit_frame(number, &path, &frame),
                Item::Problem { offset, problem } => self.note(&path, offset, problem),
            }
        }
        let survey = &self.found.survey;
        if survey.sealed.contains(&number) && survey.active.contains(&number) {
            let active = names::active(self.dir, number);
            self.note(&active, 0, Problem::ActiveBesideSealed);
        }
        self.check_sealed_end(number, &path);
        if let (Some(first), Some(chain)) = (first, &self.chain) {
            self.index.end_segment(number, first, chain);
        }
        self.check_snapshot(number);
    }

    /// Checks a whole frame against the chain, and its events against the books.
    fn audit_frame(&mut self, number: u64, path: &Path, frame: &ReadFrame) {
        let header = &frame.header;
        let chain = self
            .chain
            .get_or_insert_with(|| Chain::start(header.database, header.epoch));
        if let Err(error) = chain.check(header, number) {
            let expected = chain.next;
            if matches!(error, ChainError::Database { .. }) {
                *chain = Chain::start(header.database, header.epoch);
            }
            self.note(path, frame.offset, Problem::Chain(error));
            if header.first_sequence != expected {
                self.stop_checking(path, frame.offset, header.first_sequence);
            }
        }
        for read in &frame.events {
            let event = &read.event;
            self.summary.events += 1;
            self.index.enter(event);
            if self.summary.unchecked_from.is_some() {
                continue;
            }
            let mut broken = self.books.enter(event);
            if event.time < header.base_time || event.time > header.close_time {
                broken.push(Rule::TimeOutsideFrame);
            }
            if event.chained && read.ends_request {
                broken.push(Rule::ChainOpen);
            }
            for rule in broken {
                self.find(Finding {
                    file: path.to_owned(),
                    offset: frame.offset,
                    sequence: event.sequence,
                    ledger: ledger_of(&event.fact),
                    problem: Problem::Rule(rule),
                });
            }
        }
        if let Some(error) = frame.unreadable {
            self.note(path, frame.offset, Problem::Decode(error));
            self.stop_checking(path, frame.offset, header.first_sequence);
        } else if let Some(error) = frame.miscounted {
            self.note(path, frame.offset, Problem::Decode(error));
        }
        self.step_over(path, frame, header, frame.began.as_ref());
    }

    /// Goes on behind a frame, whatever was wrong with it.
    fn step_over(
        &mut self,
        path: &Path,
        frame: &ReadFrame,
        header: &FrameHeader,
        began: Option<&EpochBegan>,
    ) {
        if let Some(chain) = &mut self.chain {
            let checked = chain.check_epoch(header, began);
            chain.advance(header, began.filter(|_| checked.is_ok()));
            if let Err(error) = checked {
                self.note(path, frame.offset, Problem::Chain(error));
            }
        }
        self.summary.frames += 1;
        let before = self.summary.bytes / PIECE_BYTES;
        self.summary.bytes += frame.bytes;
        if self.summary.bytes / PIECE_BYTES > before {
            self.report.progress(Progress {
                bytes: self.summary.bytes,
                bytes_total: self.bytes_total,
                sequence: self.last(),
            });
        }
    }

    /// Frames are missing: what follows can no longer be held against what went before.
    fn stop_checking(&mut self, path: &Path, offset: u64, from: Sequence) {
        if self.summary.unchecked_from.is_none() {
            self.summary.unchecked_from = Some(from);
            self.note(path, offset, Problem::Unchecked);
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

    /// Holds the books against the snapshot that ends with this segment, if there is one.
    fn check_snapshot(&mut self, number: u64) {
        let last = self.last();
        if self.summary.unchecked_from.is_some() || !self.found.survey.snapshots.contains(&last) {
            return;
        }
        let chain = self.chain.as_ref().expect("an event was read");
        let file = names::snapshot(self.dir, last);
        let Some(problems) = snapshots::differences(&**self.vfs, &file, number, chain, &self.books)
        else {
            return;
        };
        self.compared.insert(last);
        for problem in problems {
            self.note(&file, 0, problem);
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
        let last = self.last();
        for &sequence in &self.found.survey.snapshots {
            let file = names::snapshot(self.dir, sequence);
            if sequence > last {
                self.note(&file, 0, Problem::SnapshotBeyondEnd { last });
            } else if self.summary.unchecked_from.is_none() && !self.compared.contains(&sequence) {
                self.note(&file, 0, Problem::SnapshotElsewhere);
            }
        }
    }

    fn check_directory(&mut self) {
        if self.summary.unchecked_from.is_some() {
            return;
        }
        let Some(chain) = &self.chain else { return };
        let path = self.dir.join(names::DIRECTORY);
        for problem in directory::differences(&path, chain, &self.books) {
            self.note(&path, 0, problem);
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
            ledger: None,
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

/// The ledger of an event that moves amounts.
fn ledger_of(fact: &Fact) -> Option<LedgerId> {
    match fact {
        Fact::TransferCreated(created) => Some(created.transfer.ledger),
        Fact::TransferExpired(expired) => Some(expired.ledger),
        _ => None,
    }
}
