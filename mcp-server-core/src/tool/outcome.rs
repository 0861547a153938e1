//! `Outcome`: what a call can end in. There is no silent variant.

use std::borrow::Cow;

use serde_json::Value;

use super::error::ToolError;
use crate::protocol::Block;

/// How a call ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// With data.
    Complete(Reply),
    /// With nothing, and the reason for it.
    Empty(Reply),
    /// With a part of what was asked for; the reply says what is missing.
    Partial(Reply),
    /// With an error that the agent can act on.
    Failed(ToolError),
}

/// What a call gives back: blocks for the model, structured data for programs.
#[derive(Debug, Default)]
pub struct Reply {
    /// The blocks. If none of them is text, the structured part is repeated as text.
    pub content: Vec<Block>,
    /// The structured part.
    pub structured: Option<Value>,
    /// How many rows it has, where that means something.
    pub rows: Option<u64>,
    /// Why it is empty, or what is missing from it.
    pub reason: Option<Cow<'static, str>>,
}

impl Reply {
    /// A reply of one text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { content: vec![Block::text(text)], ..Self::default() }
    }

    /// A reply of structured data; its text twin is written beside it.
    pub fn structured(value: Value) -> Self {
        Self { structured: Some(value), ..Self::default() }
    }
}

impl From<ToolError> for Outcome {
    fn from(error: ToolError) -> Self {
        Self::Failed(error)
    }
}

/// Whether a value says nothing: `null`, `""`, `[]`, `{}`, or only such parts.
pub(crate) fn is_vacuous(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_vacuous),
        Value::Object(members) => members.values().all(is_vacuous),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Outcome {
    /// Turns a result that says nothing, without a reason, into `unexplained_empty`.
    pub(crate) fn judged(self) -> Self {
        let Self::Complete(reply) = &self else { return self };
        let says_something = reply.content.iter().any(|block| !block.is_blank())
            || reply.structured.as_ref().is_some_and(|value| !is_vacuous(value));
        if says_something || reply.reason.is_some() {
            return self;
        }
        Self::Failed(
            ToolError::unexplained_empty("the tool returned nothing and gave no reason")
                .advice("Do not take this for \"there is none\": tell the user that the tool gave no answer."),
        )
    }
}
