//! Faults: what an engine's error means to the agent that wrote the query.
//!
//! A fault is plain data: a worker sends it to the server, which adds what the catalogue knows and makes it a
//! [`ToolError`].

use std::fmt;
use std::time::Duration;

use mcp_server_core::tool::{ErrorKind, ToolError};
use serde::{Deserialize, Serialize};

/// How long to wait before trying a busy database again.
pub const BUSY: Duration = Duration::from_secs(1);

/// An error, and the name that it complains of, if it is one that could be misspelt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// Its kind.
    pub kind: ErrorKind,
    /// What went wrong, for the agent.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Whether the text of the query is to blame.
    pub of_sql: bool,
    /// How long to wait before the next attempt.
    pub wait: Option<Duration>,
    /// Whether another attempt is useless.
    pub lasting: bool,
    /// What only the log may know.
    pub cause: Option<String>,
    /// The name that does not exist.
    pub missing: Option<Box<Missing>>,
    /// What it says of the worker that ran the query.
    pub worker: WorkerState,
}

/// What a fault says of the worker that ran the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkerState {
    /// It is as good as before.
    Usable,
    /// It must not be used again.
    Broken,
    /// Its connection was found dead before the query began, so another one may run it.
    Stale,
}

/// A name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// Of a table.
    Table(String),
    /// Of a column.
    Column(String),
    /// Of a function.
    Function(String),
    /// The text does not follow the grammar at this word.
    Syntax(String),
    /// A value that a type with labels does not have.
    Label {
        /// The value.
        value: String,
        /// The labels.
        labels: Vec<String>,
    },
    /// Operands that do not go together.
    Types,
}

impl Fault {
    /// A fault without advice.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            advice: None,
            of_sql: false,
            wait: None,
            lasting: false,
            cause: None,
            missing: None,
            worker: WorkerState::Usable,
        }
    }

    /// Sets what to do about it.
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Says that the text of the query is to blame.
    pub fn sql(mut self) -> Self {
        self.of_sql = true;
        self
    }

    /// Says that another attempt is useless.
    pub fn lasting(mut self) -> Self {
        self.lasting = true;
        self
    }

    /// Sets how long to wait.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Sets what only the log may know.
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Says that the worker must not be used again.
    pub fn retired(mut self) -> Self {
        self.worker = WorkerState::Broken;
        self
    }

    /// Sets the name that does not exist.
    pub fn missing(mut self, missing: Option<Missing>) -> Self {
        self.missing = missing.map(Box::new);
        self
    }
}

impl From<ToolError> for Fault {
    fn from(error: ToolError) -> Self {
        Self {
            advice: Some(error.advice_text().to_owned()),
            of_sql: true,
            wait: error.wait(),
            lasting: !error.retryable(),
            ..Self::new(error.kind(), error.message())
        }
    }
}

/// What the log has of a fault.
#[derive(Debug)]
struct Cause(String);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

impl From<Fault> for ToolError {
    fn from(fault: Fault) -> Self {
        let mut error = Self::new(fault.kind, fault.message);
        if let Some(advice) = fault.advice {
            error = error.advice(advice);
        }
        if fault.of_sql {
            error = error.pointer("/sql");
        }
        if let Some(wait) = fault.wait {
            error = error.retry_after(wait);
        }
        if fault.lasting {
            error = error.do_not_retry();
        }
        match fault.cause {
            Some(cause) => error.cause(Cause(cause)),
            None => error,
        }
    }
}

/// The limit of time, as the agent reads it.
pub fn timed_out(limit: Duration) -> Fault {
    let seconds = limit.as_secs_f64();
    Fault::new(ErrorKind::Timeout, format!("the query was stopped at its limit of {seconds} s, in the database too"))
        .advice("Ask for less: a narrower WHERE, an indexed column, an aggregate; do not answer from memory.")
        .lasting()
}

/// The limit of memory, as the agent reads it.
pub fn too_much_memory() -> Fault {
    Fault::new(ErrorKind::ResultTooLarge, "the query needs more memory than the 64 MiB that a query may use")
        .advice("Ask for less: leave out large columns, add a LIMIT, use an aggregate.")
        .sql()
}

/// Says of a write, or of what only a write needs, that it does not happen here.
pub fn no_write(message: impl Into<String>) -> Fault {
    Fault::new(ErrorKind::PermissionDenied, message)
        .advice("Tell the user that this server cannot do this; do not claim that anything was changed.")
        .sql()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_becomes_an_error_whole() {
        let fault = Fault::new(ErrorKind::Overloaded, "busy").advice("Wait.").wait(BUSY).cause("secret");
        let text = serde_json::to_string(&fault).unwrap();
        let error = ToolError::from(serde_json::from_str::<Fault>(&text).unwrap());
        assert_eq!((error.kind(), error.message(), error.wait()), (ErrorKind::Overloaded, "busy", Some(BUSY)));
        assert!(error.retryable() && !ToolError::from(timed_out(BUSY)).retryable());
    }
}
