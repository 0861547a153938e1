//! Validators: a published schema, compiled once, that every value must pass.

use std::sync::OnceLock;

use serde_json::Value;

use super::absent;
use super::explain;
use super::fault::SchemaFault;
use super::judge::Judge;
use super::shape::Shapes;
use super::violation::Violation;

/// How deep a schema may nest.
const MOST_DEPTH: usize = 64;
/// How many parts a schema may have.
const MOST_PARTS: usize = 20_000;

/// A compiled schema.
///
/// Saying yes costs tens of nanoseconds for typical arguments. Saying why not is another way through the schema,
/// bounded in steps and prepared at the first value that does not fit.
#[derive(Debug)]
pub(crate) struct Validator {
    judge: Judge,
    schema: Value,
    shapes: OnceLock<Shapes>,
}

impl Validator {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with it: invalid in its dialect, a remote `$ref`, a pattern that cannot run in linear time, too
    /// deep or too big.
    pub(crate) fn compile(schema: &Value) -> Result<Self, SchemaFault> {
        let mut parts = 0;
        bounded(schema, 0, &mut parts)?;
        Ok(Self { judge: Judge::compile(schema)?, schema: schema.clone(), shapes: OnceLock::new() })
    }

    /// Holds a value against the schema.
    ///
    /// # Errors
    /// What is wrong, at most [`explain::MOST_VIOLATIONS`], never quoting the value.
    pub(crate) fn validate(&self, value: &Value) -> Result<(), Vec<Violation>> {
        if self.judge.accepts(value) {
            return Ok(());
        }
        Err(explain::explain(self.shapes(), value))
    }

    /// Takes out of a value what its client means to leave out by `null`.
    pub(crate) fn without_absent(&self, value: &mut Value) {
        absent::without_absent(self.shapes(), value);
    }

    fn shapes(&self) -> &Shapes {
        self.shapes.get_or_init(|| Shapes::of(&self.schema))
    }
}

fn bounded(schema: &Value, depth: usize, parts: &mut usize) -> Result<(), SchemaFault> {
    *parts += 1;
    if depth > MOST_DEPTH || *parts > MOST_PARTS {
        let what = format!("it is too big: {MOST_DEPTH} levels and {MOST_PARTS} parts are allowed");
        return Err(SchemaFault::new("", what));
    }
    match schema {
        Value::Object(members) => members.values().try_for_each(|member| bounded(member, depth + 1, parts)),
        Value::Array(items) => items.iter().try_for_each(|item| bounded(item, depth + 1, parts)),
        _ => Ok(()),
    }
}
