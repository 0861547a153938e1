//! A call: what it is made on, from its start to its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::entry::{PromptEntry, ResourceEntry, ToolEntry};
use super::job::Ended;
use super::service::Service;
use super::waiting::Coming;
use crate::guard::permits::Permit;
use crate::protocol::{Method, RequestId};
use crate::telemetry::CallRecord;
use crate::tool::rounds::{Memory, Suspension};
use crate::tool::{Context, Outcome};

/// What is known of a call for as long as it lives.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) service: Arc<Service>,
    pub(super) id: RequestId,
    pub(super) context: Context,
    pub(super) method: Method,
    pub(super) params: Option<Bytes>,
    pub(super) subject: Subject,
    /// What the agent is told beside the result.
    pub(super) notes: Vec<String>,
    /// What makes it a task where its function says so.
    pub(super) begin: Option<Begin>,
}

/// Makes a task of a call that knows this much, holds these permits and is recorded there.
pub(super) struct Begin(pub(super) Box<Beginning>);

type Beginning = dyn FnOnce(Memory, [Option<Permit>; 2], CallRecord) -> Coming + Send;

impl std::fmt::Debug for Begin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Begin")
    }
}

/// What a call is made on.
#[derive(Debug)]
pub(super) enum Subject {
    /// A tool.
    Tool(Arc<ToolEntry>),
    /// A prompt.
    Prompt(Arc<PromptEntry>),
    /// A resource, read under a URI.
    Resource(Arc<ResourceEntry>, String),
    /// A completion.
    Completion,
}

/// Why the function of a call stopped running.
#[derive(Debug)]
pub(super) enum Stopped {
    /// By itself.
    Ended(Ended),
    /// It needs the client.
    Suspended(Suspension),
    /// Its time is over.
    TimedOut(Duration),
    /// It never ran: this is what another call of the same key ended in.
    Repeated(Outcome),
}
