//! A running call: what it sends on the way, and the one answer it ends in.
//!
//! Whoever holds it polls it: nothing is spawned, and a call that is done at the first poll costs no timer. Dropping
//! it gives the call up.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep};

use super::answer::Answer;
use super::finish::{Finish, finish};
use super::job::Job;
use super::service::Service;
use crate::guard::permits::Permit;
use crate::protocol::RequestId;
use crate::telemetry::CallRecord;
use crate::tool::Context;
use crate::tool::input::Suspension;

/// What a running exchange gives out.
#[derive(Debug)]
pub(crate) enum Event {
    /// A message before the answer: a notification, or a request to a legacy client.
    Message(Bytes),
    /// The answer; nothing comes after it.
    Done(Answer),
}

/// Why a function stopped running.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// By itself.
    Ended(super::job::Ended),
    /// It needs the client.
    Suspended(Suspension),
    /// Its time is over.
    TimedOut(Duration),
}

/// A call from its start to its answer.
pub(crate) struct Running {
    job: Option<Job>,
    pub(crate) context: Context,
    pub(crate) service: Arc<Service>,
    pub(crate) id: RequestId,
    pub(crate) finish: Finish,
    record: Option<CallRecord>,
    permits: [Option<Permit>; 2],
    deadline: Option<Pin<Box<Sleep>>>,
    answer: Option<Answer>,
}

impl Running {
    pub(crate) fn new(
        service: Arc<Service>,
        id: RequestId,
        context: Context,
        job: Job,
        finish: Finish,
        record: CallRecord,
        permits: [Option<Permit>; 2],
    ) -> Self {
        Self { job: Some(job), context, service, id, finish, record: Some(record), permits, deadline: None, answer: None }
    }

    /// Runs the call until it has something to give out.
    pub(crate) fn poll_event(&mut self, task: &mut Task<'_>) -> Poll<Event> {
        if let Poll::Ready(stopped) = self.poll_stop(task) {
            // The function is dropped before its answer is written: what it held is free by then.
            self.job = None;
            self.permits = [None, None];
            self.deadline = None;
            if let Some(record) = self.record.take() {
                self.answer = Some(finish(self, stopped, record));
            }
            self.context.cancel();
        }
        if let Poll::Ready(message) = self.context.shared().outbox.poll_next(task) {
            return Poll::Ready(Event::Message(message));
        }
        self.answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Event::Done(answer)))
    }

    fn poll_stop(&mut self, task: &mut Task<'_>) -> Poll<Stopped> {
        let Some(job) = &mut self.job else { return Poll::Pending };
        if let Poll::Ready(ended) = job.poll(task) {
            return Poll::Ready(Stopped::Ended(ended));
        }
        if let Some(suspension) = self.context.shared().inputs.suspension() {
            return Poll::Ready(Stopped::Suspended(suspension));
        }
        self.poll_deadline(task)
    }

    /// The deadline stands still while the call waits for its client's user.
    fn poll_deadline(&mut self, task: &mut Task<'_>) -> Poll<Stopped> {
        let shared = self.context.shared();
        let deadline =
            self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::from_std(shared.started) + shared.timeout)));
        while deadline.as_mut().poll(task).is_ready() {
            let left = self.context.remaining();
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
        self.context.cancel();
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("id", &self.id).finish_non_exhaustive()
    }
}
