//! Parameters: what the macro says of each, and what the schema is made of.

use std::any::TypeId;
use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use super::context::Context;
use super::decoder_note::DecoderNote;

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Of an integer.
    Int(i64),
    /// Of a number.
    Float(f64),
}

/// Completes a prompt's or a template's variable from what was typed so far.
pub type CompleteFn = fn(Context, String) -> Pin<Box<dyn Future<Output = Vec<String>> + Send>>;

/// What is declared of one parameter.
#[derive(Clone, Copy, Debug)]
pub struct ParamSpec {
    /// The name in the schema.
    pub name: &'static str,
    /// The description in the schema.
    pub description: &'static str,
    /// The least number of characters.
    pub min_length: Option<u64>,
    /// The greatest number of characters.
    pub max_length: Option<u64>,
    /// The least value.
    pub minimum: Option<Bound>,
    /// The greatest value.
    pub maximum: Option<Bound>,
    /// The value that it must stay below.
    pub exclusive_maximum: Option<Bound>,
    /// The least number of items.
    pub min_items: Option<u64>,
    /// The greatest number of items.
    pub max_items: Option<u64>,
    /// A regular expression that the text must match (ECMA-262 syntax, run in linear time).
    pub pattern: Option<&'static str>,
    /// A format of JSON Schema, such as `email`.
    pub format: Option<&'static str>,
    /// The value when the argument is absent.
    pub default: Option<fn() -> Value>,
    /// Whether the value may never be logged.
    pub secret: bool,
    /// The `Mcp-Param-*` header that repeats the value.
    pub header: Option<&'static str>,
    /// Completes the value.
    pub complete: Option<CompleteFn>,
}

impl ParamSpec {
    /// A parameter without constraints.
    pub const fn new(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            min_length: None,
            max_length: None,
            minimum: None,
            maximum: None,
            exclusive_maximum: None,
            min_items: None,
            max_items: None,
            pattern: None,
            format: None,
            default: None,
            secret: false,
            header: None,
            complete: None,
        }
    }
}

/// One parameter of a function, as its type turned out to be.
#[derive(Clone, Debug)]
pub enum Parameter {
    /// Comes from the server or the request; `needs` is state that must have been given to the builder.
    Injected {
        /// The state's type, and its name for the report.
        needs: Option<(TypeId, &'static str)>,
        /// Whether it can send log messages to the client.
        can_log: bool,
    },
    /// One argument.
    Argument {
        /// What is declared of it.
        spec: &'static ParamSpec,
        /// The schema of its type.
        schema: Value,
        /// Whether the type can do without it.
        optional: bool,
        /// What its decoder does that the schema does not say.
        notes: Vec<DecoderNote>,
    },
    /// All arguments as one struct.
    Whole {
        /// The schema of the struct.
        schema: Value,
        /// What its decoder does that the schema does not say.
        notes: Vec<DecoderNote>,
    },
}

impl Parameter {
    /// What decoders do that the schemas do not say, by pointers into all arguments.
    pub(crate) fn notes(&self) -> Vec<DecoderNote> {
        match self {
            Self::Injected { .. } => Vec::new(),
            Self::Whole { notes, .. } => notes.clone(),
            Self::Argument { spec, notes, .. } => {
                let placed = |note: &DecoderNote| DecoderNote {
                    pointer: format!("/{}{}", spec.name, note.pointer),
                    ..note.clone()
                };
                notes.iter().map(placed).collect()
            }
        }
    }

    /// Whether the function can send log messages to the client by this parameter.
    pub(crate) fn can_log(&self) -> bool {
        matches!(self, Self::Injected { can_log: true, .. })
    }
}

/// A default that is no literal, as JSON; `null`, which counts as absent, if it cannot be written as JSON.
pub fn default_value(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
