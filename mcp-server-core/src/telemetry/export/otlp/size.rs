//! About how much memory a span of an author takes while it waits.

use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// What a span, an event, a link or an attribute takes without its texts.
const PART: usize = 96;

/// The bytes of a span.
pub(super) fn of(span: &SpanData) -> usize {
    let events = span.events.events.iter().map(|event| PART + event.name.len() + attributes(&event.attributes));
    let links = span.links.links.iter().map(|link| PART + attributes(&link.attributes));
    4 * PART + span.name.len() + attributes(&span.attributes) + events.sum::<usize>() + links.sum::<usize>()
}

fn attributes(attributes: &[KeyValue]) -> usize {
    attributes.iter().map(|attribute| PART + attribute.key.as_str().len() + value(&attribute.value)).sum()
}

fn value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => texts.iter().map(|text| PART + text.as_str().len()).sum(),
        Value::Array(Array::Bool(values)) => values.len(),
        Value::Array(Array::I64(values)) => values.len() * 8,
        Value::Array(Array::F64(values)) => values.len() * 8,
        _ => 0,
    }
}
