//! Waiting until a server has done what it does behind its callers' backs.

use std::io;
use std::time::{Duration, Instant};

use crate::ServerProcess;

/// How long nothing may change for it to be over.
const QUIET: Duration = Duration::from_secs(5);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// When it is taken as it is.
const PATIENCE: Duration = Duration::from_secs(600);

/// What there was in the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub(super) disk_bytes: u64,
    /// How long it took.
    pub(super) after: Duration,
}

/// Waits until the files of a server that nobody asks for anything stay as they are.
pub(super) fn wait(server: &ServerProcess) -> io::Result<Settled> {
    let begun = Instant::now();
    let mut settled = Settled {
        disk_bytes: server.disk_bytes()?,
        after: Duration::ZERO,
    };
    while begun.elapsed() < settled.after + QUIET && begun.elapsed() < PATIENCE {
        std::thread::sleep(LOOK);
        let disk_bytes = server.disk_bytes()?;
        if disk_bytes != settled.disk_bytes {
            settled = Settled {
                disk_bytes,
                after: begun.elapsed(),
            };
        }
    }
    Ok(settled)
}
