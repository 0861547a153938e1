//! Requests to somebody else within the trace of a call.

use std::future::Future;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use opentelemetry::trace::{SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue, global};

use crate::telemetry::semconv::attribute;
use crate::telemetry::{Answered, Scope, propagation};

/// Sends a request of `reqwest` as part of the trace of the call that it is made in: it carries `traceparent`, and has a
/// CLIENT span of its own with method, host and status. The path and the query are not told: they may hold values.
///
/// The call remembers an error of the service, a status from 400 on or no answer, until a later request to the same
/// address succeeds. A call that returns nothing behind such an error ends in `bad_upstream`, even with a reason; only
/// after a 404 or 410 may the reason stand. A call that returns data all the same is counted in
/// `mcpserver.upstream.errors` and logged.
///
/// What it cannot see is an error inside a success: a service that answers 200 with an empty list or with a page of HTML,
/// and a peer MCP server whose result has `isError: true`. Check these before you read the data, and always call
/// `error_for_status`:
///
/// ```no_run
/// # use mcp_server_core::prelude::*;
/// # fn peer(result: &serde_json::Value) -> ToolResult<()> {
/// if result["isError"] == true {
///     return Err(ToolError::bad_upstream("the other server failed"));
/// }
/// # Ok(())
/// # }
/// ```
///
/// ```no_run
/// use mcp_server_core::prelude::*;
/// use mcp_server_core::tool::SendTraced as _;
///
/// /// Say what the weather is.
/// #[tool(read_only)]
/// async fn weather(State(client): State<reqwest::Client>) -> ToolResult<String> {
///     Ok(client.get("https://weather.example/now").send_traced().await?.error_for_status()?.text().await?)
/// }
/// ```
pub trait SendTraced {
    /// Sends it.
    ///
    /// # Errors
    /// As `send`.
    fn send_traced(self) -> impl Future<Output = reqwest::Result<reqwest::Response>> + Send;
}

impl SendTraced for reqwest::RequestBuilder {
    async fn send_traced(self) -> reqwest::Result<reqwest::Response> {
        let (client, request) = self.build_split();
        let mut request = request?;
        let method = request.method().to_string();
        let mut attributes = vec![KeyValue::new(attribute::HTTP_METHOD, method.clone())];
        attributes
            .extend(request.url().host_str().map(|host| KeyValue::new(attribute::SERVER_ADDRESS, host.to_owned())));
        let port = request.url().port_or_known_default();
        attributes.extend(port.map(|port| KeyValue::new(attribute::SERVER_PORT, i64::from(port))));
        let scope = Scope::current();
        let address = address(&request);
        let parent = Context::current();
        let tracer = global::tracer_provider().tracer("mcp-server");
        let builder = tracer.span_builder(method).with_kind(SpanKind::Client).with_attributes(attributes);
        let span = tracer.build_with_context(builder, &parent);
        let context = parent.with_span(span);
        // Where nobody takes spans there is none, and the trace goes on as it came.
        let carried = if context.span().span_context().is_valid() { &context } else { &parent };
        request.headers_mut().extend(propagation::headers(Some(carried)));
        let answered = client.execute(request).await;
        let span = context.span();
        match &answered {
            Ok(response) => {
                let status = response.status();
                span.set_attribute(KeyValue::new(attribute::HTTP_STATUS, i64::from(status.as_u16())));
                if status.is_client_error() || status.is_server_error() {
                    span.set_attribute(KeyValue::new(attribute::ERROR_TYPE, status.as_u16().to_string()));
                    span.set_status(Status::error(""));
                }
            }
            Err(error) => {
                let kind = if error.is_timeout() { "timeout" } else { "_OTHER" };
                span.set_attribute(KeyValue::new(attribute::ERROR_TYPE, kind));
                span.set_status(Status::error(""));
            }
        }
        span.end();
        if let Some(scope) = scope {
            scope.upstream_answered(
                address,
                match &answered {
                    Ok(response) => Answered::Status(response.status().as_u16()),
                    Err(error) if error.is_timeout() => Answered::Late,
                    Err(_) => Answered::Never,
                },
            );
        }
        answered
    }
}

/// A hash that tells requests apart.
fn address(request: &reqwest::Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    (request.method(), request.url()).hash(&mut hasher);
    hasher.finish()
}
