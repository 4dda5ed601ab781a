//! Where the log, the writer and the thread that seals meet.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ledger_core::Forgotten;

use super::sealer::{Done, Sealer};
use crate::Halt;
use crate::journal::Preparation;

/// How long after a refusal of the disk it is asked again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// See the module.
pub(crate) struct Sealing {
    desk: Mutex<Desk>,
    changed: Condvar,
    stopping: AtomicBool,
    /// Segments that the log has left and that are not sealed.
    backlog: AtomicU64,
    /// Bytes appended to the journal since the start.
    appended: AtomicU64,
    /// Bytes a second that can be sealed; zero before the first segment was.
    rate: AtomicU64,
    /// Where there is no thread, whoever appended seals.
    inline: Option<Mutex<Sealer>>,
}

#[derive(Default)]
struct Desk {
    /// Something happened since the sealer last looked.
    rung: bool,
    trouble: Option<io::ErrorKind>,
    index_trouble: Option<io::ErrorKind>,
    /// Ids that the state let go of, to be freed.
    forgotten: Vec<Forgotten>,
}

impl Sealing {
    /// The sealer itself is given back where a thread is to run it: see [`Sealing::run`].
    pub(crate) fn new(preparation: Preparation, sealer: Sealer) -> (Arc<Self>, Option<Sealer>) {
        let backlog = sealer.backlog();
        let (inline, threaded) = match preparation {
            Preparation::Inline => (Some(Mutex::new(sealer)), None),
            Preparation::Background => (None, Some(sealer)),
        };
        let sealing = Self {
            desk: Mutex::new(Desk::default()),
            changed: Condvar::new(),
            stopping: AtomicBool::new(false),
            backlog: AtomicU64::new(backlog),
            appended: AtomicU64::new(0),
            rate: AtomicU64::new(0),
            inline,
        };
        (Arc::new(sealing), threaded)
    }

    /// Tells that so many bytes were appended.
    pub(crate) fn note_appended(&self, bytes: u64) {
        self.appended.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes appended since the start.
    pub(crate) fn appended(&self) -> u64 {
        self.appended.load(Ordering::Relaxed)
    }

    /// Tells that the log has left a segment.
    ///
    /// # Errors
    /// Why the engine has to end, where sealing is done by whoever appends.
    pub(crate) fn segment_left(&self) -> Result<(), Halt> {
        self.backlog.fetch_add(1, Ordering::Relaxed);
        self.ring();
        self.work_inline()
    }

    /// Does all that is to be done, where there is no thread for it.
    ///
    /// # Errors
    /// Why the engine has to end.
    pub(crate) fn work_inline(&self) -> Result<(), Halt> {
        match &self.inline {
            None => Ok(()),
            Some(sealer) => {
                let mut sealer = sealer.lock().unwrap_or_else(PoisonError::into_inner);
                self.work(&mut sealer)
            }
        }
    }

    /// Takes ids that the state let go of, to free their memory where nobody waits.
    pub(crate) fn free(&self, forgotten: Forgotten) {
        self.desk().forgotten.push(forgotten);
        self.ring();
    }

    /// Segments that the log has left and that are not sealed.
    pub(crate) fn backlog(&self) -> u64 {
        self.backlog.load(Ordering::Relaxed)
    }

    /// Bytes a second that can be sealed; zero before the first segment was.
    pub(super) fn rate(&self) -> u64 {
        self.rate.load(Ordering::Relaxed)
    }

    /// Why segments cannot be sealed, while they cannot.
    pub(crate) fn trouble(&self) -> Option<io::ErrorKind> {
        self.desk().trouble
    }

    /// Why runs cannot be written, while they cannot.
    pub(crate) fn index_trouble(&self) -> Option<io::ErrorKind> {
        self.desk().index_trouble
    }

    /// A run is missing: it is made again.
    ///
    /// # Errors
    /// Why the engine has to end, where that is done by whoever notices.
    pub(crate) fn run_lost(&self) -> Result<(), Halt> {
        self.ring();
        self.work_inline()
    }

    /// Ends the thread; what it has half made is made again after the next start.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.ring();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Waits so long, or until the thread is to end.
    pub(super) fn wait(&self, time: Duration) {
        let desk = self.desk();
        let waited = self
            .changed
            .wait_timeout_while(desk, time, |_| !self.is_stopping());
        drop(waited);
    }

    /// The life of the thread.
    ///
    /// # Errors
    /// Why the engine has to end.
    pub(crate) fn run(&self, mut sealer: Sealer) -> Result<(), Halt> {
        while !self.is_stopping() {
            self.work(&mut sealer)?;
            self.rest();
        }
        Ok(())
    }

    /// Does all that is to be done and can be done.
    fn work(&self, sealer: &mut Sealer) -> Result<(), Halt> {
        sealer.begin_round();
        loop {
            let forgotten = std::mem::take(&mut self.desk().forgotten);
            drop(forgotten);
            if self.is_stopping() {
                return Ok(());
            }
            let done = sealer.step(self)?;
            let mut desk = self.desk();
            match done {
                Done::Nothing | Done::BrokenOff => return Ok(()),
                Done::Indexed => desk.index_trouble = None,
                Done::Sealed { bytes, working } => {
                    self.backlog.store(sealer.backlog(), Ordering::Relaxed);
                    self.measure(bytes, working);
                    desk.trouble = None;
                    if sealer.is_index_troubled() {
                        desk.index_trouble.get_or_insert(io::ErrorKind::Other);
                    }
                }
                // The next step does not try that again, but seals.
                Done::NotIndexed(kind) => desk.index_trouble = Some(kind),
                Done::NotSealed(kind) => {
                    desk.trouble = Some(kind);
                    return Ok(());
                }
            }
        }
    }

    /// Takes the newest measurement for a quarter of the truth.
    fn measure(&self, bytes: u64, working: Duration) {
        let nanoseconds = working.as_nanos().max(1);
        let rate = u128::from(bytes) * 1_000_000_000 / nanoseconds;
        let rate = u64::try_from(rate).unwrap_or(u64::MAX).max(1);
        let before = self.rate();
        let smoothed = match before {
            0 => rate,
            before => before - before / 4 + rate / 4,
        };
        self.rate.store(smoothed.max(1), Ordering::Relaxed);
    }

    /// Waits until there may be something to do.
    fn rest(&self) {
        let mut desk = self.desk();
        if desk.trouble.is_some() || desk.index_trouble.is_some() {
            drop(desk);
            return self.wait(RETRY_AFTER);
        }
        while !std::mem::take(&mut desk.rung) && !self.is_stopping() {
            desk = self
                .changed
                .wait(desk)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn ring(&self) {
        self.desk().rung = true;
        self.changed.notify_all();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
