//! The endpoint: what every request must pass before its body is read, and the way to its handler.

use std::sync::Arc;

use axum::Router;
use http::request::Parts;
use http::{Method, StatusCode};
use hyper::body::Incoming;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::access::Access;
use super::body::Body;
use super::cors;
use super::headers;
use super::legacy;
use super::pair::{self, Links};
use super::receive;
use super::response::{self, Response};
use super::settings::HttpSettings;
use super::post;
use crate::dispatch::Service;
use crate::principal::Principal;
use crate::session::Sessions;

/// The MCP endpoint and what stands beside it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    service: Arc<Service>,
    access: Access,
    settings: HttpSettings,
    routes: Option<Router>,
    sessions: Arc<Sessions>,
    /// Calls of legacy sessions, which outlive their connections.
    calls: TaskTracker,
    /// Streams of the transport of 2024-11-05.
    links: Links,
}

impl Endpoint {
    pub(crate) fn new(
        service: Arc<Service>,
        access: Access,
        settings: HttpSettings,
        sessions: Arc<Sessions>,
        routes: Option<Router>,
    ) -> Arc<Self> {
        Arc::new(Self { service, access, settings, routes, sessions, calls: TaskTracker::new(), links: Links::default() })
    }

    pub(super) fn service(&self) -> &Arc<Service> {
        &self.service
    }

    pub(super) fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    pub(super) fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    /// Runs what must not end with its connection.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.calls.spawn(work)
    }

    /// Ends what would go on for ever: subscriptions get their last message.
    pub(super) fn stop(&self) {
        self.service.hub.close();
        self.calls.close();
    }

    /// Waits for calls that go on without a connection.
    pub(super) async fn drained(&self) {
        self.calls.wait().await;
    }

    /// Gives up what still runs.
    pub(super) fn cut(&self) {
        self.sessions.stop();
    }

    /// Answers one request.
    pub(super) async fn answer(self: &Arc<Self>, request: http::Request<Incoming>) -> Response {
        let (head, body) = request.into_parts();
        if let Err(refusal) = self.access.admit(&head) {
            return *refusal;
        }
        if !self.serves(head.uri.path()) {
            return self.elsewhere(http::Request::from_parts(head, body)).await;
        }
        if head.method == Method::OPTIONS {
            return cors::preflight(&head.headers);
        }
        let response = match self.access.identify(&head).await {
            Ok(principal) => self.admitted(&head, body, principal).await,
            Err(refusal) => *refusal,
        };
        cors::allow(&head.headers, response)
    }

    fn serves(&self, path: &str) -> bool {
        path == self.settings.path || (self.settings.legacy_sse && matches!(path, pair::STREAM | pair::MESSAGES))
    }

    async fn admitted(self: &Arc<Self>, head: &Parts, body: Incoming, principal: Principal) -> Response {
        if head.uri.path() != self.settings.path {
            return self.paired(head, body, &principal).await;
        }
        match head.method {
            Method::POST => self.post(head, body, principal).await,
            // Sessions and their streams are of the legacy era.
            _ if headers::names_modern(&head.headers) => response::method_not_allowed("POST"),
            Method::GET => legacy::get(self, &head.headers, &principal).await,
            Method::DELETE => legacy::delete(self, &head.headers, &principal).await,
            _ => response::method_not_allowed("POST, GET, DELETE"),
        }
    }

    /// Answers on the two endpoints of the transport of 2024-11-05.
    async fn paired(self: &Arc<Self>, head: &Parts, body: Incoming, principal: &Principal) -> Response {
        match (head.uri.path(), &head.method) {
            (pair::STREAM, &Method::GET) => pair::get(self, &head.headers, principal),
            (pair::STREAM, _) => response::method_not_allowed("GET"),
            (_, &Method::POST) => match receive::whole(body, self.settings.max_body, self.settings.body_timeout).await {
                Ok(body) => pair::post(self, head, &body, principal).await,
                Err(refusal) => *refusal,
            },
            _ => response::method_not_allowed("POST"),
        }
    }

    /// Hands a request to the author's own routes.
    async fn elsewhere(&self, request: http::Request<Incoming>) -> Response {
        let Some(routes) = &self.routes else {
            let text = format!("there is nothing here; the MCP endpoint is at {}\n", self.settings.path);
            return response::text(StatusCode::NOT_FOUND, text);
        };
        match routes.clone().oneshot(request).await {
            Ok(response) => response.map(Body::Routes),
            Err(never) => match never {},
        }
    }

    async fn post(&self, head: &Parts, body: Incoming, principal: Principal) -> Response {
        match receive::whole(body, self.settings.max_body, self.settings.body_timeout).await {
            Ok(body) => post::answer(self, head, body, principal).await,
            Err(refusal) => *refusal,
        }
    }
}
