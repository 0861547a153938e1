//! The balancer, and what can come back from it.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method, Response};
use serde_json::Value;

use super::events::Events;
use super::fault::Fault;

/// In this time a byte must come: each replica says something every second, and every limit of its own is shorter.
const PATIENCE: Duration = Duration::from_secs(20);

/// The one address that clients know.
#[derive(Clone, Debug)]
pub(crate) struct Balancer {
    client: Client,
    url: String,
}

/// A response that has the form of the protocol.
#[derive(Debug)]
pub(crate) enum Received {
    /// A message under a status, with the session's id if there is one.
    Message { status: u16, message: Value, session: Option<String> },
    /// Events.
    Events(Events),
    /// Taken on, and nothing to say.
    Accepted,
    /// Not now: an error that says so, with a time to wait. Nothing was done, or the error says that it is not known.
    Later,
}

impl Balancer {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = Client::builder().no_proxy().build().unwrap_or_default();
        Self { client, url: format!("http://{address}/mcp") }
    }

    /// Sends one request and waits for the head of its response, and for the body unless it is a stream.
    ///
    /// # Errors
    /// What came instead of a response that the protocol knows.
    pub(crate) async fn send(
        &self,
        method: Method,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Received, Fault> {
        let mut request = self.client.request(method, &self.url).header(ACCEPT, "application/json, text/event-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let about = || body.map_or_else(|| format!("{headers:?}"), Value::to_string);
        match tokio::time::timeout(PATIENCE, request.send()).await {
            Err(_) => Err(Fault::Hang(format!("no response to {}", about()))),
            // The balancer lives and answers for dead replicas, so a connection that breaks is its fault.
            Ok(Err(error)) => Err(Fault::Unstructured(format!("no response to {}: {error:?}", about()))),
            Ok(Ok(response)) => read(response, &about(), body.is_some_and(is_request)).await,
        }
    }
}

fn is_request(message: &Value) -> bool {
    message.get("method").is_some() && message.get("id").is_some()
}

async fn read(response: Response, about: &str, is_request: bool) -> Result<Received, Fault> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let kind = text(&headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    if kind.starts_with("text/event-stream") {
        return Ok(Received::Events(Events::new(response, PATIENCE)));
    }
    let body = match tokio::time::timeout(PATIENCE, response.text()).await {
        Err(_) => return Err(Fault::Hang(format!("no whole body for {about}"))),
        Ok(Err(error)) => return Err(Fault::Cut(format!("the body for {about}: {error:?}"))),
        Ok(Ok(body)) => body,
    };
    if body.is_empty() && matches!(status, 200..=299) {
        return Ok(Received::Accepted);
    }
    let odd = || Fault::Unstructured(format!("{status} for {about}: {}", body.chars().take(300).collect::<String>()));
    let message: Value = serde_json::from_str(&body).map_err(|_| odd())?;
    if message.get("result").is_none() && !message["error"]["code"].is_i64() {
        return Err(odd());
    }
    // A message that nobody can match with what it asked is worse than none: clients drop it and wait on.
    if status >= 500 && message.get("jsonrpc").is_some() && message["id"].is_null() && is_request {
        return Err(odd());
    }
    if status == 503 {
        let waits = headers.contains_key(RETRY_AFTER);
        return if waits { Ok(Received::Later) } else { Err(odd()) };
    }
    Ok(Received::Message { status, message, session: text(&headers, "mcp-session-id") })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
