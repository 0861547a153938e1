//! What the function of a call adds to the call's span, through OpenTelemetry's own API: attributes, events, links, a
//! status.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Event, Link, Span, SpanContext, Status};

use super::limits::{SpanLimits, cut};

/// What was added to a span.
#[derive(Debug, Default)]
pub(crate) struct Added {
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) events: Vec<Event>,
    pub(crate) links: Vec<Link>,
    pub(crate) status: Status,
    /// Attributes, events and links that were too many.
    pub(crate) dropped: [u32; 3],
}

#[derive(Debug)]
enum Page {
    Open(Option<Box<Added>>),
    Closed,
}

/// Where it is added.
#[derive(Clone, Debug)]
pub(in crate::telemetry) struct Additions {
    page: Arc<Mutex<Page>>,
    limits: SpanLimits,
}

impl Additions {
    /// As many as may be.
    pub(in crate::telemetry) fn within(limits: SpanLimits) -> Self {
        Self { page: Arc::new(Mutex::new(Page::Open(None))), limits }
    }

    /// What was added; nothing can be from now on.
    pub(in crate::telemetry) fn close(&self) -> Option<Box<Added>> {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *page, Page::Closed) {
            Page::Open(added) => added,
            Page::Closed => None,
        }
    }

    fn add(&self, add: impl FnOnce(&mut Added)) {
        if let Page::Open(added) = &mut *self.page.lock().unwrap_or_else(PoisonError::into_inner) {
            add(added.get_or_insert_default());
        }
    }

    fn is_open(&self) -> bool {
        matches!(*self.page.lock().unwrap_or_else(PoisonError::into_inner), Page::Open(_))
    }
}

fn push<T>(list: &mut Vec<T>, item: T, most: u32, dropped: &mut u32) {
    list.push(item);
    *dropped = dropped.saturating_add(cut(list, most));
}

/// The span of a message as the code within it finds it in its context.
#[derive(Debug)]
pub(in crate::telemetry) struct Within {
    context: SpanContext,
    additions: Additions,
}

impl Within {
    pub(in crate::telemetry) fn new(context: SpanContext, additions: Additions) -> Self {
        Self { context, additions }
    }
}

impl Span for Within {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, mut attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        let dropped = cut(&mut attributes, self.additions.limits.event_attributes);
        let (event, most) = (Event::new(name, timestamp, attributes, dropped), self.additions.limits.events);
        self.additions.add(|added| push(&mut added.events, event, most, &mut added.dropped[1]));
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.additions.is_open()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        let most = self.additions.limits.attributes;
        self.additions.add(|added| {
            let Added { attributes, dropped, .. } = added;
            match attributes.iter_mut().find(|known| known.key == attribute.key) {
                Some(known) => known.value = attribute.value,
                None => push(attributes, attribute, most, &mut dropped[0]),
            }
        });
    }

    fn set_status(&mut self, status: Status) {
        // An author who says that all is well knows better than one who says that it is not.
        self.additions.add(|added| {
            if status > added.status {
                added.status = status;
            }
        });
    }

    /// Its name is that of the conventions, whatever else is wished.
    fn update_name<T>(&mut self, _: T)
    where
        T: Into<Cow<'static, str>>,
    {
    }

    fn add_link(&mut self, span_context: SpanContext, mut attributes: Vec<KeyValue>) {
        let dropped = cut(&mut attributes, self.additions.limits.link_attributes);
        let (link, most) = (Link::new(span_context, attributes, dropped), self.additions.limits.links);
        self.additions.add(|added| push(&mut added.links, link, most, &mut added.dropped[2]));
    }

    /// It ends with its message.
    fn end_with_timestamp(&mut self, _: SystemTime) {}
}
