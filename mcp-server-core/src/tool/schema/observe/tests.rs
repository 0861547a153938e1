//! What is found out about decoders.
#![expect(
    clippy::option_option,
    clippy::struct_field_names,
    clippy::zero_sized_map_values,
    reason = "types as authors write them"
)]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::*;
use crate::tool::parameter::Parameter;
use crate::tool::schema::{input_schema, schema_for};

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema and decoder are of interest")]
struct Page {
    offset: u32,
    limit: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Color {
    Red,
    #[serde(alias = "verde")]
    Green,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema and decoder are of interest")]
struct Query {
    #[serde(alias = "q")]
    query: String,
    #[serde(flatten)]
    page: Option<Page>,
    inner: Vec<Inner>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema and decoder are of interest")]
struct Inner {
    #[serde(alias = "colour")]
    color: Color,
    by_name: BTreeMap<String, Empty>,
}

#[derive(Deserialize, JsonSchema)]
struct Empty {}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema and decoder are of interest")]
struct Patch {
    plain: Option<String>,
    #[serde(default, deserialize_with = "some")]
    cleared: Option<Option<String>>,
}

fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

fn notes<T: DeserializeOwned + JsonSchema>() -> Vec<String> {
    let found = observe::<T>(&mut schema_for::<T>());
    found.into_iter().map(|note| format!("{}: {}", note.pointer, note.what)).collect()
}

fn enforced<T: DeserializeOwned + JsonSchema>() -> Value {
    let mut schema = schema_for::<T>();
    let notes = observe::<T>(&mut schema);
    input_schema(&[Parameter::Whole { schema, notes }]).unwrap()
}

#[test]
fn what_the_decoder_knows_beside_the_schema_is_told() {
    let notes = notes::<Inner>();
    let told = |pointer: &str, words: &str| notes.iter().any(|note| note.starts_with(pointer) && note.contains(words));
    assert!(told(":", "`colour`"), "{notes:?}");
    assert!(told("/color:", "`verde`"), "{notes:?}");
    assert!(told("/color:", "any other text"), "{notes:?}");
}

#[test]
fn a_member_that_is_dropped_in_silence_is_told() {
    let notes = notes::<Query>();
    for name in ["/offset:", "/limit:"] {
        assert!(notes.iter().any(|note| note.starts_with(name) && note.contains("dropped")), "{name} {notes:?}");
    }
    assert!(!notes.iter().any(|note| note.starts_with("/inner:")), "{notes:?}");
}

#[test]
fn an_empty_struct_takes_nothing_and_a_map_takes_all() {
    assert_eq!(enforced::<Empty>()["additionalProperties"], false);
    let schema = enforced::<Inner>();
    assert_eq!(schema["properties"]["by_name"]["additionalProperties"]["additionalProperties"], false, "{schema}");
    assert!(enforced::<BTreeMap<String, Value>>()["additionalProperties"] != false);
}

/// Where `null` says something of its own it is published, and elsewhere not.
#[test]
fn null_that_means_something_is_kept() {
    let schema = enforced::<Patch>();
    assert!(!schema["properties"]["plain"].to_string().contains("null"), "{schema}");
    assert!(schema["properties"]["cleared"].to_string().contains("null"), "{schema}");
    assert!(!schema.to_string().contains(KEPT));
}

#[test]
fn a_plain_type_has_nothing_to_be_told() {
    assert_eq!(notes::<Page>(), [""; 0]);
    assert_eq!(notes::<Vec<Option<Page>>>(), [""; 0]);
    assert_eq!(notes::<Value>(), [""; 0]);
    assert_eq!(notes::<BTreeMap<u8, f32>>(), [""; 0]);
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema and decoder are of interest")]
enum Nested {
    Text(String),
    List(Vec<Nested>),
    Object(BTreeMap<String, Nested>),
}

/// What the schema admits is no wrong type.
#[test]
fn a_type_that_takes_lists_and_objects_drops_nothing() {
    assert_eq!(notes::<Nested>(), Vec::<String>::new());
}
