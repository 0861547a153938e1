//! Parts: the schemas inside a schema, so that what only looks like a keyword is left alone.

use serde_json::{Map, Value};

/// Keywords whose value is one schema.
const ONE: [&str; 11] = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is a map of schemas.
const MAP: [&str; 5] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// Calls `visit` with every schema that stands right inside another.
pub(super) fn each(members: &mut Map<String, Value>, mut visit: impl FnMut(&str, &mut Value)) {
    for (keyword, value) in members {
        let keyword = keyword.as_str();
        match value {
            Value::Object(schemas) if MAP.contains(&keyword) => {
                for schema in schemas.values_mut() {
                    visit(keyword, schema);
                }
            }
            Value::Array(schemas) if LIST.contains(&keyword) => {
                for schema in schemas {
                    visit(keyword, schema);
                }
            }
            schema if ONE.contains(&keyword) => visit(keyword, schema),
            _ => {}
        }
    }
}

/// Calls `visit` with the members of a schema and of every schema inside it, outermost first.
pub(super) fn all(schema: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Value::Object(members) = schema else { return };
    visit(members);
    each(members, |_, schema| all(schema, visit));
}

/// The one type that a schema allows, if it says one.
pub(super) fn type_of(members: &Map<String, Value>) -> Option<&str> {
    members.get("type").and_then(Value::as_str)
}
