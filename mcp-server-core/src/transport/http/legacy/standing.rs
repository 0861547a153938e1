//! The stream that belongs to no request: changes of lists and of resources that the session subscribed to
//! (basic/transports, Listening for Messages from the Server).
//!
//! No task feeds it: while a client is connected, its connection does, and while none is, the changes wait in the
//! listener, each once.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::unfold;
use serde_json::json;

use super::super::body::Body;
use super::super::endpoint::Endpoint;
use super::super::form::{self, Form};
use super::super::response::{self, Response};
use super::super::sse;
use super::seek;
use crate::dispatch::subscriptions::{Filter, Listener, notification};
use crate::protocol::write;
use crate::session::stream::{Channel, Delivery, EventId, StreamError, Token};
use crate::session::{Kept, Session, Sessions};
use crate::tool::Change;

/// What a session hears of, from its first GET on.
#[derive(Debug)]
pub(in crate::transport::http) struct Standing {
    listener: Listener,
    channel: Arc<Channel>,
}

impl Kept for Standing {
    fn subscriptions_changed(&self, current: &dyn Fn() -> Vec<String>) {
        // Read inside the lock: of two changes the later one stays.
        self.listener.change_filter(|filter| filter.uris = current());
    }
}

/// What one connection sends of it.
struct Connection {
    standing: Arc<Standing>,
    number: u64,
    sessions: Arc<Sessions>,
    session: Arc<Session>,
    form: Form,
    /// What the client missed.
    missed: VecDeque<Delivery>,
    /// Changes that may have happened while nobody listened.
    presumed: VecDeque<Change>,
    /// What the response begins with.
    greeting: Option<Bytes>,
}

/// Opens the stream, or takes it over from an older connection: each message goes to one.
pub(super) async fn open(endpoint: &Endpoint, session: &Arc<Session>, last: Option<EventId>) -> Response {
    // A connection on another replica ends before this one hears of anything.
    endpoint.sessions().take_over(session, Token::STANDALONE).await;
    let kept = session.kept::<Standing>();
    let heard = kept.is_some();
    let standing = kept.unwrap_or_else(|| listen(endpoint, session));
    let (missed, presumed) = match last {
        // It did not listen here when a deployment changed the lists.
        None if !heard => (VecDeque::new(), endpoint.service().deployed_after(session.created()).collect()),
        None => (VecDeque::new(), VecDeque::new()),
        Some(last) => match missed(endpoint, session, last, heard).await {
            Ok(missed) => missed,
            Err(refusal) => return *refusal,
        },
    };
    let form = Form::of(endpoint, session);
    // The head leaves at once with the first bytes, whatever stands between.
    let greeting = last.and_then(|last| form.repeat(last)).unwrap_or(Bytes::from_static(sse::KEEP_ALIVE));
    let connection = Connection {
        number: standing.channel.enter(),
        standing,
        sessions: Arc::clone(endpoint.sessions()),
        session: Arc::clone(session),
        form,
        missed,
        presumed,
        greeting: Some(greeting),
    };
    let source = unfold(connection, |mut connection| async move {
        let piece = connection.next().await?;
        Some((piece, connection))
    });
    response::events(Body::Events(Box::new(form::of_session(endpoint, session, source))))
}

fn listen(endpoint: &Endpoint, session: &Arc<Session>) -> Arc<Standing> {
    let filter = Filter { tools: true, prompts: true, resources: true, uris: session.subscriptions() };
    let listener = endpoint.service().hub.listen(filter);
    let standing = Arc::new(Standing { listener, channel: Arc::default() });
    session.add_stream(Token::STANDALONE, &standing.channel);
    session.keep(&standing);
    standing
}

/// What came after an event, and what may have: where that is not known, everything is said to have changed.
async fn missed(
    endpoint: &Endpoint,
    session: &Arc<Session>,
    last: EventId,
    heard: bool,
) -> Result<(VecDeque<Delivery>, VecDeque<Change>), Box<Response>> {
    let everything = || {
        let lists = [Change::Tools, Change::Prompts, Change::Resources];
        lists.into_iter().chain(session.subscriptions().into_iter().map(Change::Resource)).collect()
    };
    match endpoint.sessions().missed(session, last).await {
        Ok(kept) => Ok((kept.into(), if heard { VecDeque::new() } else { everything() })),
        Err(StreamError::Gone) => Ok((VecDeque::new(), everything())),
        Err(StreamError::Store(error)) => Err(Box::new(seek::unavailable(None, &error))),
    }
}

impl Connection {
    /// The next piece; `None` when the server stops, the session ends or a newer connection has taken over.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        loop {
            if let Some(missed) = self.missed.pop_front() {
                if let Some(piece) = self.form.write(&missed) {
                    return Some(piece);
                }
                continue;
            }
            let change = match self.presumed.pop_front() {
                Some(change) => change,
                None => self.change().await?,
            };
            let delivery = self.delivery(&change).await;
            if let Some(piece) = self.form.write(&delivery) {
                return Some(piece);
            }
        }
    }

    async fn change(&self) -> Option<Change> {
        let channel = &self.standing.channel;
        loop {
            let mut taken_over = pin!(channel.changed.notified());
            taken_over.as_mut().enable();
            if !channel.is_read_by(self.number) || self.session.is_closed() {
                return None;
            }
            tokio::select! {
                () = taken_over => {}
                change = poll_fn(|cx| self.standing.listener.poll_change(cx)) => return change,
            }
        }
    }

    async fn delivery(&self, change: &Change) -> Delivery {
        let (method, uri) = notification(change);
        let params = uri.map_or_else(|| json!({}), |uri| json!({ "uri": uri }));
        let message = write::notification(method, &params);
        let id = match self.sessions.append_standing(&self.session, &message).await {
            Ok(id) => Some(id),
            Err(error) => {
                tracing::warn!(%error, "a change could not be kept for resumption");
                None
            }
        };
        Delivery { id, message: Some(message) }
    }
}
