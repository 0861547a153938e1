//! Judges: the one place that names the `jsonschema` crate, and how it is set up.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Registry, ValidationError, ValidationOptions, Validator};
use serde_json::{Value, json};

use super::fault::SchemaFault;
use super::well_formed::is_plain;

/// How big a compiled pattern may get, in bytes.
const PATTERN_SIZE: usize = 1 << 20;
/// The name under which a schema is looked up that is known to be well-formed.
const SCHEMA: &str = "urn:mcp-server:schema";

/// A schema that can say yes or no, in time linear in the value for patterns and memoised through `$ref`.
///
/// It is never asked why: collecting reasons takes time exponential in the depth of a value where alternatives refer
/// to themselves, and memory many times a long array.
#[derive(Debug)]
pub(crate) struct Judge(Validator);

impl Judge {
    /// Compiles a schema in its declared dialect, 2020-12 without one (basic, JSON Schema Usage).
    ///
    /// # Errors
    /// What is wrong with the schema and where; a `$ref` that leads out of it is never followed.
    pub(crate) fn compile(schema: &Value) -> Result<Self, SchemaFault> {
        if let Some(validator) = plain(schema) {
            return Ok(Self(validator));
        }
        options().build(schema).map(Self).map_err(|error| fault(&error))
    }

    /// Whether a value fits.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }
}

fn options<'a>() -> ValidationOptions<'a> {
    jsonschema::options()
        .offline()
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_SIZE))
        .should_validate_formats(true)
}

/// A schema that is plainly well-formed, without the meta-schema of its dialect, whose validator takes milliseconds to
/// make. `None` for any other, and where it cannot be compiled: then the meta-schema says best what is wrong.
///
/// Only what refers to the schema is validated, in the dialect with the smallest meta-schema. What is referred to keeps
/// the rules of its own.
fn plain(schema: &Value) -> Option<Validator> {
    if !is_plain(schema) {
        return None;
    }
    let draft = Draft::Draft202012;
    let registry = Registry::new().draft(draft).add(SCHEMA, draft.create_resource_ref(schema)).ok()?.prepare().ok()?;
    options().with_draft(Draft::Draft4).with_registry(&registry).build(&json!({ "$ref": SCHEMA })).ok()
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

    /// Without its meta-schema, a schema means what it means with it.
    #[test]
    fn what_a_plain_schema_accepts_does_not_depend_on_how_it_was_compiled() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 2, "pattern": "^[a-z]+$" },
                "when": { "type": ["string", "null"], "format": "date-time" },
                "tree": { "$ref": "#/$defs/Tree", "maxProperties": 1 },
                "pair": { "prefixItems": [{ "type": "string" }, { "type": "integer" }], "items": false },
            },
            "required": ["name"],
            "dependentRequired": { "when": ["pair"] },
            "unevaluatedProperties": false,
            "$defs": { "Tree": { "properties": { "next": { "$ref": "#/$defs/Tree" } }, "additionalProperties": false } },
        });
        let (quick, full) = (Judge(plain(&schema).unwrap()), options().build(&schema).unwrap());
        for (value, accepted) in [
            (json!({ "name": "ada" }), true),
            (json!({ "name": "A" }), false),
            (json!({ "name": "ada", "other": 1 }), false),
            (json!({ "name": "ada", "when": "2026-12-01T10:00:00Z", "pair": ["a", 1] }), true),
            (json!({ "name": "ada", "when": "yesterday", "pair": ["a", 1] }), false),
            (json!({ "name": "ada", "when": null }), false),
            (json!({ "name": "ada", "pair": ["a", 1, 2] }), false),
            (json!({ "name": "ada", "tree": { "next": { "next": {} } } }), true),
            (json!({ "name": "ada", "tree": { "next": { "last": {} } } }), false),
            (json!([]), false),
        ] {
            assert_eq!((quick.accepts(&value), full.is_valid(&value)), (accepted, accepted), "{value}");
        }
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
