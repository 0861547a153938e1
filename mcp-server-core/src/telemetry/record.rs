//! The call record: one per message, from decoding to the last byte, emitted exactly once.

use std::time::Instant;

use tracing::{Level, event};

use crate::protocol::{Method, Revision, RpcError};

/// How a message ended, as a word for logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With data.
    Complete,
    /// With nothing, and the reason for it.
    Empty,
    /// With a part.
    Partial,
    /// With questions to the client.
    InputRequired,
    /// With a task that goes on.
    Task,
    /// With a tool error of a kind.
    Failed(&'static str),
    /// With a protocol error of a code.
    Refused(i64),
    /// It was taken in, and wanted no answer.
    Accepted,
    /// It was given up before its end.
    Cancelled,
}

impl Ending {
    const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Empty => "empty",
            Self::Partial => "partial",
            Self::InputRequired => "input_required",
            Self::Task => "task",
            Self::Failed(_) => "failed",
            Self::Refused(_) => "refused",
            Self::Accepted => "accepted",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What is known of one message. Dropped before its end, it records a cancellation.
#[derive(Debug)]
pub(crate) struct CallRecord {
    transport: &'static str,
    started: Instant,
    method: &'static str,
    name: Option<&'static str>,
    revision: Option<Revision>,
    bytes_in: usize,
    bytes_out: usize,
    rows: Option<u64>,
    reference: Option<Box<str>>,
    ending: Ending,
}

impl CallRecord {
    /// Starts right after decoding.
    pub(crate) fn start(transport: &'static str, bytes_in: usize) -> Self {
        Self {
            transport,
            started: Instant::now(),
            method: "",
            name: None,
            revision: None,
            bytes_in,
            bytes_out: 0,
            rows: None,
            reference: None,
            ending: Ending::Accepted,
        }
    }

    /// Says what came in.
    pub(crate) fn received(&mut self, method: &Method) {
        self.method = method.label();
    }

    /// Says what was asked for; dropped from now on without another ending, it was given up.
    pub(crate) fn asked(&mut self, method: &Method, revision: Revision) {
        self.received(method);
        self.revision = Some(revision);
        self.ending = Ending::Cancelled;
    }

    /// Says which tool, prompt or resource it was: a registered name, never one from the wire.
    pub(crate) fn named(&mut self, name: &'static str) {
        self.name = Some(name);
    }

    /// Says how many rows there are.
    pub(crate) fn counted(&mut self, rows: Option<u64>) {
        self.rows = rows;
    }

    /// Says under which id the client was told to ask.
    pub(crate) fn referred(&mut self, reference: &str) {
        self.reference = Some(reference.into());
    }

    /// Says how it ended.
    pub(crate) fn ended(&mut self, ending: Ending) {
        self.ending = ending;
    }

    /// Ends with a protocol error.
    pub(crate) fn refused(&mut self, error: &RpcError) {
        self.ending = Ending::Refused(error.code);
    }

    /// Adds bytes that left.
    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.bytes_out += bytes;
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

macro_rules! emit {
    ($record:expr, $level:expr) => {
        event!(
            target: "mcp_server::call",
            $level,
            method = $record.method,
            name = $record.name,
            outcome = $record.ending.word(),
            kind = match $record.ending { Ending::Failed(kind) => Some(kind), _ => None },
            code = match $record.ending { Ending::Refused(code) => Some(code), _ => None },
            rows = $record.rows,
            bytes_in = $record.bytes_in,
            bytes_out = $record.bytes_out,
            micros = $record.micros(),
            revision = $record.revision.map(Revision::as_str),
            transport = $record.transport,
            reference = $record.reference.as_deref(),
            "call"
        )
    };
}

impl Drop for CallRecord {
    fn drop(&mut self) {
        match self.ending {
            Ending::Failed(_) => emit!(self, Level::WARN),
            Ending::Refused(_) | Ending::Cancelled => emit!(self, Level::INFO),
            _ => emit!(self, Level::DEBUG),
        }
    }
}
