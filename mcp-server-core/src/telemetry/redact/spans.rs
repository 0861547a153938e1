//! Spans: every text in them, whoever wrote it.

use std::borrow::Cow;

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::redactor::Redactor;
use super::values::Values;
use crate::telemetry::semconv::{SCOPE, attribute};

/// What the server's own spans say in words of its own, or in names that an author registered. Looking through them would
/// be most of what a span costs.
const OWN_WORDS: [&str; 12] = [
    attribute::METHOD,
    attribute::OPERATION,
    attribute::TOOL,
    attribute::PROMPT,
    attribute::PROTOCOL_VERSION,
    attribute::SESSION_ID,
    attribute::TRANSPORT,
    attribute::NETWORK_PROTOCOL,
    attribute::STATUS_CODE,
    attribute::ERROR_TYPE,
    attribute::KIND,
    attribute::OUTCOME,
];

impl Redactor {
    /// Takes credentials and personal data out of a span.
    pub(crate) fn span(&self, span: &mut SpanData) {
        if span.instrumentation_scope.name() == SCOPE && span.span_kind == SpanKind::Server {
            return self.own_span(span);
        }
        let events = span.events.events.iter_mut().flat_map(|event| &mut event.attributes);
        for attribute in span.attributes.iter_mut().chain(events) {
            if self.is_credential(attribute.key.as_str()) {
                attribute.value = Value::from("[redacted:password]");
            }
        }
        each(span, &|text| self.text(text));
    }

    /// The same for the span of a message: its name is a method and a registered name.
    fn own_span(&self, span: &mut SpanData) {
        let clean: &dyn Fn(&str) -> Cow<'_, str> = &|text| self.text(text);
        if let Status::Error { description } = &mut span.status
            && let Cow::Owned(cleaner) = clean(description)
        {
            *description = cleaner.into();
        }
        for attribute in &mut span.attributes {
            if let Value::String(value) = &mut attribute.value
                && !OWN_WORDS.contains(&attribute.key.as_str())
            {
                string(value, clean);
            }
        }
    }
}

impl Values {
    /// Takes what was sent out of a span.
    pub(crate) fn scrub_span(&self, span: &mut SpanData) {
        each(span, &|text| self.scrub(text));
    }
}

fn each(span: &mut SpanData, clean: &dyn Fn(&str) -> Cow<'_, str>) {
    if let Cow::Owned(name) = clean(&span.name) {
        span.name = name.into();
    }
    if let Status::Error { description } = &mut span.status
        && let Cow::Owned(cleaner) = clean(description)
    {
        *description = cleaner.into();
    }
    attributes(&mut span.attributes, clean);
    for event in &mut span.events.events {
        if let Cow::Owned(name) = clean(&event.name) {
            event.name = name.into();
        }
        attributes(&mut event.attributes, clean);
    }
}

fn attributes(attributes: &mut [KeyValue], clean: &dyn Fn(&str) -> Cow<'_, str>) {
    for attribute in attributes {
        match &mut attribute.value {
            Value::String(value) => string(value, clean),
            Value::Array(Array::String(values)) => values.iter_mut().for_each(|value| string(value, clean)),
            // A number may be one that was sent.
            Value::I64(number) => {
                if let Cow::Owned(text) = clean(&number.to_string()) {
                    attribute.value = Value::from(text);
                }
            }
            _ => {}
        }
    }
}

fn string(value: &mut StringValue, clean: &dyn Fn(&str) -> Cow<'_, str>) {
    if let Cow::Owned(text) = clean(value.as_str()) {
        *value = text.into();
    }
}
