//! Receipts: what an effect did, and whether it is sure.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

use super::IntoOutcome;
use crate::tool::finite;
use crate::tool::outcome::{Outcome, Reply};

/// The receipt of an effect: what was done, and whether it is done for good or only taken on.
///
/// ```
/// use mcp_server_core::tool::Receipt;
///
/// let receipt = Receipt::confirmed("ticket 7 is closed");
/// # let _ = receipt;
/// ```
#[derive(Clone, Debug)]
pub struct Receipt {
    status: &'static str,
    what: Cow<'static, str>,
    detail: Option<Result<Value, String>>,
}

/// What a receipt can say of its effect.
const STATUSES: [&str; 3] = ["confirmed", "accepted", "unchanged"];

impl Receipt {
    /// The effect took place and will last.
    pub fn confirmed(what: impl Into<Cow<'static, str>>) -> Self {
        Self { status: "confirmed", what: what.into(), detail: None }
    }

    /// The effect was taken on; it is not known to have taken place yet.
    pub fn accepted(what: impl Into<Cow<'static, str>>) -> Self {
        Self { status: "accepted", what: what.into(), detail: None }
    }

    /// Nothing had to be done: things were so already.
    pub fn unchanged(what: impl Into<Cow<'static, str>>) -> Self {
        Self { status: "unchanged", what: what.into(), detail: None }
    }

    /// Adds data, such as the id or the version of what was written.
    pub fn with(mut self, detail: impl Serialize) -> Self {
        self.detail = Some(finite::to_value(&detail).map_err(|error| error.message().to_owned()));
        self
    }
}

/// A receipt as the answer of a repeated call: it says that nothing was done again. `None` if the value is no receipt.
pub(crate) fn repeated(value: &Value) -> Option<Value> {
    let object = value.as_object()?;
    let is_receipt = object.get("status").and_then(Value::as_str).is_some_and(|status| STATUSES.contains(&status));
    let what = object.get("what").and_then(Value::as_str).filter(|_| is_receipt)?;
    let mut again = object.clone();
    again
        .insert("what".to_owned(), format!("{what} (by an earlier call like this one; nothing was done again)").into());
    Some(Value::Object(again))
}

impl IntoOutcome for Receipt {
    fn into_outcome(self) -> Outcome {
        let mut structured = json!({ "status": self.status, "what": self.what });
        match (self.detail, structured.as_object_mut()) {
            (Some(Ok(detail)), Some(object)) => {
                object.insert("detail".to_owned(), detail);
            }
            // The effect took place: a detail that cannot be written must not turn it into a failure.
            (Some(Err(why)), Some(object)) => {
                object.insert("detail".to_owned(), json!({ "unwritable": why }));
            }
            _ => {}
        }
        Outcome::Complete(Reply::structured(structured))
    }

    fn output_schema() -> Option<Value> {
        Some(json!({
            "type": "object",
            "properties": {
                "status": {
                    "type": "string",
                    "enum": ["confirmed", "accepted", "unchanged"],
                    "description": "confirmed: done for good; accepted: taken on, not yet sure; unchanged: it was so already.",
                },
                "what": { "type": "string", "description": "What was done." },
                "detail": {
                    "description": "More about it, such as an id or a version.",
                    "anyOf": [
                        { "type": "object" },
                        { "type": "array", "items": {} },
                        { "type": "string" },
                        { "type": "number" },
                        { "type": "boolean" },
                        { "type": "null" },
                    ],
                },
            },
            "required": ["status", "what"],
            "additionalProperties": false,
        }))
    }
}
