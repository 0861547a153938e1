//! The portable form: the same rules in the words that every client and every host knows.
//!
//! Hosts differ in what they refuse: boolean schemas, several types at once, `oneOf`, `const`, tuples. Each of these has
//! another spelling that all of them read, and this is where it is chosen.

use serde_json::{Map, Value, json};

use super::nullable;
use super::numbers;
use super::options;
use super::parts;
use super::side::Side;

/// Rewrites a schema, outermost last.
///
/// A schema that names its dialect with `$schema` was written by hand and stays as its author wrote it.
pub(super) fn settle(schema: &mut Value, side: Side) {
    if let Value::Bool(all) = schema {
        *schema = if *all { json!({}) } else { json!({ "not": {} }) };
        return;
    }
    let Value::Object(members) = schema else { return };
    if members.contains_key("$schema") {
        return;
    }
    parts::each(members, |keyword, part| {
        // Here `false` is a rule that hosts know, and not a schema.
        let is_rule =
            matches!(keyword, "additionalProperties" | "unevaluatedProperties" | "items" | "unevaluatedItems");
        if !(is_rule && *part == Value::Bool(false)) {
            settle(part, side);
        }
    });
    numbers::bound(members, side);
    options::collect(members);
    lists(members);
    if side == Side::Input {
        nullable::without_null_where_optional(members);
    }
    nullable::one_type(members);
}

/// Says what the items of an array are, for a tuple too: many readers know nothing but `items`.
fn lists(members: &mut Map<String, Value>) {
    if parts::type_of(members) != Some("array") && !members.contains_key("prefixItems") {
        return;
    }
    let Some(Value::Array(places)) = members.get("prefixItems") else {
        members.entry("items").or_insert_with(|| json!({}));
        return;
    };
    let (length, mut kinds) = (places.len(), Vec::new());
    for place in places {
        if !kinds.contains(place) {
            kinds.push(place.clone());
        }
    }
    let closed = matches!(members.get("items"), Some(Value::Bool(false)))
        || members.get("maxItems").and_then(Value::as_u64) == u64::try_from(length).ok();
    if !closed {
        members.entry("items").or_insert_with(|| json!({}));
        return;
    }
    members.insert("maxItems".to_owned(), length.into());
    if kinds.len() == 1 && members.get("minItems").and_then(Value::as_u64) == u64::try_from(length).ok() {
        members.shift_remove("prefixItems");
    }
    let items = if kinds.len() == 1 { kinds.remove(0) } else { json!({ "anyOf": kinds }) };
    members.insert("items".to_owned(), items);
}

#[cfg(test)]
mod tests;
