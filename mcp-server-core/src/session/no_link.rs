//! Clients that cannot be asked, each with the reason that the agent gets.

use std::time::Duration;

use crate::protocol::RequestId;
use crate::tool::{Asking, ClientLink, ToolError};

/// Why a client cannot be asked while its request runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoLink {
    /// Nobody would find the answer: the server keeps no sessions.
    Sealed,
    /// The question would travel in an event stream, which the request does not accept.
    NoEventStream,
    /// The request is part of a batch, which has no stream.
    Batch,
}

impl NoLink {
    fn error(self) -> ToolError {
        match self {
            Self::Sealed => ToolError::misconfigured(
                "this server keeps no sessions (session.mode = \"sealed\"), so it cannot ask a client of this revision anything",
            )
            .advice("Tell the user that this needs a client of a newer revision, or a server that keeps sessions."),
            Self::NoEventStream => ToolError::misconfigured(
                "the tool must ask the client something, and the request's `Accept` header does not allow `text/event-stream`",
            )
            .advice("Tell the user that their client must send `Accept: application/json, text/event-stream`."),
            Self::Batch => ToolError::misconfigured(
                "the tool must ask the client something, which is not possible for a request within a batch",
            )
            .advice("Tell the user that their client must send this call alone."),
        }
    }
}

impl ClientLink for NoLink {
    fn open(&self, _patience: Duration) -> Asking<'_> {
        Box::pin(std::future::ready(Err(self.error())))
    }

    fn close(&self, _id: &RequestId) {}
}
