//! The bounded receiving end of a subscription, and the engine's end of it.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::event::Event;

/// Messages of one topic, as they come in.
///
/// Dropping it ends the subscription.
pub struct Subscription {
    shared: Arc<Shared>,
    /// Whatever the engine wants to be dropped with the subscription.
    guard: Option<Box<dyn Any + Send + Sync>>,
}

/// The engine's end of a [`Subscription`].
#[derive(Clone)]
pub struct Feed {
    shared: Arc<Shared>,
}

struct Shared {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Bytes>,
    missed: u64,
    waker: Option<Waker>,
    /// No more messages will come.
    ended: bool,
    /// Nobody receives any more.
    dropped: bool,
}

impl Subscription {
    /// A subscription that holds at most `capacity` messages (at least one), and the engine's end of it.
    ///
    /// An idle one holds no memory for messages.
    pub fn new(capacity: usize) -> (Feed, Self) {
        let shared = Arc::new(Shared { capacity: capacity.max(1), state: Mutex::default() });
        (Feed { shared: Arc::clone(&shared) }, Self { shared, guard: None })
    }

    /// Ties something to the subscription that is dropped with it, after what was tied to it before.
    pub fn guarded_by(mut self, guard: impl Any + Send + Sync) -> Self {
        self.guard = Some(match self.guard.take() {
            Some(before) => Box::new((before, guard)),
            None => Box::new(guard),
        });
        self
    }

    /// The next event; `None` once the engine is closed.
    ///
    /// Dropping the future loses nothing.
    pub async fn recv(&mut self) -> Option<Event> {
        poll_fn(|context| self.poll_recv(context)).await
    }

    /// As [`recv`](Self::recv), for those who poll.
    pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut state = self.shared.lock();
        if let Some(event) = state.next() {
            return Poll::Ready(Some(event));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            state.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// The next event if one is here already.
    pub fn try_recv(&mut self) -> Option<Event> {
        self.shared.lock().next()
    }
}

impl Feed {
    /// Hands a message over; the oldest waiting one goes if there is no room. Says whether anybody still receives.
    pub fn push(&self, message: Bytes) -> bool {
        self.with(|state| {
            if state.waiting.len() >= self.shared.capacity {
                state.waiting.pop_front();
                state.missed += 1;
            }
            state.waiting.push_back(message);
        })
    }

    /// Tells the subscriber that something may have been missed. Says whether anybody still receives.
    pub fn missed(&self) -> bool {
        self.with(|state| state.missed += 1)
    }

    /// Ends the subscription: what waits is still received, then `None`.
    pub fn end(&self) {
        self.with(|state| state.ended = true);
    }

    /// Whether nobody receives any more.
    pub fn is_dropped(&self) -> bool {
        self.shared.lock().dropped
    }

    /// Changes the state if anybody receives, and wakes them outside the lock.
    fn with(&self, change: impl FnOnce(&mut State)) -> bool {
        let mut state = self.shared.lock();
        if state.dropped {
            return false;
        }
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What was missed lies before whatever still waits, so it is told first.
    fn next(&mut self) -> Option<Event> {
        if self.missed > 0 {
            return Some(Event::Missed(std::mem::take(&mut self.missed)));
        }
        self.waiting.pop_front().map(Event::Message)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.dropped = true;
        state.waiting = VecDeque::new();
        state.waker = None;
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("waiting", &self.shared.lock().waiting.len())
            .field("guarded", &self.guard.is_some())
            .finish()
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("dropped", &self.is_dropped()).finish_non_exhaustive()
    }
}
