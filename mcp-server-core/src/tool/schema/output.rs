//! The output schema of a return type: made portable, and wrapped for those who need an object.

use serde_json::{Map, Value, json};

use super::gather::gather;
use super::portable::settle;
use super::side::Side;

/// The member that holds a result which is no object, where a result has to be one.
pub(crate) const WRAPPED: &str = "result";

/// What is promised of a structured result.
#[derive(Clone, Debug)]
pub(crate) struct OutputForm {
    /// The schema that results are held against.
    pub(crate) enforced: Value,
    /// Whether every value that fits is an object. Before 2026-07-28 a structured result has to be one, so that schema
    /// and value are wrapped there if not, both by this one answer.
    pub(crate) is_object: bool,
}

impl OutputForm {
    /// Makes the schema of a return type portable.
    pub(crate) fn new(mut schema: Value) -> Self {
        settle(&mut schema, Side::Output);
        gather(&mut schema);
        let is_object = only_objects(&schema, &schema, 0);
        if is_object && let Some(members) = schema.as_object_mut() {
            // Clients of 2025 want to read it at the root.
            let mut root = Map::new();
            root.insert("type".to_owned(), "object".into());
            members.shift_remove("type");
            root.append(members);
            *members = root;
        }
        Self { enforced: schema, is_object }
    }
}

/// A schema under which the whole result stands in one member; its definitions move to the new root.
pub(crate) fn wrapped(schema: &Value) -> Value {
    let mut outer = json!({ "type": "object", "properties": { WRAPPED: schema }, "required": [WRAPPED] });
    gather(&mut outer);
    outer
}

/// Whether a schema takes objects and nothing else.
fn only_objects(schema: &Value, root: &Value, depth: usize) -> bool {
    const MOST_DEPTH: usize = 16;
    let Some(members) = schema.as_object().filter(|_| depth < MOST_DEPTH) else { return false };
    if let Some(type_) = members.get("type") {
        return type_ == "object";
    }
    let all = |branches: &Vec<Value>| {
        !branches.is_empty() && branches.iter().all(|branch| only_objects(branch, root, depth + 1))
    };
    let any = |branches: &Vec<Value>| branches.iter().any(|branch| only_objects(branch, root, depth + 1));
    let target = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    ["anyOf", "oneOf"].iter().any(|keyword| members.get(*keyword).and_then(Value::as_array).is_some_and(all))
        || members.get("allOf").and_then(Value::as_array).is_some_and(any)
        || target.and_then(|target| root.pointer(target)).is_some_and(|target| only_objects(target, root, depth + 1))
}
