//! One connection, from its handshake to its end.

use std::{net::SocketAddr, pin::pin, time::Duration};

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};
use tracing::{Instrument, debug, debug_span};

use crate::{Limits, closing::Closing, dispatch::Dispatch, handshake::Handshake, slots::Slot};

/// Serves a connection until its client closes it, it becomes too old, or the server ends.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    slot: Slot,
    dispatch: Dispatch,
    closing: Closing,
) {
    let span = debug_span!("connection", %peer);
    drive(stream, peer, dispatch, closing)
        .instrument(span)
        .await;
    drop(slot);
}

async fn drive(stream: TcpStream, peer: SocketAddr, dispatch: Dispatch, mut closing: Closing) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "the connection broke before it began");
        return;
    }
    let limits = dispatch.limits().clone();
    let stream = TokioIo::new(Handshake::new(stream, limits.handshake_timeout));
    let mut connection = pin!(http(&limits).serve_connection(stream, dispatch));
    let mut deadline = pin!(sleep(age_max(&limits, peer)));
    let mut last_calls = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                match ended {
                    Ok(()) => debug!("closed"),
                    Err(error) => debug!(error = &error as &dyn std::error::Error, "broken"),
                }
                return;
            }
            () = deadline.as_mut() => {
                if last_calls {
                    debug!("closed with calls that did not end in time");
                    return;
                }
                last_calls = true;
                connection.as_mut().graceful_shutdown();
                deadline.as_mut().reset(Instant::now() + limits.connection_age_grace);
            }
            () = closing.begun(), if !last_calls => {
                last_calls = true;
                connection.as_mut().graceful_shutdown();
                deadline.as_mut().reset(Instant::now() + limits.close_timeout);
            }
        }
    }
}

fn http(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .auto_date_header(false)
        .adaptive_window(false)
        .max_concurrent_streams(limits.streams_per_connection_max)
        .max_pending_accept_reset_streams(limits.pending_resets_max)
        .max_local_error_reset_streams(limits.error_resets_max)
        .max_header_list_size(limits.header_bytes_max)
        .initial_stream_window_size(limits.stream_window_bytes)
        .initial_connection_window_size(limits.connection_window_bytes)
        .max_frame_size(limits.frame_bytes_max)
        .max_send_buf_size(limits.send_buffer_bytes_max)
        .keep_alive_interval(limits.keepalive_interval)
        .keep_alive_timeout(limits.keepalive_timeout);
    http
}

/// Connections that began together do not end together: up to a tenth is taken off, by the port.
fn age_max(limits: &Limits, peer: SocketAddr) -> Duration {
    let tenth = limits.connection_age_max / 10;
    limits.connection_age_max - tenth / 64 * u32::from(peer.port() % 64)
}
