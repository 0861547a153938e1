//! Rules: the shape of a line in the table.

use serde_json::{Map, Value};

use super::finding::Severity;
use super::host::Host;

/// When a rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// At every start.
    Always,
    /// By `check --host` alone: what it finds works elsewhere and is often meant.
    ForHost,
}

/// A tool as it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) input: &'a Value,
    /// Its place in the list, from 0.
    pub(super) place: usize,
}

/// A schema inside a schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) members: &'a Map<String, Value>,
    /// How many objects and arrays are around it.
    pub(super) depth: usize,
    /// The schema that it is a part of.
    pub(super) root: &'a Value,
}

/// What a rule finds in a tool: where, and what.
pub(super) type Found = Option<(String, String)>;

/// What a rule looks at.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// The tool as a whole.
    Tool(fn(Shown<'_>) -> Found),
    /// The root of the input schema.
    InputRoot(fn(&Map<String, Value>) -> Found),
    /// Every schema of the input.
    Input(fn(Part<'_>) -> Option<String>),
    /// Every schema of the output.
    Output(fn(Part<'_>) -> Option<String>),
    /// Every schema of both.
    Both(fn(Part<'_>) -> Option<String>),
    /// Every place where a schema stands and something else than an object is there.
    NoObject(fn(&Value) -> Option<String>),
}

/// One line of the table.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) hosts: &'static [Host],
    pub(super) severity: Severity,
    pub(super) asked: Asked,
    pub(super) remedy: &'static str,
    pub(super) look: Look,
}
