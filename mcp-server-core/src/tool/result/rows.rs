//! Rows: a list that says why when it is empty.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::IntoOutcome;
use crate::tool::error::ToolResult;
use crate::tool::finite;
use crate::tool::outcome::{Outcome, Reply};
use crate::tool::schema;

/// A list of rows. It cannot be made without a reason for being empty.
///
/// ```
/// use mcp_server_core::tool::{Rows, ToolResult};
///
/// fn search(found: Vec<u32>) -> ToolResult<Rows<u32>> {
///     Rows::from(found).or_empty("no number is in this range")
/// }
/// assert!(search(vec![]).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Rows<T> {
    found: Vec<T>,
    reason: Cow<'static, str>,
    total: Option<u64>,
    next_cursor: Option<String>,
}

/// A list that still lacks its reason; [`or_empty`](Self::or_empty) gives it one.
#[derive(Clone, Debug)]
#[must_use = "a list without a reason is no result: end with `.or_empty(\"…\")`"]
pub struct UnexplainedRows<T>(Vec<T>);

impl<T> Rows<T> {
    /// Takes the rows that were found.
    pub fn from(rows: impl IntoIterator<Item = T>) -> UnexplainedRows<T> {
        UnexplainedRows(rows.into_iter().collect())
    }

    /// Says how many rows there are in all, when these are a page of them.
    pub fn total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }

    /// Says how to go on: the cursor of the next page, or `None` on the last one.
    pub fn next_cursor(mut self, cursor: Option<String>) -> Self {
        self.next_cursor = cursor;
        self
    }
}

impl<T> UnexplainedRows<T> {
    /// Says what an empty list means, and where was looked.
    ///
    /// # Errors
    /// None: the `Result` is there so that this can be the last line of a tool.
    pub fn or_empty(self, reason: impl Into<Cow<'static, str>>) -> ToolResult<Rows<T>> {
        Ok(Rows { found: self.0, reason: reason.into(), total: None, next_cursor: None })
    }
}

impl<T: Serialize + JsonSchema> IntoOutcome for Rows<T> {
    fn into_outcome(self) -> Outcome {
        let count = self.found.len() as u64;
        let rows = match finite::to_value(&self.found) {
            Ok(rows) => rows,
            Err(error) => return Outcome::Failed(error),
        };
        let mut object = Map::with_capacity(4);
        object.insert("rows".to_owned(), rows);
        if let Some(total) = self.total {
            object.insert("total".to_owned(), total.into());
        }
        if let Some(cursor) = self.next_cursor {
            object.insert("nextCursor".to_owned(), cursor.into());
        }
        if count > 0 {
            return Outcome::Complete(Reply { rows: Some(count), ..Reply::structured(Value::Object(object)) });
        }
        object.insert("reason".to_owned(), Value::from(&*self.reason));
        let mut reply = Reply::text(format!("No rows: {}.", self.reason.trim_end_matches('.')));
        reply.structured = Some(Value::Object(object));
        reply.rows = Some(0);
        reply.reason = Some(self.reason);
        Outcome::Empty(reply)
    }

    fn output_schema() -> Option<Value> {
        Some(json!({
            "type": "object",
            "properties": {
                "rows": { "type": "array", "items": schema::output_schema_for::<T>() },
                "total": { "type": "integer", "minimum": 0, "description": "How many rows there are in all." },
                "nextCursor": { "type": "string", "description": "Pass it to get the next rows." },
                "reason": { "type": "string", "description": "Why there are no rows." },
            },
            "required": ["rows"],
            "additionalProperties": false,
        }))
    }
}
