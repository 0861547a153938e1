//! GET: the stream is opened, and its first event says where messages go.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::unfold;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tokio::sync::mpsc;

use super::super::accept::accepts_events;
use super::super::body::Body;
use super::super::endpoint::Endpoint;
use super::super::events::Events;
use super::super::link::{Link, Sent};
use super::super::response::{self, Response};
use super::super::sse;
use super::paths::MESSAGES;
use crate::dispatch::subscriptions::notification;
use crate::principal::Principal;
use crate::protocol::{RpcError, write};

/// How often a server that stops looks whether calls still run.
const LOOK: Duration = Duration::from_millis(50);

/// One connection: while it is there, its link is.
struct Connection {
    endpoint: Arc<Endpoint>,
    id: String,
    link: Arc<Link>,
    messages: mpsc::Receiver<Sent>,
    greeted: bool,
    stopping: bool,
}

/// Answers GET (basic/transports, HTTP with SSE, of 2024-11-05).
pub(in crate::transport::http) fn get(endpoint: &Arc<Endpoint>, head: &HeaderMap, principal: &Principal) -> Response {
    if !accepts_events(head) {
        let error =
            RpcError::invalid_request("GET is answered with `text/event-stream`, which `Accept` does not allow");
        return response::refusal(StatusCode::NOT_ACCEPTABLE, None, &error);
    }
    let limits = endpoint.sessions().limits();
    let Some((id, link, messages)) = endpoint.links().open(endpoint.service(), limits, principal) else {
        return response::unavailable(None, &RpcError::unavailable("as many streams are open as may be"));
    };
    let connection = Connection { endpoint: Arc::clone(endpoint), id, link, messages, greeted: false, stopping: false };
    let source = unfold(connection, |mut connection| async move {
        let piece = connection.next().await?;
        Some((piece, connection))
    });
    response::events(Body::Events(Box::new(Events::new(endpoint.settings().keep_alive, None, source))))
}

impl Connection {
    /// The next piece; `None` when the server stops and no call runs any more.
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(Bytes::from(format!("event: endpoint\ndata: {MESSAGES}?session={}\n\n", self.id)));
        }
        let message = self.message().await?;
        let mut piece = Vec::with_capacity(message.len() + 32);
        sse::message(&mut piece, None, &message);
        Some(Bytes::from(piece))
    }

    async fn message(&mut self) -> Option<Bytes> {
        loop {
            tokio::select! {
                biased;
                sent = self.messages.recv() => return sent.map(|sent| sent.message),
                change = poll_fn(|cx| self.link.listener.poll_change(cx)), if !self.stopping => match change {
                    Some(change) if self.link.session.get().is_some() => {
                        let (method, uri) = notification(&change);
                        let params = uri.map_or_else(|| json!({}), |uri| json!({ "uri": uri }));
                        return Some(write::notification(method, &params));
                    }
                    Some(_) => {}
                    None => self.stopping = true,
                },
                () = tokio::time::sleep(LOOK), if self.stopping => {}
            }
            if self.stopping && self.link.session.get().is_none_or(|session| session.is_idle()) {
                return self.messages.try_recv().ok().map(|sent| sent.message);
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.endpoint.links().close(&self.id);
    }
}
