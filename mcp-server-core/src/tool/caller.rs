//! Who called, by which revision, and what their client can do: the same for both eras.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::error::ToolResult;
use crate::principal::Principal;
use crate::protocol::{ClientCapabilities, LogLevel, RequestId, Revision};

/// The caller of one request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub principal: Principal,
    /// Which revision it speaks.
    pub revision: Revision,
    /// What its client can do.
    pub capabilities: ClientCapabilities,
    /// The least level of log messages that it wants; none without one.
    pub log_level: Option<LogLevel>,
    /// What stands for the session that it is part of, the same on every replica: a legacy session, or a pipe.
    pub(crate) session: Option<u128>,
    /// The way to ask the client something while a request runs: the legacy era alone has one.
    pub link: Option<Arc<dyn ClientLink>>,
}

/// What a client answered to a request of ours: its result or its error, as JSON text.
pub type ClientAnswer = Result<Bytes, Bytes>;

/// A request to the client that waits for its answer.
#[derive(Debug)]
pub struct Question {
    /// Its id.
    pub id: RequestId,
    /// Where the answer will arrive.
    pub answer: oneshot::Receiver<ClientAnswer>,
}

/// A request to the client that is being opened.
pub type Asking<'a> = Pin<Box<dyn Future<Output = ToolResult<Question>> + Send + 'a>>;

/// Keeps the requests that this server sent to a client and that still wait for their answer.
pub trait ClientLink: Send + Sync + fmt::Debug {
    /// Opens a request that waits for so long; its answer can come in from then on.
    fn open(&self, patience: Duration) -> Asking<'_>;
    /// Gives a request up.
    fn close(&self, id: &RequestId);
}
