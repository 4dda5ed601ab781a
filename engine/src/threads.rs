//! The engine's own threads, and what happens when one of them panics.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crate::exchange::Exchange;
use crate::{Halt, OnPanic};

/// Starts a thread without which the engine cannot go on. An error that it ends with ends the
/// engine; a panic ends the process, by our own decision: what it left half changed in memory may
/// not be believed, and the binary is built to unwind for the sake of the directory.
pub(crate) fn spawn(
    name: &'static str,
    on_panic: OnPanic,
    exchange: Arc<Exchange>,
    run: impl FnOnce() -> Result<(), Halt> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    Builder::new()
        .name(name.into())
        .spawn(move || match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => {}
            Ok(Err(halt)) => exchange.end(halt),
            Err(_) => {
                tracing::error!(thread = name, "a thread of the engine panicked");
                match on_panic {
                    OnPanic::Abort => std::process::abort(),
                    OnPanic::Poison => exchange.end(Halt::Panicked),
                }
            }
        })
}
