//! The span of a message as bytes of the protocol, made in one go: this is on the way of every call.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, SpanContext, Status};
use opentelemetry_proto::tonic::Attributes;
use opentelemetry_proto::tonic::trace::v1::span::{self, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{self, SpanFlags};
use prost::Message as _;

use super::protobuf::{Fields, head};
use crate::telemetry::redact::Redactor;
use crate::telemetry::trace::{Added, Ended, SpanLimits, Text, cut};

/// Writes a span to the end of a buffer, without credentials and personal data.
pub(super) fn encode(span: Ended<'_>, redactor: &Redactor, limits: SpanLimits, buffer: &mut Vec<u8>) {
    let mut fields = Fields(buffer);
    identity(&span, &mut fields);
    fields.number(6, SpanKind::Server as u64);
    fields.fixed64(7, nanoseconds(span.since));
    fields.fixed64(8, nanoseconds(span.until));
    let most = limits.attributes as usize;
    for (name, text) in span.attributes.iter().take(most) {
        match text {
            Text::Own(text) => fields.attribute(9, name, limits.text(text)),
            Text::Foreign(text) => fields.attribute(9, name, limits.text(&redactor.text(text))),
        }
    }
    let link = span.link.filter(|_| limits.links > 0);
    if let Some(link) = link {
        self::link(link, &mut fields);
    }
    if let Some(why) = span.error {
        status(&redactor.text(why), &mut fields);
    }
    let over = u32::try_from(span.attributes.len().saturating_sub(most)).unwrap_or(u32::MAX);
    let unlinked = u32::from(span.link.is_some() && link.is_none());
    if span.added.is_none() && over == 0 && unlinked == 0 {
        return;
    }
    let mut added = span.added.unwrap_or_default();
    redactor.added(&mut added);
    limits.trim_all(&mut added.attributes);
    added.events.iter_mut().for_each(|event| limits.trim_all(&mut event.attributes));
    added.links.iter_mut().for_each(|link| limits.trim_all(&mut link.attributes));
    // No key is there twice; what the server says stands.
    added.attributes.retain(|attribute| span.attributes.iter().all(|(name, _)| *name != attribute.key.as_str()));
    added.dropped[0] = added.dropped[0].saturating_add(over);
    added.dropped[2] = added.dropped[2].saturating_add(unlinked);
    let left = SpanLimits {
        attributes: u32::try_from(most.saturating_sub(span.attributes.len())).unwrap_or(u32::MAX),
        links: limits.links.saturating_sub(u32::from(link.is_some())),
        ..limits
    };
    // Of a message that is written in two parts, readers make one.
    fields.0.extend(rest(*added, left, span.error.is_some()).encode_to_vec());
}

fn identity(span: &Ended<'_>, fields: &mut Fields<'_>) {
    fields.bytes(1, &span.context.trace_id().to_bytes());
    fields.bytes(2, &span.context.span_id().to_bytes());
    fields.bytes(3, span.context.trace_state().header().as_bytes());
    if let Some(parent) = span.parent {
        fields.bytes(4, &parent.span_id().to_bytes());
    }
    fields.fixed32(16, flags(span.context, span.parent.is_some_and(SpanContext::is_remote)));
    let about = span.about.map_or(0, |about| 1 + about.len());
    fields.message(5, span.method.len() + about);
    fields.0.extend_from_slice(span.method.as_bytes());
    if let Some(about) = span.about {
        fields.0.push(b' ');
        fields.0.extend_from_slice(about.as_bytes());
    }
}

fn link(link: &SpanContext, fields: &mut Fields<'_>) {
    let state = link.trace_state().header();
    let state_length = if state.is_empty() { 0 } else { head(state.len()) + state.len() };
    // 16 bytes, 8 and 4, each with a head.
    fields.message(13, (2 + 16) + (2 + 8) + state_length + (1 + 4));
    fields.bytes(1, &link.trace_id().to_bytes());
    fields.bytes(2, &link.span_id().to_bytes());
    fields.bytes(3, state.as_bytes());
    fields.fixed32(6, flags(link, link.is_remote()));
}

fn status(why: &str, fields: &mut Fields<'_>) {
    let why_length = if why.is_empty() { 0 } else { head(why.len()) + why.len() };
    fields.message(15, why_length + 2);
    fields.bytes(2, why.as_bytes());
    fields.number(3, StatusCode::Error as u64);
}

/// The flags of a context, and whether it or its parent came from elsewhere.
fn flags(context: &SpanContext, is_remote: bool) -> u32 {
    let remote = if is_remote { SpanFlags::ContextIsRemoteMask as u32 } else { 0 };
    u32::from(context.trace_flags().to_u8()) | SpanFlags::ContextHasIsRemoteMask as u32 | remote
}

/// What the function of the call added.
fn rest(added: Added, left: SpanLimits, is_error: bool) -> v1::Span {
    let Added { mut attributes, mut events, mut links, status, dropped } = added;
    let dropped = [
        dropped[0].saturating_add(cut(&mut attributes, left.attributes)),
        dropped[1].saturating_add(cut(&mut events, left.events)),
        dropped[2].saturating_add(cut(&mut links, left.links)),
    ];
    let status = match status {
        Status::Error { description } if !is_error => {
            Some(v1::Status { message: description.into_owned(), code: StatusCode::Error.into() })
        }
        Status::Ok if !is_error => Some(v1::Status { message: String::new(), code: StatusCode::Ok.into() }),
        _ => None,
    };
    v1::Span {
        attributes: Attributes::from(attributes).0,
        dropped_attributes_count: dropped[0],
        events: events.into_iter().map(event).collect(),
        dropped_events_count: dropped[1],
        links: links.into_iter().map(span::Link::from).collect(),
        dropped_links_count: dropped[2],
        status,
        ..v1::Span::default()
    }
}

fn event(event: Event) -> span::Event {
    span::Event {
        time_unix_nano: nanoseconds(event.timestamp),
        name: event.name.into_owned(),
        attributes: Attributes::from(event.attributes).0,
        dropped_attributes_count: event.dropped_attributes_count,
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::Duration;

    use opentelemetry::KeyValue;
    use opentelemetry::trace::{SpanId, TraceFlags, TraceId, TraceState};
    use opentelemetry_proto::tonic::common::v1::any_value;

    use super::*;

    fn context(number: u64, is_remote: bool, state: &str) -> SpanContext {
        let state: TraceState = state.parse().unwrap();
        let (trace, span) = (TraceId::from(u128::from(number)), SpanId::from(number));
        SpanContext::new(trace, span, TraceFlags::SAMPLED, is_remote, state)
    }

    fn plain(context: &SpanContext) -> Ended<'_> {
        let since = UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_001);
        Ended {
            context,
            parent: None,
            link: None,
            method: "tools/call",
            about: None,
            since,
            until: since + Duration::from_nanos(5),
            attributes: Vec::new(),
            error: None,
            added: None,
        }
    }

    /// As a collector reads it.
    fn read(span: Ended<'_>, limits: SpanLimits) -> v1::Span {
        let mut bytes = Vec::new();
        encode(span, &Redactor::new(true, &[]), limits, &mut bytes);
        v1::Span::decode(&bytes[..]).unwrap()
    }

    fn texts(span: &v1::Span) -> Vec<(&str, &str)> {
        span.attributes
            .iter()
            .map(|attribute| match &attribute.value.as_ref().unwrap().value {
                Some(any_value::Value::StringValue(text)) => (attribute.key.as_str(), text.as_str()),
                other => panic!("{}: {other:?}", attribute.key),
            })
            .collect()
    }

    #[test]
    fn what_is_written_is_what_the_libraries_read() {
        let (own, parent, link) = (context(1, false, ""), context(2, true, "a=1"), context(3, true, "b=2"));
        let long = "x".repeat(300);
        let mut ended = plain(&own);
        (ended.parent, ended.link, ended.about) = (Some(&parent), Some(&link), Some("search"));
        ended.error = Some("it broke");
        ended.attributes =
            vec![("empty", "".into()), ("own", Text::Own(Cow::Borrowed(&long))), ("foreign", Text::Foreign("a word"))];
        let span = read(ended, SpanLimits::default());
        assert_eq!(span.name, "tools/call search");
        assert_eq!(
            (&span.trace_id[..], &span.span_id[..]),
            (&own.trace_id().to_bytes()[..], &[0, 0, 0, 0, 0, 0, 0, 1][..])
        );
        assert_eq!((&span.parent_span_id[..], span.flags), (&parent.span_id().to_bytes()[..], 0x301));
        assert_eq!(span.kind(), SpanKind::Server);
        let (from, to) = (span.start_time_unix_nano, span.end_time_unix_nano);
        assert_eq!((from, to - from), (1_700_000_000_000_000_001, 5));
        assert_eq!(texts(&span), [("empty", ""), ("own", long.as_str()), ("foreign", "a word")]);
        assert_eq!(span.links, [span::Link::from(opentelemetry::trace::Link::new(link, Vec::new(), 0))]);
        let status = span.status.unwrap();
        assert_eq!((status.message.as_str(), status.code()), ("it broke", StatusCode::Error));
    }

    #[test]
    fn words_of_others_are_looked_through() {
        let own = context(1, false, "");
        let mut ended = plain(&own);
        ended.error = Some("key AKIAIOSFODNN7EXAMPLE is wrong");
        ended.attributes = vec![("jsonrpc.request.id", Text::Foreign("AKIAIOSFODNN7EXAMPLE"))];
        let span = read(ended, SpanLimits::default());
        assert!(!format!("{span:?}").contains("AKIA"), "{span:?}");
    }

    #[test]
    fn what_was_added_is_there_as_well_up_to_the_limits() {
        let own = context(1, false, "");
        let added = || {
            Some(Box::new(Added {
                attributes: vec![KeyValue::new("one", 1), KeyValue::new("own", "another"), KeyValue::new("two", 2)],
                events: vec![Event::new("seen", UNIX_EPOCH, Vec::new(), 0)],
                status: Status::error("the author says so"),
                ..Added::default()
            }))
        };
        let mut ended = plain(&own);
        (ended.attributes, ended.added) = (vec![("own", "word".into())], added());
        let span = read(ended, SpanLimits::default());
        assert_eq!((span.attributes.len(), span.events.len(), span.dropped_attributes_count), (3, 1, 0));
        assert_eq!(span.status.as_ref().map(|status| status.message.as_str()), Some("the author says so"));

        let mut ended = plain(&own);
        (ended.attributes, ended.added) = (vec![("own", "word".into())], added());
        let limits = SpanLimits { attributes: 2, events: 0, links: 0, ..SpanLimits::default() };
        let span = read(ended, limits);
        assert_eq!((span.attributes.len(), span.dropped_attributes_count), (2, 1));
        assert_eq!((span.events.len(), span.dropped_events_count), (0, 1));

        let other = context(2, true, "");
        let mut ended = plain(&own);
        (ended.link, ended.added) = (Some(&other), Some(Box::default()));
        let span = read(ended, SpanLimits { links: 0, ..SpanLimits::default() });
        assert_eq!((span.links.len(), span.dropped_links_count), (0, 1));

        let mut ended = plain(&own);
        ended.attributes = vec![("own", "word".into()), ("another", "word".into())];
        let span = read(ended, SpanLimits { attributes: 1, ..SpanLimits::default() });
        assert_eq!((span.attributes.len(), span.dropped_attributes_count), (1, 1));
    }
}
