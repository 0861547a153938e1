//! Work: what a call waits for until it stops, whatever stops it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::call::Stopped;
use super::job::Job;
use crate::telemetry::Scope;
use crate::tool::Context;

/// A duration that no process outlives; longer ones would overflow.
const NEVER: Duration = Duration::from_hours(24 * 366 * 30);

/// What a call waits for.
pub(super) enum Work {
    /// The author's function, polled with the call, until its end, a question to its client, or its deadline.
    Here(Job, Option<Pin<Box<Sleep>>>, Option<Scope>),
    /// Something that stops by itself in time, and goes on without the call.
    Apart(Pin<Box<dyn Future<Output = Stopped> + Send>>),
}

impl From<Job> for Work {
    fn from(job: Job) -> Self {
        Self::Here(job, None, None)
    }
}

impl Work {
    /// Whether it goes on without the call.
    pub(super) fn is_apart(&self) -> bool {
        matches!(self, Self::Apart(_))
    }

    /// Does a part of the work; says why it stopped, once.
    pub(super) fn poll(&mut self, context: &Context, task: &mut Task<'_>) -> Poll<Stopped> {
        let (job, deadline, within) = match self {
            Self::Here(job, deadline, within) => (job, deadline, within),
            Self::Apart(future) => return future.as_mut().poll(task),
        };
        let inputs = &context.shared().inputs;
        inputs.wake_by(task.waker());
        let polled = {
            let _entered = within.get_or_insert_with(|| context.shared().scope.clone()).enter();
            job.poll(task)
        };
        if let Poll::Ready(ended) = polled {
            return Poll::Ready(Stopped::Ended(ended));
        }
        if let Some(suspension) = inputs.suspension() {
            return Poll::Ready(Stopped::Suspended(suspension));
        }
        poll_deadline(deadline, context, task)
    }
}

impl Drop for Work {
    /// What a function does when it is dropped is still a part of its call.
    fn drop(&mut self) {
        if let Self::Here(job, _, Some(scope)) = self {
            let _entered = scope.enter();
            *job = Job::Completion(Box::pin(std::future::pending()));
        }
    }
}

/// The end of a duration, or a time that nobody lives to see.
fn after(start: Instant, duration: Duration) -> Instant {
    start.checked_add(duration.min(NEVER)).unwrap_or(start)
}

/// The deadline stands still while the call waits for its client's user.
fn poll_deadline(deadline: &mut Option<Pin<Box<Sleep>>>, context: &Context, task: &mut Task<'_>) -> Poll<Stopped> {
    let shared = context.shared();
    let deadline =
        deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(after(shared.started, shared.timeout))));
    while deadline.as_mut().poll(task).is_ready() {
        let left = context.remaining();
        if shared.waiting.load(Ordering::Relaxed) > 0 {
            deadline.as_mut().reset(after(Instant::now(), shared.timeout));
        } else if left.is_zero() {
            return Poll::Ready(Stopped::TimedOut(shared.timeout));
        } else {
            deadline.as_mut().reset(after(Instant::now(), left));
        }
    }
    Poll::Pending
}
