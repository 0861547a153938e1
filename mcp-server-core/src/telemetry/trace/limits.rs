//! What a span may have at most.

use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// What a span may have, as `OTEL_SPAN_*_LIMIT`, `OTEL_EVENT_*_LIMIT`, `OTEL_LINK_*_LIMIT` and `OTEL_ATTRIBUTE_*_LIMIT` say;
/// 128 of each and texts of any length are the specification's defaults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanLimits {
    pub(crate) attributes: u32,
    pub(crate) events: u32,
    pub(crate) links: u32,
    /// Attributes of one event.
    pub(crate) event_attributes: u32,
    /// Attributes of one link.
    pub(crate) link_attributes: u32,
    /// Characters of the text of an attribute.
    pub(crate) value_length: Option<usize>,
}

impl Default for SpanLimits {
    fn default() -> Self {
        Self {
            attributes: 128,
            events: 128,
            links: 128,
            event_attributes: 128,
            link_attributes: 128,
            value_length: None,
        }
    }
}

#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nobody takes spans"))]
impl SpanLimits {
    /// The text of an attribute, as long as it may be.
    pub(in crate::telemetry) fn text(self, text: &str) -> &str {
        let end = self.value_length.and_then(|length| text.char_indices().nth(length)).map(|(end, _)| end);
        end.and_then(|end| text.get(..end)).unwrap_or(text)
    }

    /// Shortens the texts of a span.
    pub(in crate::telemetry) fn trim(self, span: &mut SpanData) {
        if self.value_length.is_none() {
            return;
        }
        self.trim_all(&mut span.attributes);
        span.events.events.iter_mut().for_each(|event| self.trim_all(&mut event.attributes));
        span.links.links.iter_mut().for_each(|link| self.trim_all(&mut link.attributes));
    }

    /// Shortens the texts of attributes.
    pub(in crate::telemetry) fn trim_all(self, attributes: &mut [KeyValue]) {
        if self.value_length.is_none() {
            return;
        }
        for attribute in attributes {
            match &mut attribute.value {
                Value::String(text) => self.trim_text(text),
                Value::Array(Array::String(texts)) => texts.iter_mut().for_each(|text| self.trim_text(text)),
                _ => {}
            }
        }
    }

    fn trim_text(self, text: &mut StringValue) {
        let short = self.text(text.as_str());
        if short.len() < text.as_str().len() {
            *text = short.to_owned().into();
        }
    }
}

/// Cuts a list off; the number of what is missing then.
pub(in crate::telemetry) fn cut<T>(list: &mut Vec<T>, most: u32) -> u32 {
    let over = list.len().saturating_sub(most as usize);
    list.truncate(most as usize);
    u32::try_from(over).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_characters() {
        let limits = SpanLimits { value_length: Some(3), ..SpanLimits::default() };
        assert_eq!(
            [limits.text("größe"), limits.text("ab"), SpanLimits::default().text("größe")],
            ["grö", "ab", "größe"]
        );
        let mut attributes = [KeyValue::new("a", "größe"), KeyValue::new("b", 12_345)];
        limits.trim_all(&mut attributes);
        assert_eq!((attributes[0].value.as_str().as_ref(), attributes[1].value.as_str().as_ref()), ("grö", "12345"));
    }
}
