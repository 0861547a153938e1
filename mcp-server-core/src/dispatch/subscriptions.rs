//! Subscriptions: who wants to know of which changes. What is told are hints: a slow reader gets the latest only.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    /// The change under the name by which it was asked for, if it was.
    fn wants(&self, change: &Change) -> Option<Change> {
        match change {
            Change::Tools => self.tools.then_some(Change::Tools),
            Change::Prompts => self.prompts.then_some(Change::Prompts),
            Change::Resources => self.resources.then_some(Change::Resources),
            // A change of a part is a change of the whole (server/resources, Subscriptions).
            Change::Resource(uri) => {
                let whole = self.uris.iter().find(|wanted| {
                    uri.strip_prefix(wanted.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '#', '?']))
                });
                whole.cloned().map(Change::Resource)
            }
        }
    }

    /// Every change that it lets through.
    pub(crate) fn everything(&self) -> Vec<Change> {
        let lists = [(self.tools, Change::Tools), (self.prompts, Change::Prompts), (self.resources, Change::Resources)];
        let lists = lists.into_iter().filter_map(|(wanted, list)| wanted.then_some(list));
        lists.chain(self.uris.iter().cloned().map(Change::Resource)).collect()
    }
}

/// How many different changes of parts wait for a slow reader before they are told as changes of the whole.
const PARTS: usize = 256;

/// Where changes are announced and heard, within this process.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    listeners: Mutex<HashMap<u64, Arc<Mailbox>>>,
    next: AtomicU64,
    /// The server stops: who comes now is told so at once, or would never be.
    closed: AtomicBool,
}

#[derive(Debug)]
struct Mailbox {
    state: Mutex<Waiting>,
    waker: AtomicWaker,
}

#[derive(Debug)]
struct Waiting {
    filter: Filter,
    changes: VecDeque<Change>,
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
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Subscribes.
    pub(crate) fn listen(self: &Arc<Self>, filter: Filter) -> Listener {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let state = Mutex::new(Waiting { filter, changes: VecDeque::new(), closed: false });
        let mailbox = Arc::new(Mailbox { state, waker: AtomicWaker::new() });
        self.lock().insert(id, Arc::clone(&mailbox));
        // Looked at behind the entry: whichever of the two comes first, one of them sees the other.
        if self.closed.load(Ordering::SeqCst) {
            mailbox.change(Waiting::close);
        }
        Listener { hub: Arc::clone(self), id, mailbox }
    }

    /// Tells everyone here who wants to know; the same change waits once however often it happens.
    pub(crate) fn announce(&self, change: &Change) {
        for mailbox in self.all() {
            mailbox.change(|waiting| waiting.hear(change));
        }
    }

    /// Tells everyone here that whatever they want to know of may have changed.
    pub(crate) fn announce_everything(&self) {
        for mailbox in self.all() {
            mailbox.change(Waiting::hear_everything);
        }
    }

    /// Ends every subscription: the server stops.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for mailbox in self.all() {
            mailbox.change(Waiting::close);
        }
    }

    fn all(&self) -> Vec<Arc<Mailbox>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Mailbox>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn hear(&mut self, change: &Change) {
        let Some(wanted) = self.filter.wants(change) else { return };
        // A slow reader gets the latest only: of very many parts, that the whole has changed.
        let change = if self.changes.len() < PARTS { change.clone() } else { wanted };
        if !self.changes.contains(&change) {
            self.changes.push_back(change);
        }
    }

    fn hear_everything(&mut self) {
        for change in self.filter.everything() {
            self.hear(&change);
        }
    }

    fn close(&mut self) {
        self.closed = true;
    }
}

impl Mailbox {
    /// Changes what waits, and wakes the reader outside the lock.
    fn change(&self, change: impl FnOnce(&mut Waiting)) {
        change(&mut self.lock());
        self.waker.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener {
    /// Waits for a change; `None` when the server ends the subscription.
    pub(crate) fn poll_change(&self, task: &mut Task<'_>) -> Poll<Option<Change>> {
        self.mailbox.waker.register(task.waker());
        let mut waiting = self.mailbox.lock();
        match waiting.changes.pop_front() {
            Some(change) => Poll::Ready(Some(change)),
            None if waiting.closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// Wants to know of other changes from now on.
    pub(crate) fn change_filter(&self, change: impl FnOnce(&mut Filter)) {
        change(&mut self.mailbox.lock().filter);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.lock().remove(&self.id);
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
        let hub = Hub::new();
        let filter = Filter { tools: true, uris: vec!["x://a".into()], ..Filter::default() };
        let listener = hub.listen(filter);
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
        for number in 0..2 * PARTS {
            hub.announce(&Change::Resource(format!("x://a/{number}")));
        }
        let told: Vec<_> = std::iter::from_fn(|| match listener.poll_change(&mut task) {
            Poll::Ready(change) => change,
            Poll::Pending => None,
        })
        .collect();
        assert_eq!(told.len(), PARTS + 1, "a slow reader holds no more than so many");
        assert_eq!(told.last(), Some(&Change::Resource("x://a".into())), "and learns of the rest at once");
        hub.close();
        assert_eq!(listener.poll_change(&mut task), Poll::Ready(None));
        let late = hub.listen(Filter::default());
        assert_eq!(late.poll_change(&mut task), Poll::Ready(None), "who comes late is told too");
    }
}
