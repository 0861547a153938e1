//! A request that waits for the store, or for what a task comes to.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use super::answer::Answer;
use super::event::Event;
use crate::tool::outbox::Outbox;

/// An answer that is not there yet.
pub(super) type Coming = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A request that waits, and what it sends meanwhile. Dropping it gives up the wait, never a task.
pub(crate) struct Waiting {
    coming: Option<Coming>,
    answer: Option<Answer>,
    outbox: Arc<Outbox>,
}

impl Waiting {
    pub(super) fn new(coming: Coming) -> Self {
        Self::sending(coming, Arc::default())
    }

    /// A wait during which messages go out.
    pub(super) fn sending(coming: Coming, outbox: Arc<Outbox>) -> Self {
        Self { coming: Some(coming), answer: None, outbox }
    }

    /// Goes on until there is something to give out.
    pub(crate) fn poll_event(&mut self, task: &mut Task<'_>) -> Poll<Event> {
        if let Some(coming) = &mut self.coming
            && let Poll::Ready(answer) = coming.as_mut().poll(task)
        {
            self.coming = None;
            self.answer = Some(answer);
        }
        if let Poll::Ready(message) = self.outbox.poll_next(task) {
            return Poll::Ready(Event::Message(message));
        }
        self.answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Event::Done(answer)))
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}
