//! Violations: what is wrong with a value, said so that a model can mend it and without the value itself.

use std::fmt;

use serde_json::{Value, json};

use crate::telemetry::Telemetry;
use crate::tool::ToolError;

/// One place where a value breaks its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where, as a JSON pointer (RFC 6901); empty for the whole.
    pub(crate) pointer: String,
    /// The keyword of JSON Schema that is broken.
    pub(crate) rule: &'static str,
    /// What is allowed, as the rest of a sentence that starts with the pointer.
    pub(crate) allowed: String,
    /// The name or option that was probably meant.
    pub(crate) nearest: Option<String>,
}

impl Violation {
    fn to_value(&self) -> Value {
        let mut value = json!({ "pointer": self.pointer, "rule": self.rule, "allowed": self.allowed });
        if let (Some(nearest), Some(members)) = (&self.nearest, value.as_object_mut()) {
            members.insert("nearest".to_owned(), nearest.as_str().into());
        }
        value
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => write!(f, "the whole {}", self.allowed)?,
            pointer => write!(f, "`{pointer}` {}", self.allowed)?,
        }
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// Counts the rules that were broken.
pub(crate) fn measure(telemetry: &Telemetry, tool: &'static str, violations: &[Violation]) {
    if let Some(meters) = telemetry.meters() {
        for violation in violations {
            meters.violated(tool, violation.rule);
        }
    }
}

/// The error of a call whose arguments break the published schema (server/tools, Error Handling).
pub(crate) fn invalid_argument(violations: &[Violation]) -> ToolError {
    tell(ToolError::invalid_argument(sentence("The arguments break the tool's input schema", violations)), violations)
}

/// The error of a tool whose result breaks its published schema (server/tools, Output Schema).
pub(crate) fn invalid_output(violations: &[Violation]) -> ToolError {
    tell(ToolError::invalid_output(sentence("The tool's result breaks its output schema", violations)), violations)
}

fn sentence(what: &str, violations: &[Violation]) -> String {
    let mut text = format!("{what}: ");
    for (index, violation) in violations.iter().enumerate() {
        if index > 0 {
            text.push_str(if text.ends_with('?') { " " } else { "; " });
        }
        text.push_str(&violation.to_string());
    }
    text
}

fn tell(error: ToolError, violations: &[Violation]) -> ToolError {
    let details = json!({ "violations": violations.iter().map(Violation::to_value).collect::<Vec<_>>() });
    let error = error.details(details);
    match violations.first() {
        Some(first) => error.pointer(first.pointer.as_str()),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_and_the_details_say_the_same() {
        let violations = [
            Violation {
                pointer: "/tagg".to_owned(),
                rule: "additionalProperties",
                allowed: "is unknown".to_owned(),
                nearest: Some("tag".to_owned()),
            },
            Violation {
                pointer: "/n".to_owned(),
                rule: "maximum",
                allowed: "must be at most 10".to_owned(),
                nearest: None,
            },
        ];
        let error = invalid_argument(&violations);
        assert_eq!(
            error.message(),
            "The arguments break the tool's input schema: `/tagg` is unknown; did you mean `tag`? `/n` must be at most 10"
        );
        let value = error.to_value("r");
        assert_eq!(value["kind"], "invalid_argument");
        assert_eq!(value["pointer"], "/tagg");
        assert_eq!(
            value["details"]["violations"],
            json!([
                {"pointer": "/tagg", "rule": "additionalProperties", "allowed": "is unknown", "nearest": "tag"},
                {"pointer": "/n", "rule": "maximum", "allowed": "must be at most 10"},
            ])
        );
    }
}
