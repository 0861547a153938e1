//! Bodies of responses: nothing, one piece, a stream of events, or what the author's own routes answer.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::events::Events;
use super::stream::Stream;
use crate::telemetry::CallRecord;

/// The body of a response.
#[derive(Debug)]
pub(crate) enum Body {
    /// One piece, and the record of the call that it answers, which ends when the piece has left.
    Whole(Option<Bytes>, Option<CallRecord>),
    /// Events of a call that still runs.
    Stream(Box<Stream>),
    /// Events that outlive the connection.
    Events(Box<Events>),
    /// What the author's own routes answer.
    Routes(axum::body::Body),
    /// A stream of events that is counted for as long as it is open.
    Open { body: Box<Self>, _open: Open },
}

/// That a stream is open.
#[derive(Debug)]
pub(crate) struct Open(Arc<AtomicU64>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Body {
    /// No bytes.
    pub(super) const fn empty() -> Self {
        Self::Whole(None, None)
    }

    /// Counts itself among the streams that are open, if it is one.
    pub(super) fn counted(self, open: &Arc<AtomicU64>) -> Self {
        if !matches!(self, Self::Stream(_) | Self::Events(_)) {
            return self;
        }
        open.fetch_add(1, Ordering::Relaxed);
        Self::Open { body: Box::new(self), _open: Open(Arc::clone(open)) }
    }

    /// One piece.
    pub(super) const fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes), None)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut *self {
            Self::Whole(bytes, record) => {
                let piece = bytes.take();
                if piece.is_none() {
                    *record = None;
                }
                Poll::Ready(piece.map(|bytes| Ok(Frame::data(bytes))))
            }
            Self::Stream(stream) => stream.poll_bytes(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Self::Events(events) => events.poll_bytes(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Self::Routes(body) => Pin::new(body).poll_frame(cx),
            Self::Open { body, .. } => Pin::new(&mut **body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes, _) => bytes.is_none(),
            Self::Stream(_) | Self::Events(_) | Self::Open { .. } => false,
            Self::Routes(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes, _) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Stream(_) | Self::Events(_) | Self::Open { .. } => SizeHint::default(),
            Self::Routes(body) => body.size_hint(),
        }
    }
}
