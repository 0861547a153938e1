//! The entrance: what every request must pass before its body is read, and the way to its handler.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use tower::ServiceExt as _;

use super::body::Body;
use super::client::ClientConnection;
use super::connection::Inbound;
use super::endpoint::Endpoint;
use super::pair::{self, MESSAGES, STREAM};
use super::response::{self, Response};
use super::{cors, headers, legacy, post, receive, target};
use crate::principal::Principal;
use crate::protocol::RpcError;
use crate::protocol::weight::weigh;
use crate::telemetry::semconv::guard;

/// Answers one request.
pub(super) async fn answer(client: &ClientConnection, request: http::Request<Inbound>) -> Response {
    let (head, mut body) = request.into_parts();
    let endpoint: &Arc<Endpoint> = client;
    let telemetry = endpoint.service().telemetry();
    let passed = target::check(&head).and_then(|()| {
        let known = endpoint.access().admit(&head);
        telemetry.counted(guard::ORIGIN, known)
    });
    if let Err(refusal) = passed {
        body.settle().await;
        return *refusal;
    }
    if !serves(endpoint, path(&head)) {
        return elsewhere(endpoint, http::Request::from_parts(head, body)).await;
    }
    if head.method == Method::OPTIONS {
        return cors::preflight(&head.headers);
    }
    let peer = client.peer(&head.headers);
    let response = match telemetry.counted(guard::TOKEN, endpoint.access().identify(&head, peer).await) {
        Ok(principal) => {
            let principal = principal.unwrap_or_else(|| client.anonymous(peer));
            admitted(client, &head, &mut body, principal).await
        }
        Err(refusal) => *refusal,
    };
    body.settle().await;
    let response = response.map(|body| body.counted(endpoint.streams()));
    cors::allow(&head.headers, response)
}

/// The path of a request; one `/` at its end means the same.
fn path(head: &Parts) -> &str {
    let path = head.uri.path();
    path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path)
}

fn serves(endpoint: &Endpoint, path: &str) -> bool {
    path == endpoint.settings().path || (endpoint.settings().legacy_sse && matches!(path, STREAM | MESSAGES))
}

async fn admitted(client: &ClientConnection, head: &Parts, body: &mut Inbound, principal: Principal) -> Response {
    let endpoint: &Arc<Endpoint> = client;
    if path(head) != endpoint.settings().path {
        return paired(endpoint, head, body, &principal).await;
    }
    match head.method {
        Method::POST => match content(endpoint, head, body, &principal).await {
            Ok(body) => post::answer(client, head, body, principal).await,
            Err(refusal) => *refusal,
        },
        // Sessions and their streams are of the legacy era.
        _ if headers::names_modern(&head.headers) => response::method_not_allowed("POST"),
        Method::GET => legacy::get(endpoint, &head.headers, &principal).await,
        Method::DELETE => legacy::delete(endpoint, &head.headers, &principal).await,
        _ => response::method_not_allowed("POST, GET, DELETE"),
    }
}

/// Answers on the two endpoints of the transport of 2024-11-05.
async fn paired(endpoint: &Arc<Endpoint>, head: &Parts, body: &mut Inbound, principal: &Principal) -> Response {
    match (path(head), &head.method) {
        (STREAM, &Method::GET) => pair::get(endpoint, &head.headers, principal),
        (STREAM, _) => response::method_not_allowed("GET"),
        (_, &Method::POST) => match content(endpoint, head, body, principal).await {
            Ok(body) => pair::post(endpoint, head, &body, principal).await,
            Err(refusal) => *refusal,
        },
        _ => response::method_not_allowed("POST"),
    }
}

/// Hands a request to the author's own routes.
async fn elsewhere(endpoint: &Endpoint, request: http::Request<Inbound>) -> Response {
    let Some(routes) = endpoint.routes() else {
        let text = format!("there is nothing here; the MCP endpoint is at {}", endpoint.settings().path);
        let refusal = response::refusal(StatusCode::NOT_FOUND, None, &RpcError::invalid_request(text));
        return cors::allow(request.headers(), refusal);
    };
    match routes.clone().oneshot(request).await {
        Ok(response) => response.map(Body::Routes),
        Err(never) => match never {},
    }
}

async fn content(
    endpoint: &Endpoint,
    head: &Parts,
    body: &mut Inbound,
    principal: &Principal,
) -> Result<Bytes, Box<Response>> {
    target::check_content(&head.headers)?;
    whole(endpoint, body, principal).await
}

/// Receives a body within the budget of bytes, and weighs it before anything is made of it.
async fn whole(endpoint: &Endpoint, body: &mut Inbound, principal: &Principal) -> Result<Bytes, Box<Response>> {
    let (settings, service) = (endpoint.settings(), endpoint.service());
    let telemetry = service.telemetry();
    let reserved = service.request_bytes.reserve(Some(principal.quota_key()), 0);
    let mut reservation = reserved.map_err(receive::exhausted)?;
    let received = receive::whole(body, settings.max_body, settings.body_timeout, &mut reservation).await;
    let is_busy = |refusal: &Response| refusal.status() == StatusCode::SERVICE_UNAVAILABLE;
    let guard = match &received {
        Err(refusal) if is_busy(refusal) => guard::REQUEST_BYTES,
        _ => guard::BODY,
    };
    let body = telemetry.counted(guard, received)?;
    let weight = service.large.run(body.len(), || weigh(&body)).await;
    let most = service.settings().json_values;
    let few = if weight.values > most { Err(too_many_values(most)) } else { Ok(()) };
    telemetry.counted(guard::JSON_VALUES, few)?;
    let grown = reservation.grow(weight.memory).map_err(receive::exhausted);
    telemetry.counted(guard::REQUEST_BYTES, grown)?;
    Ok(reservation.hold(body))
}

fn too_many_values(most: usize) -> Box<Response> {
    let error = RpcError::too_many_values(most);
    Box::new(response::refusal(StatusCode::PAYLOAD_TOO_LARGE, None, &error))
}
