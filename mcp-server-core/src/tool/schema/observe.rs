//! Observation: what a decoder does that its schema does not say, found by decoding samples.
//!
//! schemars writes down what a type declares; serde does what it does. Where the two part, the schema is corrected, or
//! the author is told at start.

use std::cell::RefCell;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::gather::gather;
use super::nullable::KEPT;
use super::portable::settle;
use super::sample::sample;
use super::side::Side;
use super::tracer::{Log, Tracer};
use crate::tool::decode::repaired;
use crate::tool::decoder_note::DecoderNote;

/// How many samples are decoded, each with other alternatives.
const MOST_TURNS: usize = 12;
/// How many members are tried with a wrong value.
const MOST_PROBES: usize = 128;
/// How many members of a sample are given another value so that it decodes.
const MOST_REPAIRS: usize = 6;

const ALIAS: &str = "publish it as a field of its own, or remove the alias";
const OTHER: &str = "take a text instead of the enum, or remove `#[serde(other)]`";
const DROPPED: &str =
    "flatten a struct whose own fields are optional instead of an `Option`, or decode the field strictly";

/// Decodes samples of a derived schema, corrects it where the decoder says more, and returns what is left to be said.
pub(crate) fn observe<T: DeserializeOwned>(schema: &mut Value) -> Vec<DecoderNote> {
    let mut settled = schema.clone();
    settle(&mut settled, Side::Input);
    gather(&mut settled);
    if settled.get("$schema").is_some() {
        return Vec::new();
    }
    let mut notes = Vec::new();
    let mut tried: Vec<Value> = Vec::new();
    for turn in 0..MOST_TURNS {
        let value = sample(&settled, turn);
        if tried.contains(&value) {
            continue;
        }
        tried.push(value.clone());
        let value = decodable::<T>(value);
        let log = RefCell::new(Log::default());
        let decodes = T::deserialize(Tracer::new(&value, &log)).is_ok();
        learn(schema, &settled, &log.into_inner(), &mut notes);
        if decodes {
            probe::<T>(&settled, &value, &mut notes);
        }
    }
    notes
}

/// A sample with what the decoder refuses replaced, as far as something is found that it takes.
fn decodable<T: DeserializeOwned>(mut value: Value) -> Value {
    for _ in 0..MOST_REPAIRS {
        match repaired::<T>(&value) {
            Some(better) => value = better,
            None => return value,
        }
    }
    value
}

fn add(notes: &mut Vec<DecoderNote>, pointer: &str, what: String, remedy: &'static str) {
    // Places in lists and maps are one place.
    let note = DecoderNote { pointer: pointer.to_owned(), what, remedy };
    if !notes.iter().any(|known| known.what == note.what && known.pointer == note.pointer) {
        notes.push(note);
    }
}

fn learn(schema: &mut Value, settled: &Value, log: &Log, notes: &mut Vec<DecoderNote>) {
    for (pointer, fields) in &log.structs {
        let known = names_at(settled, pointer);
        if fields.is_empty() {
            close_empty(schema, pointer);
            continue;
        }
        for field in fields.iter().filter(|field| !known.is_empty() && !known.iter().any(|name| name == *field)) {
            let what =
                format!("the decoder also knows `{field}`, which is not published: a call that sends it is refused");
            add(notes, pointer, what, ALIAS);
        }
    }
    for (pointer, variants) in &log.enums {
        let known = options_at(settled, pointer);
        for variant in variants.iter().filter(|variant| !known.is_empty() && !known.iter().any(|name| name == *variant))
        {
            let what =
                format!("the decoder also knows `{variant}`, which is not published: a call that sends it is refused");
            add(notes, pointer, what, ALIAS);
        }
    }
    for (pointer, type_) in &log.members {
        // A function of the author's may tell `null` and absence apart, and so does an option in an option.
        if type_.contains("__DeserializeWith") || type_.contains("Option<core::option::Option<") {
            keep_null(schema, pointer);
        }
    }
}

/// Tries what a schema refuses, one place at a time.
fn probe<T: DeserializeOwned>(settled: &Value, value: &Value, notes: &mut Vec<DecoderNote>) {
    let mut places = Vec::new();
    collect(value, "", &mut places);
    for pointer in places.into_iter().take(MOST_PROBES) {
        let schemas = locate(settled, settled, &pointer, 0);
        let is_typed = !schemas.is_empty() && schemas.iter().all(|schema| says_type(schema));
        if !is_typed {
            continue;
        }
        let takes = |wrong: Value| {
            let mut tried = value.clone();
            tried.pointer_mut(&pointer).map(|place| *place = wrong).is_some() && T::deserialize(&tried).is_ok()
        };
        // A value of a type that the schema does not know here.
        let types: Vec<&str> = schemas.iter().filter_map(|schema| schema.get("type")?.as_str()).collect();
        let wrongs = [("array", json!([[[{ "zz": [] }]]])), ("object", json!({ "zz": [[[]]] }))];
        let wrong = wrongs.into_iter().find(|(name, _)| !types.contains(name));
        if wrong.is_some_and(|(_, wrong)| takes(wrong)) {
            let what = "a value of a wrong type is dropped by the decoder without a word, as the field of a flattened \
                        `Option` is when another one is missing"
                .to_owned();
            add(notes, &pointer, what, DROPPED);
        } else if schemas.iter().all(|schema| schema.get("enum").is_some()) && takes("zz-no-option".into()) {
            let what = "the decoder takes any other text too, and none is published: a call that sends one is refused";
            add(notes, &pointer, what.to_owned(), OTHER);
        }
    }
}

