//! Subscriptions: who wants to know of which changes. What is told are hints: a slow reader gets the latest only.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as Task, Poll};

use futures_util::task::AtomicWaker;

use crate::tool::Change;

/// Which changes a subscriber wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) tools: bool,
    pub(crate) prompts: bool,
    pub(crate) resources: bool,
    pub(crate) uris: Vec<String>,
}

impl Filter {
    fn wants(&self, change: &Change) -> bool {
        match change {
            Change::Tools => self.tools,
            Change::Prompts => self.prompts,
            Change::Resources => self.resources,
            // A change of a part is a change of the whole (server/resources, Subscriptions).
            Change::Resource(uri) => self.uris.iter().any(|wanted| {
                uri.strip_prefix(wanted.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '#', '?']))
            }),
        }
    }
}

/// Where changes are announced and heard.
#[derive(Debug)]
pub(crate) struct Hub {
    listeners: Mutex<HashMap<u64, Arc<Mailbox>>>,
    next: AtomicU64,
    most_per_principal: usize,
    /// The server stops: who comes now is told so at once, or would never be.
    closed: AtomicBool,
}

#[derive(Debug)]
struct Mailbox {
    owner: Box<str>,
    state: Mutex<Waiting>,
    waker: AtomicWaker,
}

#[derive(Debug)]
struct Waiting {
    filter: Filter,
    changes: Vec<Change>,
    closed: bool,
}

/// One subscriber; dropping it ends the subscription.
#[derive(Debug)]
pub(crate) struct Listener {
    hub: Arc<Hub>,
    id: u64,
    mailbox: Arc<Mailbox>,
}

impl Hub {
    pub(crate) fn new(most_per_principal: usize) -> Arc<Self> {
        Arc::new(Self {
            listeners: Mutex::default(),
            next: AtomicU64::new(0),
            most_per_principal,
            closed: AtomicBool::new(false),
        })
    }

    /// Subscribes; `None` if the principal has as many subscriptions as it may.
    pub(crate) fn listen(self: &Arc<Self>, owner: &str, filter: Filter) -> Option<Listener> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let state = Mutex::new(Waiting { filter, changes: Vec::new(), closed: false });
        let mailbox = Arc::new(Mailbox { owner: owner.into(), state, waker: AtomicWaker::new() });
        let mut listeners = self.listeners.lock().ok()?;
        if listeners.values().filter(|other| *other.owner == *owner).count() >= self.most_per_principal {
            return None;
        }
        listeners.insert(id, Arc::clone(&mailbox));
        drop(listeners);
        // Looked at behind the entry: whichever of the two comes first, one of them sees the other.
        if self.closed.load(Ordering::SeqCst) {
            mailbox.close();
        }
        Some(Listener { hub: Arc::clone(self), id, mailbox })
    }

    /// Tells everyone who wants to know; the same change waits once however often it happens.
    pub(crate) fn announce(&self, change: &Change) {
        for mailbox in self.all() {
            let Ok(mut state) = mailbox.state.lock() else { continue };
            if state.filter.wants(change) && !state.changes.contains(change) {
                state.changes.push(change.clone());
                drop(state);
                mailbox.waker.wake();
            }
        }
    }

    /// Ends every subscription: the server stops.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for mailbox in self.all() {
            mailbox.close();
        }
    }

    fn all(&self) -> Vec<Arc<Mailbox>> {
        self.listeners.lock().map(|listeners| listeners.values().cloned().collect()).unwrap_or_default()
    }
}

impl Mailbox {
    fn close(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.closed = true;
        }
        self.waker.wake();
    }
}

impl Listener {
    /// Waits for a change; `None` when the server ends the subscription.
    pub(crate) fn poll_change(&self, task: &mut Task<'_>) -> Poll<Option<Change>> {
        self.mailbox.waker.register(task.waker());
        let Ok(mut state) = self.mailbox.state.lock() else { return Poll::Ready(None) };
        if !state.changes.is_empty() {
            return Poll::Ready(Some(state.changes.remove(0)));
        }
        if state.closed { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Wants to know of other changes from now on.
    pub(crate) fn change_filter(&self, change: impl FnOnce(&mut Filter)) {
        if let Ok(mut state) = self.mailbox.state.lock() {
            change(&mut state.filter);
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Ok(mut listeners) = self.hub.listeners.lock() {
            listeners.remove(&self.id);
        }
    }
}

/// The method under which a change is told, and the URI if it is of one resource.
pub(crate) fn notification(change: &Change) -> (&'static str, Option<&str>) {
    match change {
        Change::Tools => ("notifications/tools/list_changed", None),
        Change::Prompts => ("notifications/prompts/list_changed", None),
        Change::Resources => ("notifications/resources/list_changed", None),
        Change::Resource(uri) => ("notifications/resources/updated", Some(uri)),
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn changes_are_coalesced_and_filtered() {
        let hub = Hub::new(1);
        let filter = Filter { tools: true, uris: vec!["x://a".into()], ..Filter::default() };
        let listener = hub.listen("me", filter).unwrap();
        assert!(hub.listen("me", Filter::default()).is_none(), "the cap holds");
        for _ in 0..3 {
            hub.announce(&Change::Tools);
        }
        hub.announce(&Change::Prompts);
        hub.announce(&Change::Resource("x://a/part".into()));
        hub.announce(&Change::Resource("x://ab".into()));
        let mut task = Task::from_waker(Waker::noop());
        assert_eq!(listener.poll_change(&mut task), Poll::Ready(Some(Change::Tools)));
        assert_eq!(listener.poll_change(&mut task), Poll::Ready(Some(Change::Resource("x://a/part".into()))));
        assert_eq!(listener.poll_change(&mut task), Poll::Pending);
        hub.close();
        assert_eq!(listener.poll_change(&mut task), Poll::Ready(None));
        let late = hub.listen("another", Filter::default()).unwrap();
        assert_eq!(late.poll_change(&mut task), Poll::Ready(None), "who comes late is told too");
    }
}
