//! Samples: values that a schema admits, to ask a decoder about.

use serde_json::{Map, Value, json};

use super::publish::example;

/// How deep a schema that refers to itself is followed.
const MOST_DEPTH: usize = 6;

/// A value that a settled schema admits, with every member it may have; of alternatives, the one of this number.
pub(super) fn sample(root: &Value, turn: usize) -> Value {
    of(root, root, turn, 0)
}

fn of(schema: &Value, root: &Value, turn: usize, depth: usize) -> Value {
    let Some(members) = schema.as_object() else { return json!({}) };
    if depth > MOST_DEPTH * 4 {
        return Value::Null;
    }
    if let Some(target) = members.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#')) {
        return root.pointer(target).map_or(Value::Null, |schema| of(schema, root, turn, depth + 1));
    }
    if let Some(options) = members.get("enum").and_then(Value::as_array).filter(|options| !options.is_empty()) {
        return options.get(turn % options.len()).cloned().unwrap_or_default();
    }
    let mut value = match members.get("type").and_then(Value::as_str) {
        Some("string") => text(members),
        Some("integer") => integer(members),
        Some("number") => json!(within(members, 1.5)),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => list(members, root, turn, depth),
        Some("object") => Value::Object(object(members, root, turn, depth)),
        _ if members.contains_key("properties") => Value::Object(object(members, root, turn, depth)),
        _ if members.contains_key("anyOf") || members.contains_key("allOf") => Value::Null,
        _ => json!("any"),
    };
    let branches = |keyword: &str| members.get(keyword).and_then(Value::as_array).into_iter().flatten();
    let choices: Vec<&Value> =
        branches("anyOf").filter(|branch| branch.get("type").and_then(Value::as_str) != Some("null")).collect();
    // What is deep ends with a branch that leads no deeper.
    let flat = choices.iter().find(|branch| depth > MOST_DEPTH && !branch.to_string().contains("$ref")).copied();
    let chosen = flat.or_else(|| choices.get(turn % choices.len().max(1)).copied());
    for part in branches("allOf").chain(chosen) {
        let more = of(part, root, turn, depth);
        match (&mut value, more) {
            (Value::Object(members), Value::Object(more)) => members.extend(more),
            (value, more) if value.is_null() => *value = more,
            _ => {}
        }
    }
    value
}

#[expect(clippy::cast_possible_truncation, reason = "a bound beyond 64 bits is cut to one that fits")]
fn integer(members: &Map<String, Value>) -> Value {
    json!(within(members, 1.0).round() as i64)
}

fn number(members: &Map<String, Value>, keyword: &str) -> Option<f64> {
    members.get(keyword).and_then(Value::as_f64)
}

fn within(members: &Map<String, Value>, wanted: f64) -> f64 {
    let least = number(members, "minimum").or_else(|| number(members, "exclusiveMinimum").map(|bound| bound + 1.0));
    let most = number(members, "maximum").or_else(|| number(members, "exclusiveMaximum").map(|bound| bound - 1.0));
    let value = least.map_or(wanted, |least| wanted.max(least));
    most.map_or(value, |most| value.min(most))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no text has a length of 2^53")]
fn text(members: &Map<String, Value>) -> Value {
    if let Some(example) = members.get("format").and_then(Value::as_str).and_then(example) {
        return example.into();
    }
    "a".repeat(number(members, "minLength").unwrap_or(1.0).clamp(1.0, 1024.0) as usize).into()
}

fn list(members: &Map<String, Value>, root: &Value, turn: usize, depth: usize) -> Value {
    if let Some(places) = members.get("prefixItems").and_then(Value::as_array) {
        return places.iter().map(|place| of(place, root, turn, depth + 1)).collect();
    }
    let least = members.get("minItems").and_then(Value::as_u64).unwrap_or(0).min(64);
    if depth > MOST_DEPTH && least == 0 {
        return json!([]);
    }
    let item = members.get("items").map_or(json!("any"), |items| of(items, root, turn, depth + 1));
    (0..least.max(1)).map(|_| item.clone()).collect()
}

fn object(members: &Map<String, Value>, root: &Value, turn: usize, depth: usize) -> Map<String, Value> {
    let required = members.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|needed| needed == name));
    let mut value = Map::new();
    for (name, property) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if depth <= MOST_DEPTH || is_required(name) {
            value.insert(name.clone(), of(property, root, turn, depth + 1));
        }
    }
    let patterns = members.get("patternProperties").and_then(Value::as_object);
    let others = members.get("additionalProperties").filter(|others| others.is_object());
    if let Some(schema) = patterns.and_then(|patterns| patterns.values().next()).or(others)
        && depth <= MOST_DEPTH
    {
        value.insert("1".to_owned(), of(schema, root, turn, depth + 1));
    }
    value
}
