//! Judges: the one place that names the `jsonschema` crate, and how it is set up.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError};
use serde_json::Value;

use super::fault::SchemaFault;

/// How big a compiled pattern may get, in bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// A schema that can say yes or no, in time linear in the value for patterns and memoised through `$ref`.
///
/// It is never asked why: collecting reasons takes time exponential in the depth of a value where alternatives refer
/// to themselves, and memory many times a long array.
#[derive(Debug)]
pub(crate) struct Judge(jsonschema::Validator);

impl Judge {
    /// Compiles a schema in its declared dialect, 2020-12 without one (basic, JSON Schema Usage).
    ///
    /// # Errors
    /// What is wrong with the schema and where; a `$ref` that leads out of it is never followed.
    pub(crate) fn compile(schema: &Value) -> Result<Self, SchemaFault> {
        let options = jsonschema::options()
            .offline()
            .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_SIZE))
            .should_validate_formats(true);
        options.build(schema).map(Self).map_err(|error| fault(&error))
    }

    /// Whether a value fits.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }
}

fn fault(error: &ValidationError<'_>) -> SchemaFault {
    let pointer = error.instance_path().to_string();
    let what = match error.kind() {
        ValidationErrorKind::Referencing(_) => {
            format!("a `$ref` or `$schema` leads out of the schema or to nothing, and nothing is ever fetched: {error}")
        }
        ValidationErrorKind::Format { format } if format == "regex" => {
            format!("{error}: patterns run in linear time, so look-around and back-references are not available")
        }
        _ => error.to_string(),
    };
    SchemaFault::new(pointer, what)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A31, A32, DS9: nothing is fetched.
    #[test]
    fn a_reference_that_leads_out_is_refused() {
        for schema in [
            json!({"$ref": "http://127.0.0.1:9/x"}),
            json!({"$ref": "file:///etc/hostname"}),
            json!({"$ref": "#/nowhere"}),
            json!({"properties": {"a": {"items": {"$ref": "other.json"}}}}),
            json!({"$dynamicRef": "https://example.com/x"}),
            json!({"$schema": "https://example.com/dialect"}),
        ] {
            let fault = Judge::compile(&schema).unwrap_err().to_string();
            assert!(fault.contains("`$ref`") || fault.contains("meta-schema"), "{fault}");
        }
    }

    /// K12, DS9: no pattern backtracks.
    #[test]
    fn a_pattern_that_cannot_be_linear_is_refused() {
        for pattern in ["^(?=a)b$", "(a)\\1", "(?<!a)b", "[a-z"] {
            let fault = Judge::compile(&json!({"properties": {"a": {"pattern": pattern}}})).unwrap_err().to_string();
            assert!(fault.contains("linear") && fault.contains("`/properties/a/pattern`"), "{fault}");
        }
        let judge = Judge::compile(&json!({"pattern": "^(a+)+$"})).unwrap();
        assert!(!judge.accepts(&Value::String(format!("{}b", "a".repeat(100_000)))));
    }

    /// A28: the declared dialect is followed.
    #[test]
    fn older_dialects_are_followed() {
        let schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]});
        let judge = Judge::compile(&schema).unwrap();
        assert!(judge.accepts(&json!(["a", 1])) && !judge.accepts(&json!([1])));
    }

    #[test]
    fn formats_are_asserted() {
        let judge = Judge::compile(&json!({"format": "date-time"})).unwrap();
        assert!(judge.accepts(&json!("2026-11-21T10:00:00Z")) && !judge.accepts(&json!("2026-11-21 10:00")));
        for format in crate::tool::schema::FORMATS {
            let known = jsonschema::options().is_known_format(jsonschema::Draft::Draft202012, format);
            assert!(known, "{format} would be published and not checked");
        }
    }
}
