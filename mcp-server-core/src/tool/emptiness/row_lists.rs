//! The members of an output schema that are lists of rows: their items are objects.

use serde_json::{Map, Value};

use super::names;

/// How many levels below the root are searched, and how many references are followed.
const DEPTH: usize = 4;

/// The names of the members whose items are objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowLists(Box<[Box<str>]>);

impl RowLists {
    /// Reads the names from an output schema.
    pub(crate) fn of(schema: &Value) -> Self {
        let mut names = Vec::new();
        search(schema, schema, DEPTH, &mut names);
        Self(names.into_boxed_slice())
    }

    /// Returns whether a list under this name holds rows.
    pub(super) fn contains(&self, name: &str) -> bool {
        !names::is_faults(name) && (names::is_rows(name) || self.0.iter().any(|known| **known == *name))
    }
}

fn search(root: &Value, schema: &Value, depth: usize, names: &mut Vec<Box<str>>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for part in alternatives(root, schema, DEPTH) {
        let properties = part.get("properties").and_then(Value::as_object);
        for (name, member) in properties.into_iter().flatten() {
            if holds_objects(root, member) && !names.iter().any(|known| **known == **name) {
                names.push(name.as_str().into());
            }
            search(root, member, depth, names);
        }
    }
}

/// Returns whether a schema is that of a list of objects.
fn holds_objects(root: &Value, schema: &Value) -> bool {
    let items = alternatives(root, schema, DEPTH).into_iter().filter_map(|part| part.get("items"));
    let mut parts = items.flat_map(|items| alternatives(root, items, DEPTH));
    parts.any(|part| part.contains_key("properties"))
}

/// The objects that a schema consists of: itself, what it refers to, and its alternatives.
fn alternatives<'a>(root: &'a Value, schema: &'a Value, depth: usize) -> Vec<&'a Map<String, Value>> {
    let (Some(members), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else { return Vec::new() };
    let mut parts = vec![members];
    let target = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    if let Some(target) = target.and_then(|target| root.pointer(target)) {
        parts.extend(alternatives(root, target, depth));
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        let branches = members.get(choice).and_then(Value::as_array).into_iter().flatten();
        parts.extend(branches.flat_map(|branch| alternatives(root, branch, depth)));
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_objects_are_rows_and_lists_of_texts_and_of_faults_are_not() {
        let object = json!({ "type": "object", "properties": { "a": {} } });
        let lists = RowLists::of(&json!({
            "properties": {
                "films": { "type": "array", "items": { "$ref": "#/$defs/Film" } },
                "tags": { "type": "array", "items": { "type": "string" } },
                "errors": { "type": "array", "items": object },
                "inner": { "properties": { "shops": { "anyOf": [{ "items": object }, { "type": "null" }] } } },
            },
            "$defs": { "Film": object },
        }));
        assert!(lists.contains("films") && lists.contains("shops") && lists.contains("items"));
        assert!(!lists.contains("tags") && !lists.contains("errors") && !lists.contains("inner"));
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let node = json!({ "properties": { "children": { "items": { "$ref": "#" } } }, "anyOf": [{ "$ref": "#" }] });
        assert!(RowLists::of(&node).contains("children"));
    }
}
