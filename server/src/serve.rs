//! The life of a server: it opens its engine, answers calls, and ends without losing any.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    thread,
};

use ledger_engine::{Engine, Halt, OpenError};
use thiserror::Error;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::{error, info, warn};

use crate::{Limits, accept, closing::closing, desk::Desk, dispatch::Dispatch, health};

/// Why a server ended other than by being asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The database could not be opened. Nothing was served.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The engine halted while it served. What was acknowledged is safe; the next start reads from
    /// the device what is there.
    #[error("the engine halted: {}", halted(.0))]
    Halted(Halt),
    /// The engine could not be watched.
    #[error("no thread could be started to watch the engine")]
    Watch(#[source] std::io::Error),
    /// A task of the server ended that must not.
    #[error("a task of the server ended by a panic: see the log")]
    Panicked,
}

fn halted(halt: &Halt) -> &'static str {
    match halt {
        Halt::Stopped => "it was shut down by somebody else",
        Halt::JournalFailed => "a write or a sync of the journal failed; check the disk",
        Halt::JournalUnreadable => {
            "an event that must be there cannot be read; run `pacioli verify`"
        }
        Halt::JournalDamaged => {
            "the device does not hold what was written to it; run `pacioli verify`"
        }
        Halt::BooksDiffer => {
            "the amounts in the journal do not add up to its totals; run `pacioli verify`"
        }
        Halt::Panicked => "one of its threads panicked; see the log",
        _ => "see the log",
    }
}

/// Serves the database that `open` opens, on `listener`, until `shutdown` ends.
///
/// `open` runs on a thread of its own; until it is done calls are refused as `STARTING`. When
/// `shutdown` ends, calls are refused as `DRAINING`, those that were admitted are answered, and the
/// engine is shut down cleanly. All of that has happened when this returns.
///
/// `shutdown` is polled from the beginning. If it ends while `open` runs, which cannot be
/// interrupted, `open` is waited for, and the engine is shut down without having served.
///
/// # Errors
/// See [`ServeError`]; after one the process should end with a code other than zero.
pub async fn serve(
    limits: Limits,
    listener: TcpListener,
    open: impl FnOnce() -> Result<Engine, OpenError> + Send + 'static,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let desk = Arc::new(Desk::new(limits));
    let (dispatch, reporter) = Dispatch::new(Arc::clone(&desk));
    let (close, closing) = closing();
    let mut watching = JoinSet::new();
    watching.spawn(health::follow(Arc::clone(&desk), reporter));
    let mut accepting = JoinSet::new();
    accepting.spawn(accept::serve(
        listener,
        Arc::clone(&desk),
        dispatch,
        closing,
    ));

    let ended = live(&desk, open, shutdown).await;

    close.begin();
    let accepted = accepting.join_next().await;
    if let Ok(engine) = &ended {
        let engine = engine.clone();
        tokio::task::spawn_blocking(move || engine.shutdown())
            .await
            .map_err(|_| ServeError::Panicked)?;
        info!("ended cleanly");
    }
    match (ended, accepted) {
        (Ok(_), Some(Err(_))) => Err(ServeError::Panicked),
        (ended, _) => ended.map(drop),
    }
}

/// From the start until no call is left. `Ok` with the engine if it is to be shut down.
async fn live(
    desk: &Arc<Desk>,
    open: impl FnOnce() -> Result<Engine, OpenError> + Send + 'static,
    shutdown: impl Future<Output = ()>,
) -> Result<Engine, ServeError> {
    let mut shutdown = pin!(shutdown);
    let engine = opened(desk, open, shutdown.as_mut()).await?;
    let mut halt = watch_halt(engine.clone())?;
    desk.open(engine.clone());

    // A shutdown that was asked for while the engine opened must not be polled again.
    if !desk.is_draining() {
        tokio::select! {
            halt = &mut halt => {
                let halt = halt.map_err(|_| ServeError::Panicked)?;
                error!(?halt, "the engine halted");
                desk.drain();
                // Calls in flight are told that their outcome is unknown; a moment is enough.
                let _ = timeout(desk.limits.close_timeout, desk.until_idle()).await;
                return Err(ServeError::Halted(halt));
            }
            () = shutdown => {}
        }
        info!("draining");
        desk.drain();
    }

    tokio::select! {
        halt = &mut halt => Err(ServeError::Halted(halt.map_err(|_| ServeError::Panicked)?)),
        () = desk.until_idle() => Ok(engine),
        () = sleep(desk.limits.drain_timeout) => {
            warn!("some calls did not end in time");
            Ok(engine)
        }
    }
}

/// The engine, once it is open. The desk drains by then if `shutdown` ended meanwhile.
async fn opened(
    desk: &Desk,
    open: impl FnOnce() -> Result<Engine, OpenError> + Send + 'static,
    shutdown: Pin<&mut impl Future<Output = ()>>,
) -> Result<Engine, ServeError> {
    let mut opening = tokio::task::spawn_blocking(open);
    let opened = tokio::select! {
        opened = &mut opening => opened,
        () = shutdown => {
            info!("asked to end: the server ends as soon as its database is open");
            desk.drain();
            opening.await
        }
    };
    Ok(opened.map_err(|_| ServeError::Panicked)??)
}

/// Tells when the engine halts.
fn watch_halt(engine: Engine) -> Result<oneshot::Receiver<Halt>, ServeError> {
    let (halted, halt) = oneshot::channel();
    thread::Builder::new()
        .name("halt-watch".into())
        .spawn(move || {
            // Nobody listens any more once the server has ended.
            let _ = halted.send(engine.wait_halted());
        })
        .map_err(ServeError::Watch)?;
    Ok(halt)
}
