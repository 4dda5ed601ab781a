//! Merging runs in the background: neighbours become one, so that a question asks few of them.
//!
//! What is merged when is up to [`RunSet::next_merge`](crate::runs::RunSet::next_merge). Nothing
//! waits for a merge; one that is broken off is simply made again.

use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::Halt;
use crate::indexing::LiveRuns;
use crate::journal::Preparation;
use crate::mending::Mending;
use crate::runs::{self, Merge, RunError, RunSet};
use crate::sealing::{Pace, Sealing};
use crate::vfs::Vfs;

/// How long after a refusal of the disk it is asked again.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// How much faster than the log's own pace it goes while merges wait for one another. Otherwise it
/// goes at that pace: a run is rewritten some three times as it grows, at half of the size of its
/// events, and done evenly that takes the least from everybody else.
const CATCHING_UP: u64 = 2;

/// See the module.
pub(crate) struct Merging {
    vfs: Arc<dyn Vfs>,
    dir: PathBuf,
    live: Arc<LiveRuns>,
    preparation: Preparation,
    desk: Mutex<Desk>,
    changed: Condvar,
    stopping: AtomicBool,
}

#[derive(Default)]
struct Desk {
    rung: bool,
    trouble: Option<io::ErrorKind>,
    /// Knows how fast the log goes.
    sealing: Weak<Sealing>,
    /// Has made again what is lost.
    mending: Weak<Mending>,
}

/// What became of one merge.
enum Done {
    Nothing,
    Merged,
    Refused(io::ErrorKind),
    BrokenOff,
}

impl Merging {
    pub(crate) fn new(
        vfs: Arc<dyn Vfs>,
        dir: PathBuf,
        live: Arc<LiveRuns>,
        preparation: Preparation,
    ) -> Self {
        Self {
            vfs,
            dir,
            live,
            preparation,
            desk: Mutex::default(),
            changed: Condvar::new(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Acquaints it with those who seal, and who mend.
    pub(crate) fn work_beside(&self, sealing: &Arc<Sealing>, mending: &Arc<Mending>) {
        let mut desk = self.desk();
        desk.sealing = Arc::downgrade(sealing);
        desk.mending = Arc::downgrade(mending);
    }

    /// Tells that a run was added.
    pub(crate) fn run_added(&self) {
        if self.preparation == Preparation::Inline {
            return self.work();
        }
        self.desk().rung = true;
        self.changed.notify_all();
    }

    /// Why runs cannot be merged, while they cannot.
    pub(crate) fn trouble(&self) -> Option<io::ErrorKind> {
        self.desk().trouble
    }

    /// Ends the thread; what it has half made is made again after the next start.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Whoever is about to wait has the desk, and sees it after.
        drop(self.desk());
        self.changed.notify_all();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The life of the thread. Nothing that it meets ends the engine.
    pub(crate) fn run(&self) -> Result<(), Halt> {
        while !self.is_stopping() {
            self.work();
            self.rest();
        }
        Ok(())
    }

    fn work(&self) {
        let mut haste = 1;
        while !self.is_stopping() {
            match self.merge_next(haste) {
                Done::Nothing | Done::BrokenOff => return,
                Done::Merged => {
                    self.desk().trouble = None;
                    haste = CATCHING_UP;
                }
                Done::Refused(kind) => {
                    self.desk().trouble = Some(kind);
                    return;
                }
            }
        }
    }

    fn merge_next(&self, haste: u64) -> Done {
        let set = self.live.current();
        match set.next_merge() {
            Some(merge) => self.merge(&set, &merge, haste),
            None => Done::Nothing,
        }
    }

    fn merge(&self, set: &RunSet, merge: &Merge, haste: u64) -> Done {
        let begun = Instant::now();
        let sealing = self.desk().sealing.upgrade();
        let appended = || sealing.as_ref().map_or(0, |sealing| sealing.appended());
        let mut pace = Pace::new(begun, appended());
        let mut written = 0;
        let chosen = &set.runs()[merge.runs.clone()];
        let busy = chosen.iter().map(|run| run.tier()).min().unwrap_or(0);
        let merged = runs::merge(&self.vfs, &self.dir, chosen, merge.tier, &mut |bytes| {
            written += bytes;
            self.merge_meanwhile(busy);
            let pause = pace.pause(Instant::now(), written, appended(), haste);
            self.pause(pause.unwrap_or_default())
        });
        match merged {
            Ok(run) => {
                tracing::debug!(
                    runs = chosen.len(),
                    tier = merge.tier,
                    bytes = run.file_bytes(),
                    took = ?begun.elapsed(),
                    "merged runs"
                );
                self.live.publish(run);
                Done::Merged
            }
            Err(RunError::Stopped { .. }) => Done::BrokenOff,
            Err(error @ (RunError::Read { .. } | RunError::Damaged { .. })) => {
                let mending = self.desk().mending.upgrade();
                match mending.filter(|_| self.preparation == Preparation::Background) {
                    Some(mending) => _ = mending.mend(&error),
                    // Without a thread of its own the sealer is the one who called this.
                    None => self.live.discard(&error),
                }
                Done::Refused(error.io_kind())
            }
            Err(error) => {
                if self.trouble().is_none() {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "runs cannot be merged; it is tried again"
                    );
                }
                Done::Refused(error.io_kind())
            }
        }
    }

    /// Merges the short runs that were added while runs of tier `busy` are being merged, which may
    /// take minutes: so many more would have to be asked for each new id.
    fn merge_meanwhile(&self, busy: u8) {
        let set = self.live.current();
        if let Some(merge) = set.next_merge_beside(busy)
            && let Done::Refused(kind) = self.merge(&set, &merge, CATCHING_UP)
        {
            // The one that is under way learns of it by itself if it concerns it too.
            self.desk().trouble = Some(kind);
        }
    }

    /// Waits so long, or until the thread is to end.
    fn pause(&self, time: Duration) -> ControlFlow<()> {
        if !time.is_zero() && !self.is_stopping() {
            let desk = self.desk();
            let waited = self
                .changed
                .wait_timeout_while(desk, time, |_| !self.is_stopping());
            drop(waited);
        }
        match self.is_stopping() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn rest(&self) {
        let mut desk = self.desk();
        if desk.trouble.is_some() {
            drop(desk);
            let _ = self.pause(RETRY_AFTER);
            return;
        }
        while !std::mem::take(&mut desk.rung) && !self.is_stopping() {
            desk = self
                .changed
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
