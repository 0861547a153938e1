//! What a ticket is.

use mcp_server_core::tool::{ToolError, ToolResult};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Whether there is still something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Open,
    Closed,
}

/// How soon it should be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

/// A ticket to be.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NewTicket {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) body: String,
    #[serde(default)]
    pub(crate) priority: Priority,
    #[serde(default)]
    pub(crate) assignee: String,
}

/// A ticket in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Summary {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    /// Who works on it; nobody if it is not there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) assignee: String,
}

/// A ticket in full.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Ticket {
    #[serde(flatten)]
    pub(crate) summary: Summary,
    /// What it is about.
    pub(crate) body: String,
    /// Rises with each change; pass it with a change of what you read.
    pub(crate) version: i64,
    /// When it was written, in UTC.
    pub(crate) created: String,
    /// What was said about it, oldest first.
    pub(crate) comments: Vec<Comment>,
}

/// Something said about a ticket.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Comment {
    pub(crate) author: String,
    pub(crate) text: String,
    /// When it was said, in UTC.
    pub(crate) written: String,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl Priority {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

impl Ticket {
    /// Goes on only with the version that the caller read.
    pub(crate) fn unchanged_since(&self, version: i64) -> ToolResult<()> {
        if self.version == version {
            return Ok(());
        }
        let Self { summary: Summary { id, .. }, version: now, .. } = self;
        Err(ToolError::conflict(format!("ticket {id} is at version {now}, not {version}: it was changed meanwhile"))
            .advice("Read it again with get_ticket, then decide whether your change still makes sense.")
            .details(json!({ "version": now })))
    }
}

/// The URI under which a ticket is read and watched.
pub(crate) fn uri(id: i64) -> String {
    format!("ticket://{id}")
}
