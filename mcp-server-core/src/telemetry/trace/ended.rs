//! The span of a message at its end, as whoever exports it reads it.

use std::borrow::Cow;
use std::fmt::Debug;
use std::time::SystemTime;

use opentelemetry::trace::SpanContext;

use super::added::Added;

/// Takes spans of messages. Whoever ends one never waits.
pub(crate) trait Takes: Debug + Send + Sync {
    /// Takes one, or counts it as lost.
    fn take(&self, span: Ended<'_>);
}

/// A span of a message that is over.
#[derive(Debug)]
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nobody takes spans"))]
pub(crate) struct Ended<'a> {
    pub(crate) context: &'a SpanContext,
    pub(crate) parent: Option<&'a SpanContext>,
    /// The HTTP request that carried the message, if that is not the parent.
    pub(crate) link: Option<&'a SpanContext>,
    pub(crate) method: &'static str,
    /// The second word of its name, if it has one.
    pub(crate) about: Option<&'static str>,
    pub(crate) since: SystemTime,
    pub(crate) until: SystemTime,
    pub(crate) attributes: Vec<(&'static str, Text<'a>)>,
    /// What went wrong, if its status is an error.
    pub(crate) error: Option<&'a str>,
    pub(crate) added: Option<Box<Added>>,
}

/// The value of an attribute.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "without the feature nobody takes spans"))]
pub(crate) enum Text<'a> {
    /// In words of the server, or in names that its author registered: there is nothing in them to hide.
    Own(Cow<'a, str>),
    /// In words of somebody else, where a credential may be.
    Foreign(&'a str),
}

impl From<&'static str> for Text<'_> {
    fn from(word: &'static str) -> Self {
        Self::Own(Cow::Borrowed(word))
    }
}
