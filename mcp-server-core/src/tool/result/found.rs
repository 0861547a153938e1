//! Found or missing: one value that says what is missing when it is not there.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::IntoOutcome;
use crate::tool::error::ToolResult;
use crate::tool::finite;
use crate::tool::outcome::{Outcome, Reply};
use crate::tool::schema;

/// One value that was found, or the reason why it was not.
///
/// ```
/// use mcp_server_core::tool::{Found, ToolResult};
///
/// fn ticket(found: Option<String>) -> ToolResult<Found<String>> {
///     Found::from(found).or_missing("there is no ticket with this number")
/// }
/// assert!(ticket(None).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Found<T> {
    value: Option<T>,
    reason: Cow<'static, str>,
}

/// A value that still lacks the reason for its absence.
#[derive(Clone, Debug)]
#[must_use = "an option without a reason is no result: end with `.or_missing(\"…\")`"]
pub struct UnexplainedOption<T>(Option<T>);

impl<T> Found<T> {
    /// Takes what was found.
    pub fn from(value: Option<T>) -> UnexplainedOption<T> {
        UnexplainedOption(value)
    }
}

impl<T> UnexplainedOption<T> {
    /// Says what it means that nothing was found.
    ///
    /// # Errors
    /// None: the `Result` is there so that this can be the last line of a tool.
    pub fn or_missing(self, reason: impl Into<Cow<'static, str>>) -> ToolResult<Found<T>> {
        Ok(Found { value: self.0, reason: reason.into() })
    }
}

impl<T: Serialize + JsonSchema> IntoOutcome for Found<T> {
    fn into_outcome(self) -> Outcome {
        let Some(value) = self.value else {
            let mut reply = Reply::text(format!("Not found: {}.", self.reason.trim_end_matches('.')));
            reply.structured = Some(json!({ "found": false, "reason": self.reason }));
            reply.rows = Some(0);
            reply.reason = Some(self.reason);
            return Outcome::Empty(reply);
        };
        match finite::to_value(&value) {
            Ok(value) => {
                let structured = json!({ "found": true, "value": value });
                Outcome::Complete(Reply { rows: Some(1), ..Reply::structured(structured) })
            }
            Err(error) => Outcome::Failed(error),
        }
    }

    fn output_schema() -> Option<Value> {
        Some(json!({
            "type": "object",
            "properties": {
                "found": { "type": "boolean", "description": "Whether there is a value." },
                "value": schema::output_schema_for::<T>(),
                "reason": { "type": "string", "description": "Why there is none." },
            },
            "required": ["found"],
            "additionalProperties": false,
        }))
    }
}
