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

/// How many lines are taken before calls that run and the output get their turn.
const LINES: usize = 64;

/// The limits of the transport.
#[derive(Clone, Debug)]
pub(crate) struct StdioSettings {
    /// How many bytes a line may have.
    pub(crate) max_line: usize,
    /// How many bytes the client may leave unread before no more of its requests are read.
    pub(crate) max_unread: usize,
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
        conversation: Conversation::new(service, settings.max_unread),
        has_lines: false,
        over: false,
        stopped: false,
    };
    let mut stopping = pin!(stop.cancelled());
    poll_fn(|cx| {
        if stopping.as_mut().poll(cx).is_ready() {
            pump.stopped = true;
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
    /// Whether `lines` may hold a whole line.
    has_lines: bool,
    /// Whether nothing more is read.
    over: bool,
    /// Whether no more lines are taken.
    stopped: bool,
}

impl Pump {
    /// Runs until the input is over and everything is written. Input, calls and output take turns: none of them waits
    /// for another to pause.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut moved = self.poll_input(cx)?;
            while !self.conversation.write_buffer.is_full() && self.conversation.poll(cx) {
                moved = true;
            }
            moved |= self.poll_output(cx)?;
            if self.is_done() {
                return Poll::Ready(Ok(()));
            }
            if !moved {
                return Poll::Pending;
            }
        }
    }

    fn is_done(&self) -> bool {
        let has_input = !self.over || (self.has_lines && !self.stopped);
        !has_input && self.conversation.running() == 0 && self.conversation.write_buffer.is_empty()
    }

    /// Takes lines that have arrived, and reads more once there are none. Does neither while the client leaves too much
    /// unread.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        if self.has_lines {
            return Ok(self.take_lines());
        }
        if self.over || self.conversation.write_buffer.is_full() {
            return Ok(false);
        }
        let Poll::Ready(read) = self.input.poll_read(cx, self.lines.buffer()) else { return Ok(false) };
        self.over = read? == 0;
        self.has_lines = true;
        self.take_lines();
        Ok(true)
    }

    /// Takes a bounded number of lines. Returns whether it took any.
    fn take_lines(&mut self) -> bool {
        for taken in 0..LINES {
            if self.stopped || self.conversation.write_buffer.is_full() {
                return taken > 0;
            }
            let next = self.lines.next().or_else(|| if self.over { self.lines.last() } else { None });
            let Some(line) = next else {
                self.has_lines = false;
                return taken > 0;
            };
            self.conversation.line(line);
        }
        true
    }

    /// Writes what there is, in one piece if the client takes it.
    fn poll_output(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        let buffer = &mut self.conversation.write_buffer;
        if buffer.is_empty() {
            return Ok(false);
        }
        let Poll::Ready(written) = self.output.poll_write(cx, buffer.unwritten()) else { return Ok(false) };
        buffer.advance(written?);
        Ok(true)
    }
}
