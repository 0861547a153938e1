//! A lingering close: what a refused client still sends is read and dropped, so that it can read its answer.
//!
//! A socket that is closed with unread bytes is reset, and a reset discards what the client has not read yet
//! (RFC 9112 section 9.6).

use std::future::Future as _;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Bytes that are read and dropped at most.
const MAX_BYTES: usize = 64 << 20;
/// The time without a byte after which the client counts as gone.
const QUIET: Duration = Duration::from_secs(5);
const PIECE: usize = 16 * 1024;

/// A close that waits for the client to notice.
#[derive(Debug)]
pub(super) struct Linger {
    until: Instant,
    left: usize,
    sleep: Pin<Box<Sleep>>,
}

impl Linger {
    /// Begins to linger, for this long at most.
    pub(super) fn new(within: Duration) -> Self {
        let now = Instant::now();
        let until = now + within;
        Self { until, left: MAX_BYTES, sleep: Box::pin(tokio::time::sleep_until(until.min(now + QUIET))) }
    }

    /// Reads and drops; ready when the client has closed its side, or a bound is reached.
    pub(super) fn poll(&mut self, stream: &mut TcpStream, cx: &mut Context<'_>) -> Poll<()> {
        let mut piece = [MaybeUninit::uninit(); PIECE];
        let mut has_read = false;
        loop {
            let mut buf = ReadBuf::uninit(&mut piece);
            let read: Poll<io::Result<()>> = Pin::new(&mut *stream).poll_read(cx, &mut buf);
            match read {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() && buf.filled().len() < self.left => {
                    self.left -= buf.filled().len();
                    has_read = true;
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        if has_read {
            self.sleep.as_mut().reset(self.until.min(Instant::now() + QUIET));
        }
        ready!(self.sleep.as_mut().poll(cx));
        Poll::Ready(())
    }
}
