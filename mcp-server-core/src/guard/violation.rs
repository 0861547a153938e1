//! Placeholder.
use crate::tool::ToolError;
/// A violation.
#[derive(Debug)]
pub(crate) struct Violation { pub(crate) pointer: String, pub(crate) message: String }
impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "`{}`: {}", self.pointer, self.message) }
}
pub(crate) fn invalid_argument(v: &[Violation]) -> ToolError {
    ToolError::invalid_argument(v.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}
pub(crate) fn invalid_output(v: &[Violation]) -> ToolError {
    ToolError::invalid_output(v.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}
