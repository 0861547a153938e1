//! W3C Trace Context in and out: `traceparent`, `tracestate` and `baggage`, in `_meta` and in HTTP headers.

use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, HeaderName};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use serde_json::Value;

/// The name of the header, and of the key in `_meta`.
pub(crate) const TRACEPARENT: &str = "traceparent";
/// The name of the header, and of the key in `_meta`, of the vendors' part.
pub(crate) const TRACESTATE: &str = "tracestate";
/// The name of the header, and of the key in `_meta`, of what is known all along the trace.
pub(crate) const BAGGAGE: &str = "baggage";
/// Bytes of baggage at most.
const LUGGAGE: usize = 8192;
/// Bytes of a `tracestate` at most; a longer one is passed over, as the recommendation allows.
const STATE: usize = 512;

/// What is passed on, as `OTEL_PROPAGATORS` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carries {
    /// W3C Trace Context.
    pub(crate) trace: bool,
    /// W3C Baggage.
    pub(crate) baggage: bool,
}

impl Default for Carries {
    fn default() -> Self {
        Self { trace: true, baggage: true }
    }
}

static TRACE: AtomicBool = AtomicBool::new(true);
static CARRIES_BAGGAGE: AtomicBool = AtomicBool::new(true);

/// Says what this process passes on.
pub(crate) fn set(carries: Carries) {
    TRACE.store(carries.trace, Ordering::Relaxed);
    CARRIES_BAGGAGE.store(carries.baggage, Ordering::Relaxed);
}

/// Reads a context of somebody else; nothing if it is not to the letter (W3C Trace Context, section 3.2.2).
pub(crate) fn read(traceparent: &str, tracestate: Option<&str>) -> Option<SpanContext> {
    if !TRACE.load(Ordering::Relaxed) {
        return None;
    }
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    // A later version may have more parts; this one has four.
    let fits = is_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    if !(fits && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2)) {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let state = tracestate.filter(|state| state.len() <= STATE).and_then(|state| state.parse::<TraceState>().ok());
    let read = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        flags,
        true,
        state.unwrap_or_default(),
    );
    read.is_valid().then_some(read)
}

/// The caller's baggage, passed on as it came: nothing here reads it.
#[derive(Debug)]
struct Luggage(Box<str>);

/// Has a context carry baggage; too much of it is left behind (W3C Baggage, section 3.3.2).
pub(crate) fn with_baggage(context: &Context, baggage: &str) -> Context {
    let is_text = baggage.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_carried = CARRIES_BAGGAGE.load(Ordering::Relaxed);
    if is_carried && baggage.len() <= LUGGAGE && is_text {
        context.with_value(Luggage(baggage.into()))
    } else {
        context.clone()
    }
}

/// A context as somebody else can read it: names of headers, or of members of `_meta`, with their values.
pub(crate) fn write(context: &Context) -> Vec<(&'static str, String)> {
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() || !TRACE.load(Ordering::Relaxed) {
        return Vec::new();
    }
    let flags = (span.trace_flags() & TraceFlags::SAMPLED).to_u8();
    let mut written = vec![(TRACEPARENT, format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()))];
    let state = span.trace_state().header();
    if !state.is_empty() {
        written.push((TRACESTATE, state));
    }
    written.extend(context.get::<Luggage>().map(|luggage| (BAGGAGE, luggage.0.to_string())));
    written
}

/// A context as headers of a request to somebody else.
pub(crate) fn headers(context: Option<&Context>) -> HeaderMap {
    let written = context.map(write).unwrap_or_default();
    let header = |(name, value): (&'static str, String)| Some((HeaderName::from_static(name), value.try_into().ok()?));
    written.into_iter().filter_map(header).collect()
}

/// Puts a trace into the `_meta` of a message's parameters (SEP-414).
pub(super) fn sign(context: &Context, params: &mut Value) {
    let written = write(context);
    let Some(members) = params.as_object_mut().filter(|_| !written.is_empty()) else { return };
    let meta = members.entry("_meta").or_insert_with(|| Value::Object(serde_json::Map::new()));
    if let Some(meta) = meta.as_object_mut() {
        meta.extend(written.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_was_read_is_written_again() {
        let read = read(PARENT, Some("vendor=1")).unwrap();
        let context = Context::new().with_remote_span_context(read);
        let written = |name, value: &str| (name, value.to_owned());
        assert_eq!(write(&context), [written(TRACEPARENT, PARENT), written(TRACESTATE, "vendor=1")]);
        let laden = with_baggage(&context, "tenant=blue");
        assert_eq!(write(&laden)[2], written(BAGGAGE, "tenant=blue"));
        assert_eq!(write(&with_baggage(&context, "a\r\nb: c")).len(), 2, "a header cannot hold it");
        assert_eq!(write(&Context::new()), []);
        let mut params = serde_json::json!({ "_meta": { "progressToken": 1 } });
        sign(&context, &mut params);
        assert_eq!(
            params["_meta"],
            serde_json::json!({ "progressToken": 1, "traceparent": PARENT, "tracestate": "vendor=1" })
        );
    }

    #[test]
    fn what_is_not_to_the_letter_is_nothing() {
        for wrong in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(read(wrong, None), None, "{wrong}");
        }
        let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more";
        assert!(read(later, None).is_some(), "a later version may have more parts");
        assert!(read(PARENT, Some(&"a=b,".repeat(200))).is_some_and(|read| read.trace_state().header().is_empty()));
    }
}
