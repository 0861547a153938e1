//! Exchanges: what a transport polls until it has the answer.

use std::task::{Context as Task, Poll};

use bytes::Bytes;

use super::answer::Answer;
use super::event::Event;
use super::listening::Listening;
use super::running::Running;
use super::waiting::Waiting;

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Handled {
    /// It is answered.
    Answer(Answer),
    /// It takes its time.
    Exchange(Exchange),
}

/// A request that takes its time.
#[derive(Debug)]
pub(crate) enum Exchange {
    /// A call.
    Running(Box<Running>),
    /// A subscription.
    Listening(Box<Listening>),
    /// A request that waits for the store, or for a task.
    Waiting(Box<Waiting>),
}

impl Exchange {
    /// Whether a call wants its client's connection closed while it goes on; says so once.
    pub(crate) fn lets_its_connection_go(&self) -> bool {
        match self {
            Self::Running(running) => running.context().shared().outbox.take_release(),
            Self::Listening(_) | Self::Waiting(_) => false,
        }
    }

    /// Gives the request up on its client's word; returns the messages that its client must still get.
    pub(crate) fn cancel(mut self) -> Vec<Bytes> {
        match &mut self {
            Self::Running(running) => running.cancel(),
            Self::Listening(_) | Self::Waiting(_) => Vec::new(),
        }
    }

    /// Goes on until there is something to give out.
    pub(crate) fn poll_event(&mut self, task: &mut Task<'_>) -> Poll<Event> {
        match self {
            Self::Running(running) => running.poll_event(task),
            Self::Listening(listening) => listening.poll_event(task),
            Self::Waiting(waiting) => waiting.poll_event(task),
        }
    }
}
