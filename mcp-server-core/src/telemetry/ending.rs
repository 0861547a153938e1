//! How a message ended.

use super::semconv::{self, outcome};

/// How a message ended, as a word for logs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ending {
    /// With data.
    Complete,
    /// With nothing, and the reason for it.
    Empty,
    /// With a part.
    Partial,
    /// With questions to the client.
    InputRequired,
    /// With a task that goes on.
    Task,
    /// With a tool error of a kind.
    Failed(&'static str),
    /// With a protocol error of a code.
    Refused(i64),
    /// It was taken in, and wanted no answer.
    Accepted,
    /// It was given up before its end.
    Cancelled,
}

impl Ending {
    /// The word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Complete => outcome::COMPLETE,
            Self::Empty => outcome::EMPTY,
            Self::Partial => outcome::PARTIAL,
            Self::InputRequired => outcome::INPUT_REQUIRED,
            Self::Task => outcome::TASK,
            Self::Failed(_) => outcome::FAILED,
            Self::Refused(_) => outcome::REFUSED,
            Self::Accepted => outcome::ACCEPTED,
            Self::Cancelled => outcome::CANCELLED,
        }
    }

    /// The kind of a failure.
    pub(crate) const fn kind(self) -> Option<&'static str> {
        match self {
            Self::Failed(kind) => Some(kind),
            _ => None,
        }
    }

    /// The code of a protocol error.
    pub(crate) const fn code(self) -> Option<i64> {
        match self {
            Self::Refused(code) => Some(code),
            _ => None,
        }
    }

    /// `error.type`; what is the caller's fault has none.
    pub(crate) fn error_type(self) -> Option<String> {
        match self {
            Self::Failed(_) => Some(semconv::TOOL_ERROR.to_owned()),
            Self::Refused(code) if !semconv::is_callers_fault(code) => Some(code.to_string()),
            Self::Cancelled => Some(outcome::CANCELLED.to_owned()),
            _ => None,
        }
    }
}
