//! The trait of what ends a call.

use serde_json::Value;

use crate::tool::error::ToolError;
use crate::tool::outcome::Outcome;

/// A value that a tool can return.
///
/// It is implemented for what always says something: text, numbers, [`Structured`](super::Structured),
/// [`Rows`](super::Rows), [`Found`](super::Found), [`Receipt`](super::Receipt), [`Image`](super::Image),
/// [`Audio`](super::Audio), [`Content`](super::Content), and `Result` of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool: it may be empty without a word",
    label = "this return type can end a call in silence",
    note = "a list: return `ToolResult<Rows<T>>` and end with `Rows::from(list).or_empty(\"why there may be none\")`",
    note = "an optional value: return `ToolResult<Found<T>>` and end with `Found::from(option).or_missing(\"what is missing\")`",
    note = "an effect: return `Receipt` and end with `Receipt::confirmed(\"what was done\")`",
    note = "a struct of your own: return `Structured<T>`, where `T: Serialize + JsonSchema`",
    note = "text: return `String`"
)]
pub trait IntoOutcome {
    /// Ends the call.
    fn into_outcome(self) -> Outcome;

    /// The schema of the structured part, if there is one.
    fn output_schema() -> Option<Value> {
        None
    }
}

impl IntoOutcome for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

impl<T: IntoOutcome, E: Into<ToolError>> IntoOutcome for Result<T, E> {
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(value) => value.into_outcome(),
            Err(error) => Outcome::Failed(error.into()),
        }
    }

    fn output_schema() -> Option<Value> {
        T::output_schema()
    }
}
