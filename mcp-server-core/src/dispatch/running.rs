//! A running call: what it sends on the way, and the one answer it ends in.
//!
//! Whoever holds it polls it: nothing is spawned, and a call that is done at the first poll costs no timer. Dropping
//! it gives the call up.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context as Task, Poll};

use tokio::time::{Instant, Sleep};

use super::answer::Answer;
use super::call::{Call, Stopped};
use super::event::Event;
use super::finish::finish;
use super::job::Job;
use super::waiting::Coming;
use crate::guard::permits::Permit;
use crate::telemetry::CallRecord;
use crate::tool::Context;
use crate::tool::rounds::Suspension;

/// A call from its start to its answer.
pub(crate) struct Running {
    job: Option<Job>,
    call: Call,
    record: Option<CallRecord>,
    permits: [Option<Permit>; 2],
    deadline: Option<Pin<Box<Sleep>>>,
    /// The task that it becomes.
    beginning: Option<Coming>,
    answer: Option<Answer>,
}

impl Running {
    pub(super) fn new(call: Call, job: Job, permits: [Option<Permit>; 2], record: CallRecord) -> Self {
        Self { job: Some(job), call, record: Some(record), permits, deadline: None, beginning: None, answer: None }
    }

    /// The call's context.
    pub(super) fn context(&self) -> &Context {
        &self.call.context
    }

    /// Runs the call until it has something to give out.
    pub(crate) fn poll_event(&mut self, task: &mut Task<'_>) -> Poll<Event> {
        if let Poll::Ready(stopped) = self.poll_stop(task) {
            // The function is dropped before its answer is written: what it held is free by then.
            self.job = None;
            self.deadline = None;
            let permits = std::mem::take(&mut self.permits);
            match (stopped, self.record.take(), self.call.begin.take()) {
                (Stopped::Suspended(Suspension::Begin(memory)), Some(record), Some(begin)) => {
                    self.beginning = Some(begin.0(memory, permits, record));
                }
                (stopped, Some(record), _) => {
                    drop(permits);
                    self.answer = Some(finish(&self.call, stopped, record));
                }
                (_, None, _) => {}
            }
            self.call.context.cancel();
        }
        if let Some(beginning) = &mut self.beginning
            && let Poll::Ready(answer) = beginning.as_mut().poll(task)
        {
            self.beginning = None;
            self.answer = Some(answer);
        }
        if let Poll::Ready(message) = self.call.context.shared().outbox.poll_next(task) {
            return Poll::Ready(Event::Message(message));
        }
        self.answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Event::Done(answer)))
    }

    fn poll_stop(&mut self, task: &mut Task<'_>) -> Poll<Stopped> {
        let Some(job) = &mut self.job else { return Poll::Pending };
        if let Poll::Ready(ended) = job.poll(task) {
            return Poll::Ready(Stopped::Ended(ended));
        }
        if let Some(suspension) = self.call.context.shared().inputs.suspension() {
            return Poll::Ready(Stopped::Suspended(suspension));
        }
        self.poll_deadline(task)
    }

    /// The deadline stands still while the call waits for its client's user.
    fn poll_deadline(&mut self, task: &mut Task<'_>) -> Poll<Stopped> {
        let shared = self.call.context.shared();
        let deadline = self.deadline.get_or_insert_with(|| {
            Box::pin(tokio::time::sleep_until(Instant::from_std(shared.started) + shared.timeout))
        });
        while deadline.as_mut().poll(task).is_ready() {
            let left = self.call.context.remaining();
            if shared.waiting.load(Ordering::Relaxed) > 0 {
                deadline.as_mut().reset(Instant::now() + shared.timeout);
            } else if left.is_zero() {
                return Poll::Ready(Stopped::TimedOut(shared.timeout));
            } else {
                deadline.as_mut().reset(Instant::now() + left);
            }
        }
        Poll::Pending
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.call.context.cancel();
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("id", &self.call.id).finish_non_exhaustive()
    }
}
