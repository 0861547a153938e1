//! A running call: what it sends on the way, and the one answer it ends in.
//!
//! Whoever holds it polls it: nothing is spawned, and a call that is done at the first poll costs no timer. Dropping
//! it gives the call up; only what happens once goes on.

use std::task::{Context as Task, Poll};

use bytes::Bytes;

use super::answer::Answer;
use super::call::{Call, Stopped};
use super::event::Event;
use super::finish::finish;
use super::heartbeat::Heartbeat;
use super::waiting::Coming;
use super::work::Work;
use crate::guard::permits::Permit;
use crate::telemetry::CallRecord;
use crate::tool::Context;
use crate::tool::rounds::Suspension;

/// A call from its start to its answer.
pub(crate) struct Running {
    work: Option<Work>,
    call: Call,
    record: Option<CallRecord>,
    permits: [Option<Permit>; 2],
    /// The task that it becomes.
    beginning: Option<Coming>,
    answer: Option<Answer>,
    heartbeat: Option<Heartbeat>,
}

impl Running {
    pub(super) fn new(call: Call, work: Work, permits: [Option<Permit>; 2], record: CallRecord) -> Self {
        let heartbeat = Heartbeat::new(&call.context, call.service.settings().progress_heartbeat);
        Self { work: Some(work), call, record: Some(record), permits, beginning: None, answer: None, heartbeat }
    }

    /// The call with what its agent is told beside the result.
    pub(super) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.call.notes = notes;
        self
    }

    /// The call's context.
    pub(super) fn context(&self) -> &Context {
        &self.call.context
    }

    /// Runs the call until it has something to give out.
    pub(crate) fn poll_event(&mut self, task: &mut Task<'_>) -> Poll<Event> {
        if let Some(Poll::Ready(stopped)) = self.work.as_mut().map(|work| work.poll(&self.call.context, task)) {
            // The function is dropped before its answer is written: what it held is free by then.
            self.work = None;
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
        if let (Some(heartbeat), Some(_)) = (&mut self.heartbeat, &self.record) {
            heartbeat.poll(&self.call.context, task);
        }
        if let Poll::Ready(message) = self.call.context.shared().outbox.poll_next(task) {
            return Poll::Ready(Event::Message(message));
        }
        self.answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Event::Done(answer)))
    }

    /// Gives the call up on its client's word, and returns what the client must still be told: that its open requests from
    /// this call are withdrawn. Nothing else is sent for a call that was cancelled.
    pub(crate) fn cancel(&mut self) -> Vec<Bytes> {
        let outbox = &self.call.context.shared().outbox;
        outbox.clear();
        if !self.work.as_ref().is_some_and(Work::is_apart) {
            self.work = None;
        }
        std::iter::from_fn(|| outbox.pop()).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.work.as_ref().is_some_and(Work::is_apart) {
            self.call.context.cancel();
        }
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("id", &self.call.id).finish_non_exhaustive()
    }
}
