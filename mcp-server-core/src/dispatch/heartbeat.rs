//! Progress of calls that report none, for clients that extend their time-out on progress (basic/utilities/progress).

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::tool::Context;

/// The timer of a call whose client gave a progress token; made when the call is first waited for.
#[derive(Debug)]
pub(super) struct Heartbeat {
    silence: Duration,
    due: Option<Pin<Box<Sleep>>>,
}

impl Heartbeat {
    /// Returns `None` for a call that has no use for it.
    pub(super) fn new(context: &Context, silence: Duration) -> Option<Self> {
        let shared = context.shared();
        let wanted = shared.progress_token.is_some() && shared.task.link().is_none() && !silence.is_zero();
        wanted.then_some(Self { silence, due: None })
    }

    /// Puts a notification into the outbox of the call when it was silent for too long.
    pub(super) fn poll(&mut self, context: &Context, task: &mut Task<'_>) {
        let silence = self.silence;
        let due = self.due.get_or_insert_with(|| Box::pin(tokio::time::sleep(silence)));
        while let Poll::Ready(()) = due.as_mut().poll(task) {
            let next = context.shared().send_heartbeat(silence);
            due.as_mut().reset(next.max(Instant::now() + Duration::from_millis(1)));
        }
    }
}
