//! Streams of events that outlive a connection, as a body: the calls and the changes of a legacy session.

use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::Stream;
use tokio::time::{Instant, Sleep};

use super::sse;
use crate::session::{Hold, Sessions};

/// Events as they come, and a sign of life while none do.
pub(crate) struct Events {
    source: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    keep_alive: Duration,
    quiet: Pin<Box<Sleep>>,
    /// An open stream is use of its session.
    of: Option<(Arc<Sessions>, Hold)>,
}

impl Events {
    /// A body of whatever comes.
    pub(super) fn new(
        keep_alive: Duration,
        of: Option<(Arc<Sessions>, Hold)>,
        source: impl Stream<Item = Bytes> + Send + 'static,
    ) -> Self {
        Self { source: Box::pin(source), keep_alive, quiet: Box::pin(tokio::time::sleep(keep_alive)), of }
    }

    /// The next piece; `None` after the last.
    pub(super) fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Poll::Ready(piece) = self.source.as_mut().poll_next(cx) {
            self.quiet.as_mut().reset(Instant::now() + self.keep_alive);
            return Poll::Ready(piece);
        }
        if self.quiet.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.quiet.as_mut().reset(Instant::now() + self.keep_alive);
        if let Some((sessions, hold)) = &self.of {
            sessions.touch(hold.session());
        }
        Poll::Ready(Some(Bytes::from_static(sse::KEEP_ALIVE)))
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("keep_alive", &self.keep_alive).finish_non_exhaustive()
    }
}
