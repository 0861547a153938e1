//! The driver of a call: a task that polls it to its end, whoever listens meanwhile.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::dispatch::{Answer, Event, Exchange};
use crate::protocol::RequestId;
use crate::session::stream::{StreamReader, StreamWriter, stopped};
use crate::session::{Hold, Sessions};
use crate::store::StoreError;

/// How long it waits before the store is asked again for a stream.
const AGAIN: Duration = Duration::from_secs(1);
/// How many messages of a call wait for its stream.
const MOST_EARLY: usize = 256;
/// How many bytes of them do.
const MOST_EARLY_BYTES: usize = 256 * 1024;

/// How the response to a call begins.
#[derive(Debug)]
pub(super) enum First {
    /// With the answer, which came soon and alone.
    Answer(Answer),
    /// As a stream.
    Stream(StreamReader),
    /// Not at all: the server stops.
    Stopped,
}

/// A call that is polled by a task of its own.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) exchange: Exchange,
    pub(super) id: RequestId,
    pub(super) hold: Hold,
    pub(super) sessions: Arc<Sessions>,
    pub(super) accepts_events: bool,
    pub(super) stream_after: Duration,
}

/// Where the events of the call go.
enum Out {
    /// Nowhere yet: it may still be answered in one piece.
    Quiet(oneshot::Sender<First>),
    /// Into a stream.
    Stream(StreamWriter),
}

enum Step {
    Event(Event),
    Release,
    Waited,
    Cancelled,
}

impl Driver {
    /// Runs the call to its end. A first message that it gave out already goes out first.
    pub(super) async fn run(mut self, first: Option<Bytes>, sender: oneshot::Sender<First>) {
        let mut out = Out::Quiet(sender);
        let mut next = first.map(|message| Step::Event(Event::Message(message)));
        let mut early = VecDeque::new();
        let mut wait = pin!(tokio::time::sleep(self.stream_after));
        loop {
            let step = if let Some(step) = next.take() {
                step
            } else {
                tokio::select! {
                    biased;
                    () = self.hold.cancelled() => Step::Cancelled,
                    step = Self::step(&mut self.exchange) => step,
                    () = wait.as_mut(), if self.accepts_events => Step::Waited,
                }
            };
            out = match step {
                Step::Event(Event::Done(answer)) => return finish(out, answer).await,
                Step::Cancelled if self.hold.session().is_stopped() => return stop(out).await,
                Step::Cancelled => return abandon(out, self.exchange.cancel()).await,
                // A client that cannot read events gets the answer without them.
                Step::Event(Event::Message(_)) | Step::Release if !self.accepts_events => out,
                step => match stream(&self.sessions, &self.hold, &self.id, out).await {
                    Ok(writer) => {
                        wait.as_mut().reset(Instant::now() + writer.patience());
                        early.push_back(step);
                        while let Some(step) = early.pop_front() {
                            if let Some(answer) = self.deliver(&writer, step, &mut early).await {
                                return finish(Out::Stream(writer), answer).await;
                            }
                        }
                        Out::Stream(writer)
                    }
                    // A stream that cannot be kept would break a promise. The call goes on, and its answer goes out whole
                    // to the connection that is here, unless the store comes back before: then with all it has said.
                    Err((quiet, error)) => {
                        if early.len() < MOST_EARLY && bytes(&early) + bytes([&step]) <= MOST_EARLY_BYTES {
                            early.push_back(step);
                        }
                        tracing::warn!(%error, "the events of a call cannot be kept, so it has none");
                        wait.as_mut().reset(Instant::now() + AGAIN);
                        quiet
                    }
                },
            };
        }
    }

    /// Delivers a step. The call goes on meanwhile, however long the store takes: what it gives out waits its turn, and its
    /// answer, be it that its time is over, waits for a store that is away no longer than a moment.
    async fn deliver(&mut self, writer: &StreamWriter, step: Step, early: &mut VecDeque<Step>) -> Option<Answer> {
        let mut delivering = pin!(deliver(writer, step));
        loop {
            tokio::select! {
                biased;
                () = delivering.as_mut() => return None,
                () = self.hold.cancelled() => return None,
                step = Self::step(&mut self.exchange) => match step {
                    Step::Event(Event::Done(answer)) => {
                        // What was said before the answer comes before it; each write has the deadline of the store.
                        delivering.await;
                        for step in early.drain(..) {
                            deliver(writer, step).await;
                        }
                        return Some(answer);
                    }
                    // A call that says more than can wait loses what it said last, as if its stream were full.
                    step if early.len() < MOST_EARLY => early.push_back(step),
                    _ => {}
                },
            }
        }
    }

    async fn step(exchange: &mut Exchange) -> Step {
        poll_fn(|cx| match exchange.poll_event(cx) {
            Poll::Ready(event) => Poll::Ready(Step::Event(event)),
            Poll::Pending if exchange.lets_its_connection_go() => Poll::Ready(Step::Release),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

/// How many bytes the messages of a call have. What is no message is not kept.
fn bytes<'a>(steps: impl IntoIterator<Item = &'a Step>) -> usize {
    let of = |step: &Step| if let Step::Event(Event::Message(message)) = step { message.len() } else { usize::MAX };
    steps.into_iter().map(of).fold(0, usize::saturating_add)
}

/// The stream of the call, which is opened if it is not yet.
///
/// # Errors
/// What the store says, and where the events go still.
async fn stream(sessions: &Sessions, hold: &Hold, id: &RequestId, out: Out) -> Result<StreamWriter, (Out, StoreError)> {
    let sender = match out {
        Out::Stream(writer) => return Ok(writer),
        Out::Quiet(sender) => sender,
    };
    match sessions.stream(hold.session(), id).await {
        Ok((writer, reader)) => {
            // A client that is gone already comes back for it, or does not.
            drop(sender.send(First::Stream(reader)));
            Ok(writer)
        }
        Err(error) => Err((Out::Quiet(sender), error)),
    }
}

async fn deliver(writer: &StreamWriter, step: Step) {
    match step {
        Step::Event(Event::Message(message)) => {
            if let Err(error) = writer.append(&message).await {
                tracing::warn!(%error, "a message to a client could not be kept, and is lost");
            }
        }
        Step::Release => writer.release().await,
        _ => writer.refresh().await,
    }
}

async fn finish(out: Out, answer: Answer) {
    match out {
        Out::Quiet(sender) => drop(sender.send(First::Answer(answer))),
        Out::Stream(writer) => {
            let Answer { bytes, record, .. } = answer;
            writer.finish(bytes).await;
            drop(record);
        }
    }
}

/// The server stops before the call is done: its client is told so, wherever it listens.
async fn stop(out: Out) {
    match out {
        Out::Quiet(sender) => drop(sender.send(First::Stopped)),
        Out::Stream(writer) => writer.fail(&stopped()).await,
    }
}

/// The client gave the call up: it gets what withdraws the server's own requests, and no answer.
async fn abandon(out: Out, withdrawn: Vec<Bytes>) {
    if let Out::Stream(writer) = out {
        for message in withdrawn {
            deliver(&writer, Step::Event(Event::Message(message))).await;
        }
        writer.abandon().await;
    }
}
