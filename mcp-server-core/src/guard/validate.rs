//! Placeholder.
use super::violation::Violation;
use serde_json::Value;
/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Validator(jsonschema::Validator);
impl Validator {
    pub(crate) fn compile(schema: &Value) -> Result<Self, String> {
        jsonschema::options().should_validate_formats(true).build(schema).map(Self).map_err(|e| e.to_string())
    }
    pub(crate) fn validate(&self, value: &Value) -> Result<(), Vec<Violation>> {
        let found: Vec<_> = self.0.iter_errors(value).take(8).map(|e| Violation { pointer: e.instance_path().to_string(), message: e.masked().to_string() }).collect();
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}
