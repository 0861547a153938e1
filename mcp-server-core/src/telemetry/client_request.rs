//! Requests to the client: a CLIENT span and a duration for each (`mcp.client.operation.duration`).

use std::time::Instant;

use opentelemetry::trace::{SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use serde_json::Value;

use super::propagation::sign;
use super::scope::Scope;
use super::semconv::{self, attribute};

/// A request to the client; dropped before its answer, it failed.
#[derive(Debug)]
pub(crate) struct ClientRequest {
    scope: Scope,
    method: &'static str,
    since: Instant,
    context: Option<Context>,
    /// Why it failed, if it did, and the code of the error that the client sent.
    error: Option<(String, Option<i64>)>,
}

impl ClientRequest {
    /// A request that begins now, within a call.
    pub(crate) fn start(scope: &Scope, method: &'static str) -> Self {
        let context = scope.context().cloned();
        let context = match (context, scope.telemetry().tracer()) {
            (Some(parent), Some(tracer)) => {
                let tracer = tracer.others();
                let builder = tracer.span_builder(method).with_kind(SpanKind::Client);
                let span = tracer.build_with_context(builder, &parent);
                Some(parent.with_span(span))
            }
            (context, _) => context,
        };
        let error = Some((semconv::OTHER.to_owned(), None));
        Self { scope: scope.clone(), method, since: Instant::now(), context, error }
    }

    /// Puts the trace into the `_meta` of its parameters.
    pub(crate) fn sign(&self, params: &mut Value) {
        if let Some(context) = &self.context {
            sign(context, params);
        }
    }

    /// Says that the client answered with a result.
    pub(crate) fn answered(&mut self) {
        self.error = None;
    }

    /// Says that the client answered with an error, and its code. On this side every code is an error.
    pub(crate) fn refused(&mut self, code: Option<i64>) {
        self.error = Some((code.map_or_else(|| semconv::OTHER.to_owned(), |code| code.to_string()), code));
    }

    fn labels(&self) -> Vec<KeyValue> {
        let (wire, revision) = self.scope.wire();
        let mut labels = vec![KeyValue::new(attribute::METHOD, self.method)];
        labels.extend(revision.map(|revision| KeyValue::new(attribute::PROTOCOL_VERSION, revision.as_str())));
        labels.extend(wire.transport().map(|word| KeyValue::new(attribute::TRANSPORT, word)));
        labels.extend(wire.protocol().map(|word| KeyValue::new(attribute::NETWORK_PROTOCOL, word)));
        labels.extend(wire.version().map(|word| KeyValue::new(attribute::NETWORK_VERSION, word)));
        if let Some((kind, code)) = &self.error {
            labels.push(KeyValue::new(attribute::ERROR_TYPE, kind.clone()));
            labels.extend(code.map(|code| KeyValue::new(attribute::STATUS_CODE, code.to_string())));
        }
        labels
    }
}

impl Drop for ClientRequest {
    fn drop(&mut self) {
        // The client chooses its codes: only those of the protocol become labels.
        if let Some((kind, code)) = &mut self.error
            && code.is_some_and(|code| !(-32_799..=-31_999).contains(&code))
        {
            *code = None;
            semconv::OTHER.clone_into(kind);
        }
        let labels = self.labels();
        if let Some(meters) = self.scope.telemetry().meters() {
            meters.client_answered(self.since.elapsed(), &labels);
        }
        if let Some(context) = self.context.as_ref().filter(|_| self.scope.telemetry().tracer().is_some()) {
            let span = context.span();
            if let Some((kind, _)) = &self.error {
                span.set_status(Status::error(kind.clone()));
            }
            span.set_attributes(labels);
            span.end();
        }
    }
}
