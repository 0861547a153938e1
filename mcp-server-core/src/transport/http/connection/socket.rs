//! The socket of a connection: its writes may not stall, its end is understood, and its close reaches the client.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::activity::Activity;
use super::automatic::{self, Explain};
use super::linger::Linger;

/// An interim response, which every client of HTTP/1.1 passes over (RFC 9110 section 15.2).
const INTERIM: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What a socket is allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct SocketLimits {
    /// The time in which the client has to take some bytes.
    pub(super) write_timeout: Duration,
    /// The time for which a refused client is drained.
    pub(super) linger: Duration,
    /// What explains a head that cannot be read.
    pub(super) explain: Option<Explain>,
}

/// A socket and what its connection needs to know of it.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    limits: SocketLimits,
    activity: Arc<Activity>,
    stalled: Option<Pin<Box<Sleep>>>,
    /// What replaces a response of hyper's own, as far as it has not been written.
    replacement: Vec<u8>,
    /// Whether everything that was written has left: hyper holds nothing back.
    is_flushed: bool,
    /// Whether the client has closed its side.
    is_at_end: bool,
    close: Close,
}

#[derive(Debug)]
enum Close {
    Open,
    Lingering(Linger),
    Closed,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, limits: SocketLimits, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            limits,
            activity,
            stalled: None,
            replacement: Vec::new(),
            is_flushed: true,
            is_at_end: false,
            close: Close::Open,
        }
    }

    /// Fails a write that has made no progress for too long.
    fn timed<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let timeout = self.limits.write_timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes no bytes")))
    }

    /// Replaces a response that hyper wrote by itself, if this is one.
    fn replaces(&mut self, bytes: &[u8]) -> bool {
        let Some(explain) = self.limits.explain else { return false };
        let Some(status) = automatic::status(bytes) else { return false };
        self.replacement = automatic::response(status, explain);
        true
    }

    fn poll_replacement(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.replacement.is_empty() {
            let written = Pin::new(&mut self.stream).poll_write(cx, &self.replacement);
            let written = ready!(self.timed(cx, written))?;
            self.replacement.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// The end of a client that waits for its answer is not told to hyper, which would give the request up. A body that
    /// broke off ends with [`Inbound`](super::Inbound), and a client that is gone resets the connection once something is
    /// sent.
    fn poll_end(&mut self) -> Poll<io::Result<()>> {
        if !self.activity.is_half_closed() {
            self.activity.half_close();
        }
        if let Some(gone) = self.stream.take_error()? {
            return Poll::Ready(Err(gone));
        }
        if self.is_flushed && self.activity.take_interim() {
            // A full buffer is as good: there is something to reset for already.
            drop(self.stream.try_write(INTERIM));
        }
        Poll::Pending
    }

    fn lingers(&self) -> bool {
        !self.is_at_end && !self.activity.is_evicted() && (self.activity.is_unread() || self.was_unreadable())
    }

    /// Whether the head could not be read: more of it may follow.
    fn was_unreadable(&self) -> bool {
        self.activity.is_head_begun() && !self.activity.is_running()
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        if !this.is_at_end {
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        }
        if buf.filled().len() > before {
            this.activity.arrived();
            return Poll::Ready(Ok(()));
        }
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        this.is_at_end = true;
        let is_busy = this.activity.is_running() || !this.is_flushed;
        let waits = is_busy && !this.activity.is_http2();
        if waits { this.poll_end() } else { Poll::Ready(Ok(())) }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.is_flushed = false;
        if this.replaces(buf) {
            return Poll::Ready(Ok(buf.len()));
        }
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.timed(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.is_flushed = false;
        if let [only] = bufs
            && this.replaces(only)
        {
            return Poll::Ready(Ok(only.len()));
        }
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.timed(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.poll_replacement(cx))?;
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        let flushed = this.timed(cx, flushed);
        this.is_flushed = flushed.is_ready();
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.poll_replacement(cx))?;
        loop {
            match &mut this.close {
                Close::Open => {
                    let shut = Pin::new(&mut this.stream).poll_shutdown(cx);
                    ready!(this.timed(cx, shut))?;
                    this.close = if this.lingers() {
                        this.activity.set_lingering();
                        Close::Lingering(Linger::new(this.limits.linger))
                    } else {
                        Close::Closed
                    };
                }
                Close::Lingering(linger) => {
                    ready!(linger.poll(&mut this.stream, cx));
                    this.close = Close::Closed;
                }
                Close::Closed => return Poll::Ready(Ok(())),
            }
        }
    }
}
