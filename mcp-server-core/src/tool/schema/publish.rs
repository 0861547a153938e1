//! What is shown of a schema. It never asks for more than what is enforced, and may ask for less: a keyword that some
//! host refuses is enforced all the same, and said in the description instead.

use serde_json::{Map, Value, json};

use super::description::describe;
use super::numbers::is_extreme;
use super::parts;
use super::side::Side;

/// How much of the schemas is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Publishing {
    /// Whether `additionalProperties: false` is shown where it holds.
    pub(crate) additional_properties: bool,
}

impl Default for Publishing {
    fn default() -> Self {
        Self { additional_properties: true }
    }
}

/// Keywords that a known host refuses with the whole request, and that no sentence replaces.
const HIDDEN: [&str; 11] = [
    "unevaluatedProperties",
    "unevaluatedItems",
    "if",
    "then",
    "else",
    "not",
    "dependentSchemas",
    "dependentRequired",
    "propertyNames",
    "prefixItems",
    "contains",
];

/// What is shown of an enforced schema. One that names its dialect was written by hand and is shown as it is.
pub(crate) fn published(enforced: &Value, side: Side, publishing: Publishing) -> Value {
    let mut schema = enforced.clone();
    if schema.get("$schema").is_some() {
        return schema;
    }
    show(&mut schema, publishing);
    if let Some(members) = schema.as_object_mut() {
        if side == Side::Input {
            one_form(members, publishing);
        }
        if parts::type_of(members) == Some("object") {
            members.entry("properties").or_insert_with(|| json!({}));
        }
    }
    schema
}

fn show(schema: &mut Value, publishing: Publishing) {
    let Value::Object(members) = schema else { return };
    places(members);
    parts::each(members, |_, part| show(part, publishing));
    numbers(members);
    texts(members);
    keys(members, publishing);
    for keyword in HIDDEN {
        members.shift_remove(keyword);
    }
    if members.shift_remove("uniqueItems").is_some_and(|unique| unique == true) {
        describe(members, "No item stands twice.");
    }
    if parts::type_of(members) == Some("object") && !members.contains_key("anyOf") && !members.contains_key("allOf") {
        members.entry("properties").or_insert_with(|| json!({}));
    }
}

/// Says the order of a tuple, which `items` alone does not.
fn places(members: &mut Map<String, Value>) {
    let Some(Value::Array(places)) = members.get("prefixItems") else { return };
    let name = |place: &Value| place.get("type").and_then(Value::as_str).unwrap_or("value").to_owned();
    let names: Vec<String> = places.iter().map(name).collect();
    describe(members, &format!("In this order: {}.", names.join(", ")));
}

fn numbers(members: &mut Map<String, Value>) {
    for keyword in ["minimum", "maximum"] {
        if members.get(keyword).is_some_and(is_extreme) {
            members.shift_remove(keyword);
        }
    }
    for (exclusive, inclusive, word) in
        [("exclusiveMinimum", "minimum", "More than"), ("exclusiveMaximum", "maximum", "Less than")]
    {
        if let Some(bound) = members.shift_remove(exclusive) {
            describe(members, &format!("{word} {bound}."));
            members.entry(inclusive).or_insert(bound);
        }
    }
    if let Some(step) = members.shift_remove("multipleOf") {
        describe(members, &format!("A multiple of {step}."));
    }
    let Some(Value::Array(options)) = members.get("enum") else { return };
    if options.iter().all(Value::is_string) {
        return;
    }
    let words: Vec<String> = options.iter().map(ToString::to_string).collect();
    members.shift_remove("enum");
    describe(members, &format!("One of {}.", words.join(", ")));
}

/// `date-time` is the only format that every host takes.
fn texts(members: &mut Map<String, Value>) {
    let Some(format) = members.get("format").and_then(Value::as_str).filter(|format| *format != "date-time") else {
        return;
    };
    let text = match example(format) {
        Some(example) => format!("Format: {format}, such as {example}."),
        None => format!("Format: {format}."),
    };
    members.shift_remove("format");
    describe(members, &text);
}

/// What a format looks like: names do not say enough.
pub(crate) fn example(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "2026-11-21T10:00:00Z",
        "partial-date-time" => "2026-11-21T10:00:00",
        "date" => "2026-11-21",
        "time" => "10:00:00Z",
        "partial-time" => "10:00:00",
        "duration" => "PT1H30M",
        "email" => "name@example.com",
        "hostname" => "www.example.com",
        "ipv4" | "ip" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "iri" => "https://example.com/path",
        "uri-reference" | "iri-reference" => "/path?query",
        "uri-template" => "https://example.com/{id}",
        "uuid" => "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
        "json-pointer" => "/a/0",
        "regex" => "^[a-z]+$",
        _ => return None,
    })
}

