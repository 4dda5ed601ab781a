//! The accept loop. It lives through whatever a single connection, or a lack of file descriptors,
//! does to it.

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpListener, task::JoinSet, time::sleep};
use tracing::{debug, warn};

use crate::{closing::Closing, connection, desk::Desk, dispatch::Dispatch, slots::Slots};

/// How long to wait when there are no file descriptors left: until then some may be free again.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until `closing` says so; then waits until all of them are closed, though no
/// longer than the limits say.
pub(crate) async fn serve(
    listener: TcpListener,
    desk: Arc<Desk>,
    dispatch: Dispatch,
    mut closing: Closing,
) {
    let slots = Slots::new(Arc::clone(&desk));
    let closing_connections = closing.clone();
    let mut connections = JoinSet::new();
    let mut refused = 0_u64;
    let mut failing = false;
    loop {
        tokio::select! {
            () = closing.begun() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    failing = false;
                    let Some(slot) = slots.take(peer.ip()) else {
                        refused += 1;
                        // A storm must not fill the log: 1, 2, 4, 8 …
                        if refused.is_power_of_two() {
                            warn!(%peer, refused, "no connection is left: this one was closed");
                        }
                        continue;
                    };
                    connections.spawn(connection::serve(
                        stream,
                        peer,
                        slot,
                        dispatch.clone(),
                        closing_connections.clone(),
                    ));
                }
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        warn!(%error, "connections cannot be accepted");
                    }
                    sleep(PAUSE).await;
                }
            },
            Some(ended) = connections.join_next(), if !connections.is_empty() => {
                report(ended);
            }
        }
    }
    // New clients are to learn at once that nobody listens.
    drop(listener);
    let limit = desk.limits.close_timeout;
    let all_closed = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(limit, all_closed).await.is_err() {
        warn!(
            connections = connections.len(),
            "connections did not close in time"
        );
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        debug!(%error, "a connection ended by a panic");
    }
}
