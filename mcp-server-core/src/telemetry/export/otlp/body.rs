//! The body of an export: an `ExportTraceServiceRequest` of OTLP.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use prost::Message as _;

use super::batch::Batch;
use super::protobuf::{Fields, head};
use crate::telemetry::semconv::SCOPE;

/// What is the same in all of them.
#[derive(Debug)]
pub(super) struct Body {
    resource: ResourceAttributesWithSchema,
    /// The field `resource` of a `ResourceSpans`.
    resource_field: Vec<u8>,
    /// The field `scope` of the `ScopeSpans` of messages.
    scope_field: Vec<u8>,
}

impl Body {
    /// For what this resource tells.
    pub(super) fn of(resource: &Resource) -> Self {
        let resource = ResourceAttributesWithSchema::from(resource);
        let encoded =
            v1::Resource { attributes: resource.attributes.0.clone(), ..v1::Resource::default() }.encode_to_vec();
        let scope = InstrumentationScope {
            name: SCOPE.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        Self { resource, resource_field: field(1, &encoded), scope_field: field(1, &scope.encode_to_vec()) }
    }

    /// With these spans.
    pub(super) fn with(&self, batch: Batch) -> Vec<u8> {
        let mut body = self.messages(&batch.encoded);
        if !batch.others.is_empty() {
            let resource_spans = group_spans_by_resource_and_scope(batch.others, &self.resource);
            // Of a message that is written in two parts, readers make one.
            body.extend(ExportTraceServiceRequest { resource_spans }.encode_to_vec());
        }
        body
    }

    /// The spans of messages: one `ResourceSpans` with one `ScopeSpans`.
    fn messages(&self, spans: &[u8]) -> Vec<u8> {
        if spans.is_empty() {
            return Vec::new();
        }
        let scope_spans = self.scope_field.len() + spans.len();
        let resource_spans = self.resource_field.len() + head(scope_spans) + scope_spans;
        let mut body = Vec::with_capacity(head(resource_spans) + resource_spans);
        Fields(&mut body).message(1, resource_spans);
        body.extend_from_slice(&self.resource_field);
        Fields(&mut body).message(2, scope_spans);
        body.extend_from_slice(&self.scope_field);
        body.extend_from_slice(spans);
        body
    }
}

fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    Fields(&mut field).bytes(number, bytes);
    field
}
