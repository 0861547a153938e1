//! Spans: every text in them that is not the server's own, whoever wrote it.

use std::borrow::Cow;
use std::cell::RefCell;

use opentelemetry::trace::{Event, Link, Status};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::index::TextIndex;
use super::redactor::Redactor;
use super::terms::Terms;
use super::values::{Values, scrubbed, searched};
use crate::telemetry::trace::Added;

impl Redactor {
    /// Takes credentials and personal data out of a span.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nobody takes spans"))]
    pub(crate) fn span(&self, span: &mut SpanData) {
        if let Cow::Owned(name) = self.text(&span.name) {
            span.name = name.into();
        }
        self.told(Told::of_span(span));
    }

    /// The same for what was added to the span of a message.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nobody takes spans"))]
    pub(crate) fn added(&self, added: &mut Added) {
        self.told(Told::of_added(added));
    }

    fn told(&self, mut told: Told<'_>) {
        for attribute in told.lists().into_iter().flatten() {
            if self.is_credential(attribute.key.as_str()) {
                attribute.value = Value::from("[redacted:password]");
            }
        }
        told.clean(&|text| self.text(text));
    }
}

impl Values {
    /// Takes what was sent out of a span.
    pub(crate) fn scrub_span(&self, span: &mut SpanData) {
        let name = std::mem::take(&mut span.name);
        let terms = self.terms_of(&mut Told::of_span(span), Some(&name));
        span.name = match scrubbed(&terms, &name) {
            Cow::Owned(clean) => clean.into(),
            Cow::Borrowed(_) => name.clone(),
        };
        Told::of_span(span).clean(&|text| scrubbed(&terms, text));
    }

    /// The same for what was added to the span of a message.
    pub(crate) fn scrub_added(&self, added: &mut Added) {
        let terms = self.terms_of(&mut Told::of_added(added), None);
        Told::of_added(added).clean(&|text| scrubbed(&terms, text));
    }

    /// What was sent and may stand in any text of a span: it is looked for once.
    fn terms_of(&self, told: &mut Told<'_>, name: Option<&str>) -> Terms {
        let index = RefCell::new(TextIndex::new());
        index.borrow_mut().add(name.unwrap_or_default());
        told.clean(&|text| {
            index.borrow_mut().add(searched(text));
            Cow::Borrowed(text)
        });
        self.terms(&index.into_inner())
    }
}

/// What somebody told by a span.
struct Told<'a> {
    attributes: &'a mut [KeyValue],
    events: &'a mut [Event],
    links: &'a mut [Link],
    status: &'a mut Status,
}

impl<'a> Told<'a> {
    fn of_span(span: &'a mut SpanData) -> Self {
        Self {
            attributes: &mut span.attributes,
            events: &mut span.events.events,
            links: &mut span.links.links,
            status: &mut span.status,
        }
    }

    fn of_added(added: &'a mut Added) -> Self {
        Self {
            attributes: &mut added.attributes,
            events: &mut added.events,
            links: &mut added.links,
            status: &mut added.status,
        }
    }

    /// Every list of attributes.
    fn lists(&mut self) -> Vec<&mut [KeyValue]> {
        let events = self.events.iter_mut().map(|event| &mut event.attributes[..]);
        let links = self.links.iter_mut().map(|link| &mut link.attributes[..]);
        std::iter::once(&mut *self.attributes).chain(events).chain(links).collect()
    }

    fn clean(&mut self, clean: &dyn Fn(&str) -> Cow<'_, str>) {
        if let Status::Error { description } = &mut *self.status
            && let Cow::Owned(cleaner) = clean(description)
        {
            *description = cleaner.into();
        }
        for event in &mut *self.events {
            if let Cow::Owned(name) = clean(&event.name) {
                event.name = name.into();
            }
        }
        for attribute in self.lists().into_iter().flatten() {
            value(&mut attribute.value, clean);
        }
    }
}

fn value(value: &mut Value, clean: &dyn Fn(&str) -> Cow<'_, str>) {
    match value {
        Value::String(text) => string(text, clean),
        Value::Array(Array::String(texts)) => texts.iter_mut().for_each(|text| string(text, clean)),
        // A number may be one that was sent.
        Value::I64(number) => {
            if let Cow::Owned(text) = clean(&number.to_string()) {
                *value = Value::from(text);
            }
        }
        _ => {}
    }
}

fn string(value: &mut StringValue, clean: &dyn Fn(&str) -> Cow<'_, str>) {
    if let Cow::Owned(text) = clean(value.as_str()) {
        *value = text.into();
    }
}
