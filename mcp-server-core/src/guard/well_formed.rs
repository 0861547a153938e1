//! Which schemas are plainly well-formed: each keyword that has a meaning has a value of the right kind.
//!
//! The schemas of most tools are. They need not be held against the meta-schema of JSON Schema 2020-12, whose validator
//! takes longer to make than everything else that a server does before its first answer.

use serde_json::{Map, Value};

/// How deep a schema may nest here. A deeper one is held against the meta-schema.
const DEPTH: usize = 64;

/// The dialect that a schema may name.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Whether a schema is a well-formed one of JSON Schema 2020-12 and uses none of the rare keywords. `false` says only
/// that somebody has to look more closely.
pub(super) fn is_plain(schema: &Value) -> bool {
    is_schema(schema, DEPTH)
}

fn is_schema(schema: &Value, depth: usize) -> bool {
    match schema {
        Value::Bool(_) => true,
        Value::Object(members) => {
            depth > 0 && members.iter().all(|(keyword, value)| is_member(keyword, value, depth - 1))
        }
        _ => false,
    }
}

fn is_member(keyword: &str, value: &Value, depth: usize) -> bool {
    match keyword {
        "$schema" => depth + 1 == DEPTH && value.as_str() == Some(DIALECT),
        "$ref" => value.as_str().is_some_and(|target| target.starts_with('#')),
        "title" | "description" | "format" | "contentEncoding" | "contentMediaType" | "$comment" => value.is_string(),
        "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" => value.is_boolean(),
        "type" => is_type(value),
        "enum" | "examples" => value.is_array(),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "multipleOf" => value.as_f64().is_some_and(|step| step > 0.0),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" | "minContains"
        | "maxContains" => value.is_u64(),
        "required" => is_names(value),
        "pattern" => value.as_str().is_some_and(is_pattern),
        "items"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "additionalProperties"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => is_schema(value, depth),
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|one| is_schema(one, depth)))
        }
        "properties" | "$defs" | "definitions" | "dependentSchemas" => {
            value.as_object().is_some_and(|all| are_schemas(all, depth))
        }
        "patternProperties" => value
            .as_object()
            .is_some_and(|all| all.keys().all(|pattern| is_pattern(pattern)) && are_schemas(all, depth)),
        "dependentRequired" => value.as_object().is_some_and(|all| all.values().all(is_names)),
        // Whatever else begins so changes how a schema is read. Other words mean nothing to a validator.
        _ => !keyword.starts_with('$') && keyword != "dependencies" && keyword != "id",
    }
}

fn are_schemas(all: &Map<String, Value>, depth: usize) -> bool {
    all.values().all(|one| is_schema(one, depth))
}

fn is_type(value: &Value) -> bool {
    let is_one = |name: &Value| {
        name.as_str().is_some_and(|name| {
            matches!(name, "array" | "boolean" | "integer" | "null" | "number" | "object" | "string")
        })
    };
    match value {
        Value::Array(names) => !names.is_empty() && names.iter().all(is_one) && are_distinct(names),
        name => is_one(name),
    }
}

fn is_names(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string) && are_distinct(names))
}

fn are_distinct(values: &[Value]) -> bool {
    values.iter().enumerate().all(|(at, value)| !values.get(at + 1..).unwrap_or_default().contains(value))
}

/// Whether a pattern means the same in ECMA-262 and here, as far as a glance tells.
fn is_pattern(pattern: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => match rest.next() {
                Some(escaped) if escaped.is_ascii_punctuation() || "dDwWsSbBnrtfv".contains(escaped) => {}
                _ => return false,
            },
            '(' if rest.as_str().starts_with('?') && !rest.as_str().starts_with("?:") => return false,
            _ => {}
        }
    }
    !["[[", "&&", "--", "~~"].iter().any(|set| pattern.contains(set))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schemas_that_tools_have_are_plain() {
        for schema in [
            json!(true),
            json!({}),
            json!({ "$schema": DIALECT, "type": "object", "properties": {}, "additionalProperties": false }),
            json!({ "type": ["string", "null"], "minLength": 1, "pattern": "^[a-z]+(?:-[a-z]+)*\\.\\d$", "x-secret": 1 }),
            json!({ "$defs": { "Node": { "properties": { "next": { "$ref": "#/$defs/Node" } } } }, "$ref": "#/$defs/Node" }),
            json!({ "oneOf": [{ "const": { "$id": 7 } }, { "enum": [] }], "default": { "$id": 7 } }),
        ] {
            assert!(is_plain(&schema), "{schema}");
        }
    }

    #[test]
    fn whatever_is_broken_or_rare_is_looked_at_more_closely() {
        let mut deep = json!({});
        for _ in 0..=DEPTH {
            deep = json!({ "items": deep });
        }
        for schema in [
            json!(7),
            json!({ "type": "text" }),
            json!({ "type": [] }),
            json!({ "type": ["string", "string"] }),
            json!({ "minLength": -1 }),
            json!({ "minLength": 1.5 }),
            json!({ "multipleOf": 0 }),
            json!({ "required": "name" }),
            json!({ "required": ["a", "a"] }),
            json!({ "properties": [] }),
            json!({ "properties": { "a": { "items": [] } } }),
            json!({ "anyOf": [] }),
            json!({ "enum": "a" }),
            json!({ "$ref": "other.json" }),
            json!({ "items": { "$schema": DIALECT } }),
            json!({ "$schema": "http://json-schema.org/draft-07/schema#" }),
            json!({ "$dynamicRef": "#a" }),
            json!({ "properties": { "a": { "$id": "a" } } }),
            json!({ "dependencies": { "a": ["b"] } }),
            json!({ "pattern": "(?i)a" }),
            json!({ "pattern": "\\p{L}" }),
            json!({ "pattern": "[a-z&&[^b]]" }),
            json!({ "pattern": "a\\" }),
            deep,
        ] {
            assert!(!is_plain(&schema), "{schema}");
        }
    }
}