fn says_type(schema: &Value) -> bool {
    ["type", "enum", "anyOf", "$ref"].iter().any(|keyword| schema.get(*keyword).is_some())
}

fn collect(value: &Value, pointer: &str, places: &mut Vec<String>) {
    let inner = |step: &str| format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                places.push(inner(name));
                collect(member, &inner(name), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places.push(inner(&index.to_string()));
                collect(item, &inner(&index.to_string()), places);
            }
        }
        _ => {}
    }
}

/// The schemas that judge the value at a pointer.
fn locate<'a>(schema: &'a Value, root: &'a Value, pointer: &str, depth: usize) -> Vec<&'a Value> {
    const MOST_DEPTH: usize = 64;
    if depth > MOST_DEPTH {
        return Vec::new();
    }
    let mut found = Vec::new();
    let same = |keyword: &str| schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| root.pointer(target.strip_prefix('#')?));
    for part in same("anyOf").chain(same("allOf")).chain(target) {
        found.extend(locate(part, root, pointer, depth + 1));
    }
    let Some((step, rest)) = pointer.strip_prefix('/').map(|rest| rest.split_once('/').unwrap_or((rest, ""))) else {
        found.push(schema);
        return found;
    };
    let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
    let name = step.replace("~1", "/").replace("~0", "~");
    let inner = match schema.get("properties").and_then(|properties| properties.get(&name)) {
        Some(property) => Some(property),
        None if name.bytes().all(|byte| byte.is_ascii_digit()) && schema.get("items").is_some() => {
            let place = schema.get("prefixItems").and_then(|places| places.get(name.parse::<usize>().ok()?));
            place.or_else(|| schema.get("items"))
        }
        None => schema.get("additionalProperties").filter(|others| others.is_object()),
    };
    found.extend(inner.into_iter().flat_map(|inner| locate(inner, root, &rest, depth + 1)));
    found
}

fn names_at(settled: &Value, pointer: &str) -> Vec<String> {
    let schemas = locate(settled, settled, pointer, 0);
    let properties = schemas.iter().filter_map(|schema| schema.get("properties")?.as_object());
    properties.flat_map(Map::keys).cloned().collect()
}

fn options_at(settled: &Value, pointer: &str) -> Vec<String> {
    let mut known = names_at(settled, pointer);
    for schema in locate(settled, settled, pointer, 0) {
        let options = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        known.extend(options.filter_map(Value::as_str).map(str::to_owned));
    }
    known
}

/// Says of a struct without fields that it has none: schemars writes no more than that it is an object.
fn close_empty(schema: &mut Value, pointer: &str) {
    edit(schema, pointer, &|members| {
        if members.get("type").and_then(Value::as_str) == Some("object")
            && !members.contains_key("additionalProperties")
        {
            members.entry("properties").or_insert_with(|| json!({}));
        }
    });
}

fn keep_null(schema: &mut Value, pointer: &str) {
    edit(schema, pointer, &|members| {
        if super::nullable::allows_null(members) {
            members.insert(KEPT.to_owned(), true.into());
        }
    });
}

/// Changes the derived schemas of the value at a pointer.
fn edit(schema: &mut Value, pointer: &str, change: &impl Fn(&mut Map<String, Value>)) {
    let Value::Object(members) = schema else { return };
    let Some((step, rest)) = pointer.strip_prefix('/').map(|rest| rest.split_once('/').unwrap_or((rest, ""))) else {
        change(members);
        return;
    };
    let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
    let name = step.replace("~1", "/").replace("~0", "~");
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for branch in members.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten() {
            edit(branch, pointer, change);
        }
    }
    if let Some(property) = members.get_mut("properties").and_then(|properties| properties.get_mut(&name)) {
        edit(property, &rest, change);
    } else if name.bytes().all(|byte| byte.is_ascii_digit())
        && let Some(items) = members.get_mut("items")
    {
        edit(items, &rest, change);
    } else if let Some(others) = members.get_mut("additionalProperties") {
        edit(others, &rest, change);
    }
}

#[cfg(test)]
mod tests;