/// Shows a map whose keys have a pattern as one that takes any key, and says what its keys are.
fn keys(members: &mut Map<String, Value>, publishing: Publishing) {
    if let Some(Value::Object(patterns)) = members.shift_remove("patternProperties") {
        let mut values: Vec<Value> = Vec::new();
        for value in patterns.values() {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        let names: Vec<String> = patterns.keys().map(|pattern| format!("`{pattern}`")).collect();
        describe(members, &format!("Keys match {}.", names.join(" or ")));
        if members.get("additionalProperties").is_none_or(|others| *others == Value::Bool(false)) {
            let value = if values.len() == 1 { values.remove(0) } else { json!({ "anyOf": values }) };
            members.insert("additionalProperties".to_owned(), value);
        }
    }
    if !publishing.additional_properties && members.get("additionalProperties") == Some(&Value::Bool(false)) {
        members.shift_remove("additionalProperties");
    }
}

/// Shows the root of an input schema as one plain object: hosts drop a tool, or all of them, for alternatives there.
///
/// Every member that some alternative knows is shown, as optional unless all of them need it.
fn one_form(root: &mut Map<String, Value>, publishing: Publishing) {
    let mut forms: Vec<Vec<Map<String, Value>>> = Vec::new();
    let definitions = Value::Object(root.clone());
    if let Some(target) = root.shift_remove("$ref") {
        forms.push(resolve(&json!({ "$ref": target }), &definitions));
    }
    if let Some(Value::Array(branches)) = root.shift_remove("anyOf") {
        forms.push(branches.iter().flat_map(|branch| resolve(branch, &definitions)).collect());
    }
    if let Some(Value::Array(parts)) = root.shift_remove("allOf") {
        for part in parts {
            match part.get("anyOf").and_then(Value::as_array) {
                Some(branches) => {
                    forms.push(branches.iter().flat_map(|branch| resolve(branch, &definitions)).collect());
                }
                None => forms.push(resolve(&part, &definitions)),
            }
        }
    }
    if forms.is_empty() {
        return;
    }
    let mut properties = match root.shift_remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    let mut required: Vec<Value> = root.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut texts = Vec::new();
    let mut closed = true;
    for alternatives in &forms {
        let mut always: Option<Vec<Value>> = None;
        for form in alternatives {
            let own: Vec<Value> = form.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            closed &= form.get("additionalProperties").is_none_or(|others| *others == Value::Bool(false));
            if alternatives.len() > 1 {
                texts.extend(sentence(form, &own));
            }
            for (name, property) in form.get("properties").and_then(Value::as_object).into_iter().flatten() {
                join(&mut properties, name, property);
            }
            always = Some(match always {
                None => own,
                Some(names) => names.into_iter().filter(|name| own.contains(name)).collect(),
            });
        }
        required.extend(always.unwrap_or_default());
    }
    required.dedup();
    root.insert("type".to_owned(), "object".into());
    root.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        root.insert("required".to_owned(), required.into());
    }
    if closed && publishing.additional_properties {
        root.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    if !texts.is_empty() {
        describe(root, &format!("One of these forms: {}.", texts.join("; ")));
    }
}

/// A schema with what it refers to and its alternatives taken apart.
fn resolve(schema: &Value, root: &Value) -> Vec<Map<String, Value>> {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    let schema = target.and_then(|target| root.pointer(target)).unwrap_or(schema);
    let Some(members) = schema.as_object() else { return Vec::new() };
    match members.get("anyOf").and_then(Value::as_array) {
        Some(branches) => branches.iter().filter_map(Value::as_object).cloned().collect(),
        None => vec![members.clone()],
    }
}

/// What an alternative needs, in words.
fn sentence(form: &Map<String, Value>, required: &[Value]) -> Option<String> {
    let properties = form.get("properties").and_then(Value::as_object)?;
    let tag = |name: &str| {
        let options = properties.get(name)?.get("enum")?.as_array()?;
        let [only] = options.as_slice() else { return None };
        Some(format!("`{name}` is {only}"))
    };
    let words: Vec<String> = required
        .iter()
        .filter_map(Value::as_str)
        .map(|name| tag(name).unwrap_or_else(|| format!("`{name}`")))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn join(properties: &mut Map<String, Value>, name: &str, property: &Value) {
    let Some(known) = properties.get_mut(name) else {
        properties.insert(name.to_owned(), property.clone());
        return;
    };
    if known == property {
        return;
    }
    let options = |schema: &Value| {
        let is_plain = schema.as_object().is_some_and(|members| {
            members.keys().all(|keyword| matches!(keyword.as_str(), "type" | "enum" | "description"))
        });
        schema.get("enum").and_then(Value::as_array).filter(|_| is_plain).cloned()
    };
    if let (Some(mut all), Some(more)) = (options(known), options(property)) {
        for option in more {
            if !all.contains(&option) {
                all.push(option);
            }
        }
        if let Some(members) = known.as_object_mut() {
            members.insert("enum".to_owned(), all.into());
            if let Some(text) = property.get("description").and_then(Value::as_str) {
                describe(members, text);
            }
        }
        return;
    }
    match known.get_mut("anyOf").and_then(Value::as_array_mut) {
        Some(branches) => {
            if !branches.contains(property) {
                branches.push(property.clone());
            }
        }
        None => *known = json!({ "anyOf": [known.take(), property] }),
    }
}
