//! The endpoint: what every request must pass before its body is read, and the way to its handler.

use std::sync::Arc;

use http::request::Parts;
use http::{Method, StatusCode};
use hyper::body::Incoming;

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
    settings: HttpSettings,
}

impl Endpoint {
    pub(crate) fn new(service: Arc<Service>, settings: HttpSettings) -> Arc<Self> {
        Arc::new(Self { service, settings })
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
        if head.uri.path() != self.settings.path {
            return response::text(StatusCode::NOT_FOUND, "there is nothing here; the MCP endpoint is at another path\n");
        }
        let principal = Principal::anonymous();
        match head.method {
            Method::POST => self.post(&head, body, principal).await,
            _ => response::method_not_allowed("POST"),
        }
    }

    async fn post(&self, head: &Parts, body: Incoming, principal: Principal) -> Response {
        match receive::whole(body, self.settings.max_body, self.settings.body_timeout).await {
            Ok(body) => post::answer(self, head, body, principal).await,
            Err(refusal) => refusal,
        }
    }
}
