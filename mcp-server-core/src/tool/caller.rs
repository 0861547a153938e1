//! Who called, by which revision, and what their client can do: the same for both eras.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

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
    /// The way to ask the client something while a request runs: the legacy era alone has one.
    pub link: Option<Arc<dyn ClientLink>>,
}

/// What a client answered to a request of ours: its result or its error, as JSON text.
pub type ClientAnswer = Result<Bytes, Bytes>;

/// Keeps the requests that this server sent to a client and that still wait for their answer.
pub trait ClientLink: Send + Sync + fmt::Debug {
    /// Opens a request: its id, and where the answer will arrive.
    fn open(&self) -> (RequestId, oneshot::Receiver<ClientAnswer>);
    /// Gives a request up.
    fn close(&self, id: &RequestId);
}
