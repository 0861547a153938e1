//! The form of a session's events: what its revision lets them carry.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt as _, iter, unfold};

use super::endpoint::Endpoint;
use super::events::Events;
use super::sse;
use crate::session::Session;
use crate::session::stream::{Delivery, EventId, StreamReader};

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

    /// Writes the event that begins a resumed stream. It repeats the id of the last event that the client has, so that a
    /// client which loses the stream again before the next event knows from where to resume.
    pub(super) fn repeat(self, last: EventId) -> Option<Bytes> {
        let id = self.ids.then(|| last.to_string())?;
        let mut piece = Vec::with_capacity(64);
        match self.retry {
            Some(retry) => sse::prime(&mut piece, &id, retry),
            None => sse::resumed(&mut piece, &id),
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

/// The events of a call that a client lost, after the last one that it has.
pub(super) fn of_resumed_call(
    endpoint: &Endpoint,
    session: &Arc<Session>,
    last: EventId,
    reader: StreamReader,
) -> Events {
    let form = Form::of(endpoint, session);
    // After the last event nothing comes, and nobody has to come back.
    let repeated = if reader.is_done() { None } else { form.repeat(last) };
    of_session(endpoint, session, iter(repeated).chain(pieces(form, reader)))
}

/// The events of a call, from where a reader stands.
pub(super) fn of_call(endpoint: &Endpoint, session: &Arc<Session>, reader: StreamReader) -> Events {
    of_session(endpoint, session, pieces(Form::of(endpoint, session), reader))
}

fn pieces(form: Form, reader: StreamReader) -> impl Stream<Item = Bytes> + Send + 'static {
    unfold(reader, move |mut reader| async move {
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
    })
}
