//! The record of a task, as the store keeps it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::principal::Kept;
use crate::protocol::ClientCapabilities;

/// The form in which records are written; one in another form was written by another release.
pub(super) const FORM: u8 = 1;

/// Where a task stands (tasks extension, Task Status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It is worked on.
    Working,
    /// It waits for its client.
    InputRequired,
    /// It has a result, which may tell of an error.
    Completed,
    /// It ended in a protocol error.
    Failed,
    /// It was given up.
    Cancelled,
}

impl Status {
    /// Whether nothing follows.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// The word of the protocol.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::InputRequired => "input_required",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Who works on a task: whatever another than the latest one writes is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Fence {
    /// The worker's replica; nobody's after it was handed over.
    pub(crate) replica: String,
    /// How many times the work was begun.
    pub(crate) attempt: u32,
}

/// How a question was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// With a result.
    Given(Value),
    /// With an error, which a legacy client can send.
    Failed(String),
}

/// A question to the client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Input {
    /// Its key on the wire: never used twice in the life of a task.
    pub(crate) key: String,
    /// What its author calls it: put again under the same name, it has the same answer.
    pub(crate) name: String,
    /// The method and its parameters.
    pub(crate) question: Value,
    /// The answer; open without one.
    pub(crate) answer: Option<Answer>,
    /// Whether the answer did not fit.
    #[serde(default)]
    pub(crate) refused: bool,
}

/// What the work ended in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// A tool's result, as both eras have it; `is_error` is read off it once.
    Result { value: Value, is_error: bool },
    /// A protocol error.
    Error(Value),
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(super) form: u8,
    /// The key of the principal that it belongs to.
    pub(crate) owner: String,
    /// The tool.
    pub(crate) tool: String,
    /// When it was created, in milliseconds since 1970.
    pub(crate) created: u64,
    /// When it changed last.
    pub(crate) updated: u64,
    /// How many times it has changed in what its client sees.
    pub(crate) changes: u64,
    /// When it is forgotten.
    pub(crate) expires: u64,
    /// How often its client is told to look, in milliseconds.
    pub(crate) poll: u64,
    pub(crate) status: Status,
    /// What is said of the status, for people.
    pub(crate) message: Option<String>,
    pub(crate) worker: Fence,
    /// How many of its workers died.
    pub(crate) losses: u32,
    /// What the keys of its steps are made of.
    pub(crate) root: String,
    /// What its steps returned.
    pub(crate) steps: Map<String, Value>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) end: Option<End>,
}

impl Record {
    /// How long it is kept, from its creation on.
    pub(crate) const fn ttl(&self) -> u64 {
        self.expires.saturating_sub(self.created)
    }

    /// The questions that wait for their answer.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().filter(|input| input.answer.is_none())
    }

    /// The question that is put under a name now.
    pub(crate) fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().rev().find(|input| input.name == name && !input.refused)
    }
}

/// What it takes to do the work again elsewhere. It is kept apart from the record, for it never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Work {
    /// The arguments of the call, after its guards.
    pub(crate) arguments: Map<String, Value>,
    /// Who called.
    pub(crate) principal: Kept,
    /// By which revision.
    pub(crate) revision: String,
    /// What the client can do.
    pub(crate) capabilities: ClientCapabilities,
    /// The request's id as JSON text.
    pub(crate) request: String,
    /// The request's `_meta`.
    pub(crate) meta: Option<Value>,
}
