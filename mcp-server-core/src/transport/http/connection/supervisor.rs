//! The deadlines of a connection: at every moment without a running request one of them applies.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::activity::{Activity, Idleness};
use crate::telemetry::semconv::connection_end;

/// The time in which a connection that was asked to close does it.
const CLOSING: Duration = Duration::from_secs(1);
/// When a client that closed its side is looked at: whether it is gone shows when it has been sent something.
const LOOKS: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
];
/// The first look, if a stream is open on which a comment costs nothing.
const AT_ONCE: Duration = Duration::from_millis(1);
/// The time between later looks.
const LATER: Duration = Duration::from_secs(1);
/// The looks after which such a client is sent something: the first, the last of the quick ones, and then each fifteenth.
const PROBES_EACH: u32 = 15;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    FirstHead,
    NextHead,
    NextRequest,
    Running,
    HalfClosed,
    Lingering,
    Closing,
}

/// What has to happen with a connection now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Wait,
    /// It is polled once more: something has to be sent.
    Poll,
    /// It is asked to close, and polled once more.
    Close,
    /// It is dropped.
    Drop(&'static str),
}

/// Watches one connection. It is polled after its connection, in the same task.
#[derive(Debug)]
pub(super) struct Supervisor {
    activity: Arc<Activity>,
    header_timeout: Duration,
    idle_timeout: Duration,
    sleep: Pin<Box<Sleep>>,
    deadline: Option<Instant>,
    /// What it waited for at the last poll, and for which request.
    seen: (Wait, u32),
    looks: u32,
    closing: Option<&'static str>,
    is_draining: bool,
}

impl Supervisor {
    pub(super) fn new(activity: Arc<Activity>, header_timeout: Duration, idle_timeout: Duration) -> Self {
        let deadline = activity.accepted() + header_timeout;
        Self {
            activity,
            header_timeout,
            idle_timeout,
            sleep: Box::pin(tokio::time::sleep_until(deadline)),
            deadline: Some(deadline),
            seen: (Wait::FirstHead, 0),
            looks: 0,
            closing: None,
            is_draining: false,
        }
    }

    /// The server ends: a client that is being drained is not waited for as long.
    pub(super) fn drain(&mut self) {
        self.is_draining = true;
        if self.seen.0 == Wait::Lingering {
            self.deadline = Some(Instant::now() + CLOSING);
        }
    }

    /// What has to happen now. Unless that is to wait, it is polled again afterwards.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Step {
        self.activity.waker().register(cx.waker());
        if self.closing.is_none() && self.activity.is_evicted() {
            let why = connection_end::EVICTED;
            if self.activity.idleness() == Some(Idleness::Receiving) {
                return Step::Drop(why);
            }
            self.closing = Some(why);
            return Step::Close;
        }
        let now = (self.wait(), self.activity.begun());
        if now != self.seen {
            self.seen = now;
            self.enter(now.0);
        }
        let Some(deadline) = self.deadline else { return Step::Wait };
        if self.sleep.deadline() > deadline {
            self.sleep.as_mut().reset(deadline);
        }
        while self.sleep.as_mut().poll(cx).is_ready() {
            if self.sleep.deadline() >= deadline {
                return self.expire();
            }
            self.sleep.as_mut().reset(deadline);
        }
        Step::Wait
    }

    /// Why the connection was asked to close, if it was.
    pub(super) fn closed_for(&self) -> Option<&'static str> {
        self.closing
    }

    fn wait(&self) -> Wait {
        let activity = &self.activity;
        if activity.is_lingering() {
            Wait::Lingering
        } else if self.closing.is_some() {
            Wait::Closing
        } else if activity.is_running() {
            if activity.is_half_closed() { Wait::HalfClosed } else { Wait::Running }
        } else if !activity.has_asked() {
            Wait::FirstHead
        } else if activity.is_head_begun() && !activity.is_http2() {
            // Frames of HTTP/2 may be no head: a ping begins no request.
            Wait::NextHead
        } else {
            Wait::NextRequest
        }
    }

    fn enter(&mut self, wait: Wait) {
        let now = Instant::now();
        self.activity.set_since(now);
        self.deadline = match wait {
            Wait::FirstHead => Some(self.activity.accepted() + self.header_timeout),
            Wait::NextHead => Some(now + self.header_timeout),
            Wait::NextRequest => Some(now + self.idle_timeout),
            Wait::Closing => Some(now + CLOSING),
            // The socket has bounds of its own.
            Wait::Lingering => self.is_draining.then(|| now + CLOSING),
            Wait::Running => None,
            Wait::HalfClosed => {
                self.looks = 0;
                Some(now + if self.activity.is_responding() { AT_ONCE } else { LOOKS[0] })
            }
        };
    }

    fn expire(&mut self) -> Step {
        match self.seen.0 {
            Wait::FirstHead | Wait::NextHead => Step::Drop(connection_end::HEADER_TIMEOUT),
            Wait::NextRequest => {
                self.closing = Some(connection_end::IDLE_TIMEOUT);
                Step::Close
            }
            Wait::HalfClosed => {
                self.look();
                Step::Poll
            }
            Wait::Closing => Step::Drop(self.closing.unwrap_or(connection_end::IDLE_TIMEOUT)),
            Wait::Lingering => Step::Drop(connection_end::DRAINING),
            Wait::Running => Step::Wait,
        }
    }

    fn look(&mut self) {
        let quick = u32::try_from(LOOKS.len()).unwrap_or(u32::MAX);
        self.looks += 1;
        if self.looks == 1 || self.looks == quick || (self.looks > quick && self.looks.is_multiple_of(PROBES_EACH)) {
            self.activity.want_probe(self.looks >= quick);
        }
        let next = LOOKS.get(self.looks as usize).copied().unwrap_or(LATER);
        self.deadline = Some(Instant::now() + next);
    }
}
