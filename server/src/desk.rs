//! What all calls share: the engine once it is open, whether the server ends, and the calls that
//! are being answered.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use ledger_engine::Engine;
use ledger_proto::Refusal;
use tokio::sync::{Notify, Semaphore};

use crate::Limits;

/// Shared by all connections and calls.
pub(crate) struct Desk {
    engine: OnceLock<Engine>,
    draining: AtomicBool,
    /// Calls that are being answered.
    calls: AtomicUsize,
    /// Told when the last of them ends.
    idle: Notify,
    /// Bytes of requests that are being received.
    pub(crate) receiving_bytes: AtomicUsize,
    pub(crate) connections: AtomicUsize,
    /// Places for questions that read files or wait to.
    pub(crate) reads: Arc<Semaphore>,
    /// Threads that may read files.
    pub(crate) readers: Arc<Semaphore>,
    /// Places for snapshots, backups and verifications, each for itself.
    pub(crate) snapshots: Arc<Semaphore>,
    pub(crate) backups: Arc<Semaphore>,
    pub(crate) verifications: Arc<Semaphore>,
    pub(crate) limits: Limits,
    pub(crate) started: SystemTime,
}

impl Desk {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            engine: OnceLock::new(),
            draining: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            idle: Notify::new(),
            receiving_bytes: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            reads: Arc::new(Semaphore::new(limits.reads_max)),
            readers: Arc::new(Semaphore::new(limits.readers_max)),
            snapshots: Arc::new(Semaphore::new(limits.snapshots_max)),
            backups: Arc::new(Semaphore::new(limits.backups_max)),
            verifications: Arc::new(Semaphore::new(limits.verifications_max)),
            limits,
            started: SystemTime::now(),
        }
    }

    /// The engine has recovered; calls are answered from now on.
    pub(crate) fn open(&self, engine: Engine) {
        assert!(
            self.engine.set(engine).is_ok(),
            "a server serves one engine"
        );
    }

    /// Calls are refused from now on.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// The engine, if calls are answered.
    pub(crate) fn engine(&self) -> Result<&Engine, Refusal> {
        if self.draining.load(Ordering::SeqCst) {
            return Err(Refusal::Draining);
        }
        self.engine.get().ok_or(Refusal::Starting)
    }

    /// The engine, as far as it is open, also while the server ends.
    pub(crate) fn opened(&self) -> Option<&Engine> {
        self.engine.get()
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// A call begins; it ends when what is returned is dropped.
    pub(crate) fn begin_call(desk: &Arc<Self>) -> Call {
        desk.calls.fetch_add(1, Ordering::SeqCst);
        Call(Arc::clone(desk))
    }

    /// Waits until no call is being answered.
    pub(crate) async fn until_idle(&self) {
        loop {
            let idle = self.idle.notified();
            if self.calls.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}

/// A call that is being answered.
pub(crate) struct Call(Arc<Desk>);

impl Drop for Call {
    fn drop(&mut self) {
        if self.0.calls.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}
