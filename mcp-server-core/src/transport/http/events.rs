//! Streams of events that outlive a connection, as a body: the calls and the changes of a legacy session.

use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use tokio::time::{Instant, Sleep};

use super::endpoint::Endpoint;
use super::sse;
use crate::session::stream::{Delivery, StreamReader};
use crate::session::{Hold, Session, Sessions};

/// Events as they come, and a sign of life while none do.
pub(crate) struct Events {
    source: Pin<Box<dyn Stream<Item = Bytes> + Send>>,
    keep_alive: Duration,
    quiet: Pin<Box<Sleep>>,
    /// An open stream is use of its session.
    of: Option<(Arc<Sessions>, Hold)>,
}

/// How events are written for a revision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Whether events have ids, which a client can resume from.
    ids: bool,
    /// After how long a client is to come back, for revisions whose clients do.
    retry: Option<Duration>,
}

impl Form {
    pub(super) fn of(endpoint: &Endpoint, session: &Session) -> Self {
        let ids = endpoint.sessions().limits().are_resumable();
        let polls = ids && session.revision().has_polling();
        Self { ids, retry: polls.then_some(endpoint.settings().sse_retry) }
    }

    /// Writes an event. The one that only tells where the stream begins is for revisions whose clients know it: older
    /// ones would take its empty data for a broken message.
    pub(super) fn write(self, delivery: &Delivery) -> Option<Bytes> {
        let id = delivery.id.filter(|_| self.ids).map(|id| id.to_string());
        let mut piece = Vec::with_capacity(64 + delivery.message.as_ref().map_or(0, Bytes::len));
        match (&delivery.message, self.retry, id) {
            (Some(message), _, id) => sse::message(&mut piece, id.as_deref(), message),
            (None, Some(retry), Some(id)) => sse::prime(&mut piece, &id, retry),
            (None, _, _) => return None,
        }
        Some(Bytes::from(piece))
    }
}

impl Events {
    /// A body of whatever comes.
    pub(super) fn new(
        endpoint: &Endpoint,
        of: Option<Hold>,
        source: impl Stream<Item = Bytes> + Send + 'static,
    ) -> Self {
        let keep_alive = endpoint.settings().keep_alive;
        let of = of.map(|hold| (Arc::clone(endpoint.sessions()), hold));
        Self { source: Box::pin(source), keep_alive, quiet: Box::pin(tokio::time::sleep(keep_alive)), of }
    }

    /// The events of a call, from where a reader stands.
    pub(super) fn of_call(endpoint: &Endpoint, session: &Arc<Session>, reader: StreamReader) -> Self {
        let form = Form::of(endpoint, session);
        let source = unfold(reader, move |mut reader| async move {
            loop {
                match reader.next().await {
                    Ok(Some(delivery)) => {
                        if let Some(piece) = form.write(&delivery) {
                            return Some((piece, reader));
                        }
                    }
                    Ok(None) => return None,
                    Err(error) => {
                        tracing::error!(%error, "the store fails a stream; its client can resume it");
                        return None;
                    }
                }
            }
        });
        Self::new(endpoint, Some(session.hold()), source)
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
