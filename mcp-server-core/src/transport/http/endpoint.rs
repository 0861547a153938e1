//! The endpoint: what every request must pass before its body is read, and the way to its handler.

use std::sync::Arc;

use axum::Router;
use http::request::Parts;
use http::{Method, StatusCode};
use hyper::body::Incoming;
use tower::ServiceExt as _;

use super::access::Access;
use super::body::Body;
use super::cors;
use super::receive;
use super::response::{self, Response};
use super::settings::HttpSettings;
use super::post;
use crate::dispatch::Service;
use crate::principal::Principal;

/// The MCP endpoint and what stands beside it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    service: Arc<Service>,
    access: Access,
    settings: HttpSettings,
    routes: Option<Router>,
}

impl Endpoint {
    pub(crate) fn new(
        service: Arc<Service>,
        access: Access,
        settings: HttpSettings,
        routes: Option<Router>,
    ) -> Arc<Self> {
        Arc::new(Self { service, access, settings, routes })
    }

    pub(super) fn service(&self) -> &Arc<Service> {
        &self.service
    }

    pub(super) fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// Ends what would go on for ever: subscriptions get their last message.
    pub(super) fn stop(&self) {
        self.service.hub.close();
    }

    /// Answers one request.
    pub(super) async fn answer(&self, request: http::Request<Incoming>) -> Response {
        let (head, body) = request.into_parts();
        if let Err(refusal) = self.access.admit(&head) {
            return *refusal;
        }
        if head.uri.path() != self.settings.path {
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

    async fn admitted(&self, head: &Parts, body: Incoming, principal: Principal) -> Response {
        match head.method {
            Method::POST => self.post(head, body, principal).await,
            _ => response::method_not_allowed("POST"),
        }
    }

    /// Hands a request to the author's own routes.
    async fn elsewhere(&self, request: http::Request<Incoming>) -> Response {
        let Some(routes) = &self.routes else {
            return response::text(StatusCode::NOT_FOUND, "there is nothing here; the MCP endpoint is at another path\n");
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
