//! `null`: where a member may be left out it is not published, and where it means something it stands as a branch.

use serde_json::{Map, Value, json};

use super::description::describe;

/// Marks a member of which the decoder tells `null` and absence apart; it never leaves the crate.
pub(super) const KEPT: &str = "x-null-is-kept";

/// Takes `null` out of every member that may be left out: a client leaves it out.
///
/// A client that sends `null` all the same is understood, since `null` for what may be left out is dropped before the
/// schema is asked.
pub(super) fn without_null_where_optional(members: &mut Map<String, Value>) {
    let required: Vec<String> = members
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    let Some(Value::Object(properties)) = members.get_mut("properties") else { return };
    for (name, property) in properties {
        let kept = property.as_object_mut().and_then(|members| members.shift_remove(KEPT)).is_some();
        if !kept && !required.contains(name) {
            without_null(property);
        }
    }
}

/// Takes `null` out of what a schema allows, unless it allows nothing else.
pub(super) fn without_null(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if members.get("default").is_some_and(Value::is_null) {
        members.shift_remove("default");
    }
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(options)) = members.get_mut("enum") {
        options.retain(|option| !option.is_null());
    }
    let Some(Value::Array(branches)) = members.get_mut("anyOf") else { return };
    if branches.iter().all(is_null) {
        return;
    }
    branches.retain(|branch| !is_null(branch));
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        members.shift_remove("anyOf");
        inline(members, only);
    }
}

/// Puts the members of the only branch into the schema itself.
fn inline(members: &mut Map<String, Value>, branch: Map<String, Value>) {
    for (keyword, value) in branch {
        match (keyword.as_str(), value) {
            // What a type says of itself gives way to what is said of it here; what its options mean does not.
            ("description", Value::String(text)) => match (members.contains_key("description"), text.find("- `")) {
                (false, _) => {
                    members.insert(keyword, text.into());
                }
                (true, Some(at)) => describe(members, text.get(at..).unwrap_or_default()),
                (true, None) => {}
            },
            (_, value) => {
                members.entry(keyword).or_insert(value);
            }
        }
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

/// Whether a schema allows `null`.
pub(super) fn allows_null(members: &Map<String, Value>) -> bool {
    let by_type = match members.get("type") {
        Some(Value::String(name)) => name == "null",
        Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
        _ => false,
    };
    by_type || members.get("anyOf").and_then(Value::as_array).is_some_and(|branches| branches.iter().any(is_null))
}

/// Keywords that say something of one type alone.
const STRING: &[&str] = &["minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"];
const NUMBER: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const ARRAY: &[&str] = &["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"];
const OBJECT: &[&str] = &[
    "properties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
];

/// Writes several types at once as branches of one type each.
pub(super) fn one_type(members: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = members.get("type") else { return };
    if members.contains_key("anyOf") {
        return;
    }
    let types: Vec<String> = types.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    members.shift_remove("type");
    let options = members.shift_remove("enum");
    let mut branches = Vec::with_capacity(types.len());
    for name in &types {
        let mut branch = Map::new();
        branch.insert("type".to_owned(), name.as_str().into());
        let own = match name.as_str() {
            "string" => STRING,
            "integer" | "number" => NUMBER,
            "array" => ARRAY,
            "object" => OBJECT,
            _ => &[],
        };
        for keyword in own {
            if let Some(value) = members.get(*keyword) {
                branch.insert((*keyword).to_owned(), value.clone());
            }
        }
        if let Some(Value::Array(options)) = &options {
            let own: Vec<&Value> = options.iter().filter(|option| is_of(option, name)).collect();
            if own.is_empty() {
                continue;
            }
            if name != "null" {
                branch.insert("enum".to_owned(), json!(own));
            }
        }
        branches.push(Value::Object(branch));
    }
    for keyword in [STRING, NUMBER, ARRAY, OBJECT].concat() {
        members.shift_remove(keyword);
    }
    match branches.as_slice() {
        [Value::Object(only)] => {
            let only = only.clone();
            inline(members, only);
        }
        _ => {
            members.insert("anyOf".to_owned(), branches.into());
        }
    }
}

fn is_of(value: &Value, type_: &str) -> bool {
    match value {
        Value::Null => type_ == "null",
        Value::Bool(_) => type_ == "boolean",
        Value::Number(number) => type_ == "number" || (type_ == "integer" && !number.is_f64()),
        Value::String(_) => type_ == "string",
        Value::Array(_) => type_ == "array",
        Value::Object(_) => type_ == "object",
    }
}
