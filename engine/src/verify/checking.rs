//! Index runs and snapshots, each read from its first byte to its last by threads of their own.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;

use ledger_core::Sequence;

use super::index::{PostingHasher, Sums};
use super::{Finding, Problem};
use crate::runs::{Run, RunError};
use crate::snapshot::{self, SnapshotError};
use crate::vfs::Vfs;

/// A file to be read.
pub(super) enum Task {
    /// The run with this number.
    Run(usize, Arc<Run>),
    Snapshot(Sequence, PathBuf),
}

/// What a thread says.
pub(super) enum Checked {
    /// Something is wrong with a file.
    Finding(Box<Finding>),
    /// A run was read to its end, and is sound in itself.
    Run { run: usize, sums: Box<Sums> },
    /// A snapshot was read to its end, and is sound in itself.
    Snapshot,
}

/// Reads the files on so many threads; the answers come as they are done.
pub(super) fn start<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    vfs: &'env Arc<dyn Vfs>,
    hasher: &PostingHasher,
    tasks: VecDeque<Task>,
    threads: usize,
) -> Receiver<Checked> {
    let (checked, received) = channel();
    let threads = threads.min(tasks.len());
    let tasks = Arc::new(Mutex::new(tasks));
    for _ in 0..threads {
        let (tasks, hasher, checked) = (Arc::clone(&tasks), hasher.clone(), checked.clone());
        scope.spawn(move || {
            let next = || {
                let mut tasks = tasks.lock().unwrap_or_else(PoisonError::into_inner);
                tasks.pop_front()
            };
            while let Some(task) = next() {
                if !check(vfs, &hasher, task, &checked) {
                    return;
                }
            }
        });
    }
    received
}

/// Whether anybody still wants to know.
fn check(
    vfs: &Arc<dyn Vfs>,
    hasher: &PostingHasher,
    task: Task,
    checked: &Sender<Checked>,
) -> bool {
    let answer = match task {
        Task::Run(number, run) => {
            let sums = run.verify_all().and_then(|()| hasher.sums(&run));
            match sums {
                Ok(sums) => Checked::Run {
                    run: number,
                    sums: Box::new(sums),
                },
                Err(error) => Checked::Finding(Box::new(of_run(
                    error,
                    run.path().to_owned(),
                    run.covered().first,
                ))),
            }
        }
        Task::Snapshot(sequence, file) => match snapshot::verify(&**vfs, &file) {
            Ok(_) => Checked::Snapshot,
            Err(error) => Checked::Finding(Box::new(of_snapshot(error, sequence))),
        },
    };
    checked.send(answer).is_ok()
}

/// What is wrong with a run, as a finding.
pub(super) fn of_run(error: RunError, file: PathBuf, sequence: Sequence) -> Finding {
    let (offset, problem) = match error {
        RunError::Damaged { offset, damage, .. } => (offset, Problem::Run(damage)),
        RunError::Read { offset, source, .. } => (offset, Problem::Io(source)),
        other => (0, Problem::Io(std::io::Error::other(other))),
    };
    Finding {
        file,
        offset,
        sequence,
        ledger: None,
        problem,
    }
}

fn of_snapshot(error: SnapshotError, sequence: Sequence) -> Finding {
    let (file, offset, problem) = match error {
        SnapshotError::Io { file, source } => (file, 0, Problem::Io(source)),
        SnapshotError::Damaged {
            file,
            offset,
            source,
        } => (file, offset, Problem::Snapshot(source)),
    };
    Finding {
        file,
        offset,
        sequence,
        ledger: None,
        problem,
    }
}
