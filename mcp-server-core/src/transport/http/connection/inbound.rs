//! The body of a request, which knows whether it has been read to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::activity::{Activity, Receiving};

/// The size up to which the rest of a refused body is read, so that its connection can be kept.
const SMALL: u64 = 64 * 1024;
/// The time in which it has to arrive.
const SMALL_WITHIN: Duration = Duration::from_millis(100);

/// The body of a request. The connection knows while it is arriving, and whether it was read to its end.
#[derive(Debug)]
pub(crate) struct Inbound {
    body: Incoming,
    receiving: Option<Receiving>,
    activity: Arc<Activity>,
}

/// Why a body ended too early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The client has closed its side in the middle of it.
    #[error("the client closed the connection before the end of the body")]
    Broken,
    /// Another failure of the connection.
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

impl Inbound {
    pub(super) fn new(body: Incoming, activity: &Arc<Activity>) -> Self {
        let receiving = (!body.is_end_stream()).then(|| activity.receive());
        Self { body, receiving, activity: Arc::clone(activity) }
    }

    /// Reads what is left of a small body that was refused, if it is about to arrive: its connection can be kept then.
    /// A larger one is left to the socket, which drains it after the response has left.
    pub(crate) async fn settle(&mut self) {
        if self.receiving.is_some() && self.body.size_hint().upper().is_some_and(|left| left <= SMALL) {
            let rest = async { while let Some(Ok(_)) = self.frame().await {} };
            drop(tokio::time::timeout(SMALL_WITHIN, rest).await);
        }
    }
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        // What arrived before the end was handed over before.
        if frame.is_pending() && self.activity.is_half_closed() {
            return Poll::Ready(Some(Err(BodyError::Broken)));
        }
        let frame = ready!(frame);
        let is_whole = frame.is_none() || self.body.is_end_stream();
        if let Some(receiving) = self.receiving.take_if(|_| is_whole) {
            receiving.finish();
        }
        Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
