//! What `serve` and `demo` have in common: an address, and a way to end.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::command_error::CommandError;

/// Listens on an address, so that the port is known before anything is served.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CommandError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound
        .await
        .map_err(|source| CommandError::Listen { address, source })
}

/// The signals that ask a server to end.
pub(crate) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    /// Takes the signals over from the operating system's default.
    pub(crate) fn take() -> Result<Self, CommandError> {
        let take = |kind| signal(kind).map_err(CommandError::Signals);
        Ok(Self {
            terminate: take(SignalKind::terminate())?,
            interrupt: take(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first signal. From then on a second one ends the process at once, without
    /// draining: what was acknowledged is on the disk.
    pub(crate) async fn first(mut self) {
        self.next().await;
        tokio::spawn(async move {
            let number = self.next().await;
            eprintln!("a second signal: ending at once");
            std::process::exit(128 + number);
        });
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}
