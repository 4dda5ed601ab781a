//! A connection until its client has said that it speaks HTTP/2.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// The preface, and the head of the settings frame that follows it.
const HANDSHAKE_BYTES: usize = 24 + 9;

/// A stream whose first bytes have to come in time. After them HTTP/2 itself asks whether the
/// other side lives; before, nothing else would.
pub(crate) struct Handshake<S> {
    stream: S,
    waiting: Option<Waiting>,
}

struct Waiting {
    bytes: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Handshake<S> {
    pub(crate) fn new(stream: S, timeout: Duration) -> Self {
        let deadline = Box::pin(sleep(timeout));
        Self {
            stream,
            waiting: Some(Waiting {
                bytes: HANDSHAKE_BYTES,
                deadline,
            }),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Handshake<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let Some(waiting) = &mut this.waiting else {
            return read;
        };
        match read {
            Poll::Pending => {
                ready!(waiting.deadline.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(read) => {
                waiting.bytes = waiting.bytes.saturating_sub(buffer.filled().len() - before);
                if waiting.bytes == 0 {
                    this.waiting = None;
                } else if waiting.deadline.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                Poll::Ready(read)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Handshake<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
