//! The form of a session's events: what its revision lets them carry.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{Stream, unfold};

use super::endpoint::Endpoint;
use super::events::Events;
use super::sse;
use crate::session::Session;
use crate::session::stream::{Delivery, StreamReader};

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

/// Whatever comes for a session, as a body that keeps the session in use.
pub(super) fn of_session(
    endpoint: &Endpoint,
    session: &Arc<Session>,
    source: impl Stream<Item = Bytes> + Send + 'static,
) -> Events {
    let of = (Arc::clone(endpoint.sessions()), session.hold());
    Events::new(endpoint.settings().keep_alive, Some(of), source)
}

/// The events of a call, from where a reader stands.
pub(super) fn of_call(endpoint: &Endpoint, session: &Arc<Session>, reader: StreamReader) -> Events {
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
    of_session(endpoint, session, source)
}
