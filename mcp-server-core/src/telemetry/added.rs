//! What the function of a call adds to the call's span, through OpenTelemetry's own API: attributes, events, links, a
//! status.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Event, Link, Span, SpanContext, Status};

/// Of each kind at most.
const MOST: usize = 128;

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
pub(super) struct Additions(Arc<Mutex<Page>>);

impl Default for Additions {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Page::Open(None))))
    }
}

impl Additions {
    /// What was added; nothing can be from now on.
    pub(super) fn close(&self) -> Option<Box<Added>> {
        let mut page = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *page, Page::Closed) {
            Page::Open(added) => added,
            Page::Closed => None,
        }
    }

    fn add(&self, add: impl FnOnce(&mut Added)) {
        if let Page::Open(added) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            add(added.get_or_insert_default());
        }
    }

    fn is_open(&self) -> bool {
        matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), Page::Open(_))
    }
}

fn push<T>(list: &mut Vec<T>, dropped: &mut u32, item: T) {
    if list.len() < MOST {
        list.push(item);
    } else {
        *dropped = dropped.saturating_add(1);
    }
}

/// The span of a message as the code within it finds it in its context.
#[derive(Debug)]
pub(super) struct Within {
    context: SpanContext,
    additions: Additions,
}

impl Within {
    pub(super) fn new(context: SpanContext, additions: Additions) -> Self {
        Self { context, additions }
    }
}

impl Span for Within {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        let event = Event::new(name, timestamp, attributes, 0);
        self.additions.add(|added| push(&mut added.events, &mut added.dropped[1], event));
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.additions.is_open()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.additions.add(|added| {
            let Added { attributes, dropped, .. } = added;
            match attributes.iter_mut().find(|known| known.key == attribute.key) {
                Some(known) => known.value = attribute.value,
                None => push(attributes, &mut dropped[0], attribute),
            }
        });
    }

    fn set_status(&mut self, status: Status) {
        self.additions.add(|added| added.status = status);
    }

    /// Its name is that of the conventions, whatever else is wished.
    fn update_name<T>(&mut self, _: T)
    where
        T: Into<Cow<'static, str>>,
    {
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        let link = Link::new(span_context, attributes, 0);
        self.additions.add(|added| push(&mut added.links, &mut added.dropped[2], link));
    }

    /// It ends with its message.
    fn end_with_timestamp(&mut self, _: SystemTime) {}
}
