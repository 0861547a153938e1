//! The body of a response, which keeps its request running until it has been handed over whole.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use http_body::{Body, Frame, SizeHint};

use super::activity::Running;

/// A comment, which readers of events pass over (HTML, Server-sent events).
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
const EVENTS: &[u8] = b"text/event-stream";

/// The body of a response.
#[derive(Debug)]
pub(super) struct Outbound<B> {
    body: B,
    running: Running,
    is_events: bool,
}

impl<B> Outbound<B> {
    pub(super) fn new(body: B, headers: &HeaderMap, running: Running) -> Self {
        let is_events =
            headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).is_some_and(|kind| kind.starts_with(EVENTS));
        Self { body, running, is_events }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Outbound<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_pending() && self.is_events && self.running.activity().take_probe() {
            return Poll::Ready(Some(Ok(Frame::data(COMMENT))));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
