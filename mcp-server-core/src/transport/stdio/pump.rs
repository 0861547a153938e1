//! The pump: reads lines, runs calls, writes answers; one task, no thread, no lock.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::conversation::Conversation;
use super::lines::Lines;
use super::pipe::{Input, Output};
use super::streams;
use crate::dispatch::Service;

/// With so many bytes unread by the client, no more of its requests are read.
const HIGH_WATER: usize = 1 << 20;

/// The limits of the transport.
#[derive(Clone, Debug)]
pub(crate) struct StdioSettings {
    /// How many bytes a line may have.
    pub(crate) max_line: usize,
    /// How long calls may go on when the input is over or the process is to stop.
    pub(crate) grace: Duration,
}

/// Serves the process's own standard input and output until the input is over or `stop` is cancelled.
///
/// # Errors
/// What the system says when a stream cannot be used or breaks.
pub(crate) async fn serve(service: Arc<Service>, settings: StdioSettings, stop: CancellationToken) -> io::Result<()> {
    let streams = streams::take()?;
    let mut pump = Pump {
        input: Input::new(streams.input)?,
        output: Output::new(streams.output)?,
        lines: Lines::new(settings.max_line),
        conversation: Conversation::new(service),
        written: 0,
        over: false,
    };
    let mut stopping = pin!(stop.cancelled());
    poll_fn(|cx| {
        if stopping.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        match pump.poll(cx) {
            Poll::Pending if pump.over => Poll::Ready(Ok(())),
            polled => polled,
        }
    })
    .await?;
    // The input is over, or the process is to stop: what runs may finish, for a while.
    pump.over = true;
    pump.conversation.close();
    if let Ok(drained) = tokio::time::timeout(settings.grace, poll_fn(|cx| pump.poll(cx))).await {
        return drained;
    }
    let calls = pump.conversation.running();
    tracing::warn!(target: "mcp_server", calls, "the grace of the shutdown is over: calls are given up");
    Ok(())
}

struct Pump {
    input: Input,
    output: Output,
    lines: Lines,
    conversation: Conversation,
    /// How much of what is leaving has left.
    written: usize,
    over: bool,
}

impl Pump {
    /// Runs until the input is over and everything has left.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut moved = self.poll_input(cx)?;
            while self.conversation.leaving.len() < HIGH_WATER && self.conversation.poll(cx) {
                moved = true;
            }
            moved |= self.poll_output(cx)?;
            if self.over && self.conversation.running() == 0 && self.conversation.leaving.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if !moved {
                return Poll::Pending;
            }
        }
    }

    /// Reads and answers what has arrived, unless the client reads too slowly.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        if self.over || self.conversation.leaving.len() - self.written >= HIGH_WATER {
            return Ok(false);
        }
        let Poll::Ready(read) = self.input.poll_read(cx, self.lines.buffer()) else { return Ok(false) };
        if read? == 0 {
            self.over = true;
        }
        while let Some(line) = self.lines.next() {
            self.conversation.line(line);
        }
        if self.over
            && let Some(line) = self.lines.last()
        {
            self.conversation.line(line);
        }
        Ok(true)
    }

    /// Writes what there is, in one piece if the client takes it.
    fn poll_output(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        let leaving = &mut self.conversation.leaving;
        let rest = leaving.get(self.written..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(false);
        }
        let Poll::Ready(written) = self.output.poll_write(cx, rest) else { return Ok(false) };
        self.written += written?;
        if self.written == leaving.len() {
            leaving.clear();
            leaving.shrink_to(HIGH_WATER);
            self.written = 0;
            self.conversation.records.clear();
        }
        Ok(true)
    }
}
