//! Faults of schemas: their authors' mistakes, told at start.

use std::fmt;

/// What is wrong with a schema: its author's fault, told at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SchemaFault {
    pointer: String,
    what: String,
}

impl SchemaFault {
    pub(crate) fn new(pointer: impl Into<String>, what: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), what: what.into() }
    }
}

impl fmt::Display for SchemaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.what),
            pointer => write!(f, "at `{pointer}`: {}", self.what),
        }
    }
}

impl std::error::Error for SchemaFault {}
