//! Spans and metrics as a test reads them.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, Metric, metric, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::{Value, json};

/// Attributes by their names.
pub type Attributes = BTreeMap<String, Value>;

/// A span, and who sent it.
#[derive(Clone, Debug)]
pub struct SeenSpan {
    resource: Attributes,
    scope: String,
    span: Span,
}

/// A metric, and who sent it.
#[derive(Clone, Debug)]
pub struct SeenMetric {
    resource: Attributes,
    scope: String,
    metric: Metric,
}

/// One series of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What it is of.
    pub attributes: Attributes,
    /// How often it was recorded, or the value.
    pub count: f64,
    /// The sum of what was recorded.
    pub sum: f64,
    /// The upper bounds of a histogram.
    pub bounds: Vec<f64>,
}

impl SeenSpan {
    pub(super) fn all(request: ExportTraceServiceRequest) -> Vec<Self> {
        let mut all = Vec::new();
        for group in request.resource_spans {
            let resource = who(group.resource);
            for scoped in group.scope_spans {
                let scope = scoped.scope.map(|scope| scope.name).unwrap_or_default();
                let seen = |span| Self { resource: resource.clone(), scope: scope.clone(), span };
                all.extend(scoped.spans.into_iter().map(seen));
            }
        }
        all
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.span.name
    }

    /// `SERVER`, `CLIENT` or `INTERNAL`, among others.
    pub fn kind(&self) -> &'static str {
        SpanKind::try_from(self.span.kind).map_or("", |kind| kind.as_str_name().trim_start_matches("SPAN_KIND_"))
    }

    /// The trace, in hexadecimal digits.
    pub fn trace(&self) -> String {
        hex(&self.span.trace_id)
    }

    /// Its own id.
    pub fn id(&self) -> String {
        hex(&self.span.span_id)
    }

    /// The id of its parent; empty if it has none.
    pub fn parent(&self) -> String {
        hex(&self.span.parent_span_id)
    }

    /// The spans that it is linked to, as `trace-span`.
    pub fn links(&self) -> Vec<String> {
        let link = |link: &opentelemetry_proto::tonic::trace::v1::span::Link| {
            format!("{}-{}", hex(&link.trace_id), hex(&link.span_id))
        };
        self.span.links.iter().map(link).collect()
    }

    /// Its attributes.
    pub fn attributes(&self) -> Attributes {
        read(&self.span.attributes)
    }

    /// One attribute; null if it has none.
    pub fn attribute(&self, name: &str) -> Value {
        self.attributes().remove(name).unwrap_or_default()
    }

    /// `UNSET`, `OK` or `ERROR`, and what is said of it.
    pub fn status(&self) -> (&'static str, &str) {
        let Some(status) = &self.span.status else { return ("UNSET", "") };
        let code = StatusCode::try_from(status.code).map_or("", |code| code.as_str_name());
        (code.trim_start_matches("STATUS_CODE_"), &status.message)
    }

    /// The names of its events.
    pub fn events(&self) -> Vec<&str> {
        self.span.events.iter().map(|event| event.name.as_str()).collect()
    }

    /// Everything that is said of it, as one text to search.
    pub fn text(&self) -> String {
        format!("{:?}", self.span)
    }

    /// Who sent it.
    pub fn resource(&self) -> &Attributes {
        &self.resource
    }

    /// Which library made it.
    pub fn scope(&self) -> &str {
        &self.scope
    }
}

impl SeenMetric {
    pub(super) fn all(request: ExportMetricsServiceRequest) -> Vec<Self> {
        let mut all = Vec::new();
        for group in request.resource_metrics {
            let resource = who(group.resource);
            for scoped in group.scope_metrics {
                let scope = scoped.scope.map(|scope| scope.name).unwrap_or_default();
                let seen = |metric| Self { resource: resource.clone(), scope: scope.clone(), metric };
                all.extend(scoped.metrics.into_iter().map(seen));
            }
        }
        all
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.metric.name
    }

    /// Its unit.
    pub fn unit(&self) -> &str {
        &self.metric.unit
    }

    /// Who sent it.
    pub fn resource(&self) -> &Attributes {
        &self.resource
    }

    /// Which library made it.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Whether its values are since the last export, and not since the start.
    pub fn is_delta(&self) -> bool {
        let temporality = match &self.metric.data {
            Some(metric::Data::Sum(sum)) => sum.aggregation_temporality,
            Some(metric::Data::Histogram(histogram)) => histogram.aggregation_temporality,
            _ => return false,
        };
        temporality == AggregationTemporality::Delta as i32
    }

    /// Its series.
    pub fn points(&self) -> Vec<Point> {
        let number = |point: &opentelemetry_proto::tonic::metrics::v1::NumberDataPoint| {
            #[expect(clippy::cast_precision_loss, reason = "a test counts to few")]
            let value = match point.value {
                Some(number_data_point::Value::AsDouble(value)) => value,
                Some(number_data_point::Value::AsInt(value)) => value as f64,
                None => 0.0,
            };
            Point { attributes: read(&point.attributes), count: value, sum: value, bounds: Vec::new() }
        };
        match &self.metric.data {
            Some(metric::Data::Gauge(gauge)) => gauge.data_points.iter().map(number).collect(),
            Some(metric::Data::Sum(sum)) => sum.data_points.iter().map(number).collect(),
            Some(metric::Data::Histogram(histogram)) => {
                let point = |point: &opentelemetry_proto::tonic::metrics::v1::HistogramDataPoint| Point {
                    attributes: read(&point.attributes),
                    #[expect(clippy::cast_precision_loss, reason = "a test counts to few")]
                    count: point.count as f64,
                    sum: point.sum.unwrap_or_default(),
                    bounds: point.explicit_bounds.clone(),
                };
                histogram.data_points.iter().map(point).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The series that has all these attributes, if there is one.
    pub fn point(&self, attributes: &[(&str, &str)]) -> Option<Point> {
        let has =
            |point: &Point| attributes.iter().all(|(name, value)| point.attributes.get(*name) == Some(&json!(value)));
        self.points().into_iter().find(has)
    }
}

fn who(resource: Option<Resource>) -> Attributes {
    resource.map(|resource| read(&resource.attributes)).unwrap_or_default()
}

fn read(attributes: &[KeyValue]) -> Attributes {
    attributes.iter().map(|attribute| (attribute.key.clone(), value(attribute.value.as_ref()))).collect()
}

fn value(any: Option<&AnyValue>) -> Value {
    match any.and_then(|any| any.value.as_ref()) {
        Some(Any::StringValue(text)) => json!(text),
        Some(Any::BoolValue(flag)) => json!(flag),
        Some(Any::IntValue(number)) => json!(number),
        Some(Any::DoubleValue(number)) => json!(number),
        Some(Any::ArrayValue(array)) => array.values.iter().map(|any| value(Some(any))).collect(),
        _ => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
