//! The task that reads and writes a connection's socket, and notices when the other side is gone.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use h2::client::Connection;
use h2::{Ping, PingPong};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::Link;

/// How often a connection with calls under way is asked whether it lives.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long it has to answer. Then its calls end without an answer and are made again elsewhere.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Drives a connection until it ends, and makes room for the next one.
pub(super) async fn live(
    mut connection: Connection<TcpStream, Bytes>,
    link: Weak<Link>,
    number: u64,
) {
    let pings = connection.ping_pong().expect("they are taken once");
    tokio::select! {
        ended = after_others(connection) => match ended {
            Ok(()) => tracing::debug!("the connection was closed"),
            Err(error) => tracing::debug!(%error, "the connection broke"),
        },
        // Dropping the connection ends all calls on it.
        () = silence(pings, &link) => tracing::debug!("the server fell silent"),
    }
    if let Some(link) = link.upgrade() {
        link.forget(number);
    }
}

/// Polls `work`, each time it is woken, only after the tasks that are ready then.
///
/// A caller that writes a request wakes the connection, and a runtime of several threads would let
/// it run next: one system call for each request. After the other callers it takes all of theirs
/// along.
async fn after_others<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    let mut waited = false;
    poll_fn(|context| {
        waited = !waited;
        if waited {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        work.as_mut().poll(context)
    })
    .await
}

/// Ends when the other side does not answer any more while somebody waits for it.
async fn silence(mut pings: PingPong, link: &Weak<Link>) {
    loop {
        sleep(KEEP_ALIVE_INTERVAL).await;
        let somebody_waits = link
            .upgrade()
            .is_some_and(|link| link.calls.load(Ordering::Relaxed) > 0);
        if !somebody_waits {
            continue;
        }
        match timeout(KEEP_ALIVE_TIMEOUT, pings.ping(Ping::opaque())).await {
            Ok(Ok(_)) => {}
            // The connection tells by itself that it ended.
            Ok(Err(_)) => std::future::pending().await,
            Err(_) => return,
        }
    }
}
