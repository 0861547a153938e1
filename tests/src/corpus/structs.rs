//! Structs: names, defaults, what is left out, flattening, newtypes, generics, pointers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::corpus;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Plain {
    /// Who it is.
    name: String,
    age: u8,
    score: f64,
    active: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Optional {
    name: Option<String>,
    tags: Option<Vec<String>>,
    count: Option<i32>,
    inner: Option<Plain>,
    boxed: Option<Box<Plain>>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Skipping {
    id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip)]
    _hidden: u64,
    #[serde(skip_deserializing, default)]
    computed: u16,
    #[serde(skip_serializing, default)]
    #[expect(dead_code, reason = "it is decoded, and neither written nor shown")]
    secret: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct Defaulted {
    limit: u32,
    order: String,
    nested: DefaultedInner,
}

impl Default for Defaulted {
    fn default() -> Self {
        Self { limit: 20, order: "newest".to_owned(), nested: DefaultedInner::default() }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct DefaultedInner {
    depth: Option<u8>,
    deep: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Renamed {
    first_name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "last-name")]
    last: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Aliased {
    #[serde(alias = "q", alias = "text")]
    query: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct AnyJson {
    name: String,
    data: Value,
    maybe: Option<Value>,
    list: Vec<Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Paging {
    offset: u32,
    limit: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Flattened {
    query: String,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct FlattenedMaybe {
    query: String,
    #[serde(flatten)]
    paging: Option<Paging>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct FlattenedMap {
    id: u32,
    #[serde(flatten)]
    others: HashMap<String, Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Target {
    File { path: String },
    Url { url: String, depth: Option<u8> },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct FlattenedEnum {
    name: String,
    #[serde(flatten)]
    target: Target,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Name(String);

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Transparent {
    inner: Vec<Name>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Empty {}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct HoldsEmpty {
    id: u8,
    empty: Empty,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Pointers {
    boxed: Box<str>,
    shared: Arc<String>,
    cow: Cow<'static, str>,
    slice: Box<[u8]>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Constrained {
    #[schemars(length(min = 1, max = 10))]
    name: String,
    #[schemars(range(min = 1, max = 100))]
    percent: u32,
    #[schemars(range(min = 0.0, max = 1.0))]
    share: f64,
    #[schemars(regex(pattern = r"^[a-z]+$"))]
    code: String,
    #[schemars(length(min = 1))]
    tags: Vec<String>,
}

/// Where an absent member and `null` are not the same: the one leaves, the other clears.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Patch {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_with::rust::double_option")]
    #[schemars(with = "Option<Option<String>>")]
    #[expect(clippy::option_option, reason = "as an author writes it")]
    title: Option<Option<String>>,
    done: Option<bool>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
struct Even(String);

impl TryFrom<String> for Even {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len().is_multiple_of(2) {
            Ok(Self(text))
        } else {
            Err("an even number of letters is needed".to_owned())
        }
    }
}

impl From<Even> for String {
    fn from(even: Even) -> Self {
        even.0
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Deep {
    levels: Vec<HashMap<String, Option<Vec<Even>>>>,
}

corpus! {
    plain: Plain => [{"name": "ada", "age": 36, "score": 1.5, "active": true}, {"name": "", "age": 0, "score": 1, "active": false}];
    optional: Optional => [
        {"name": "x"},
        {"name": null, "tags": null, "count": null, "inner": null, "boxed": null, "x": 1},
        {"tags": ["a"], "count": -1, "inner": {"name": "a", "age": 1, "score": 0.0, "active": true}},
    ];
    skipping: Skipping => [{"id": 1}, {"id": 1, "note": "n", "tags": ["t"], "secret": "s"}];
    defaulted: Defaulted => [{}, {"limit": 5}, {"nested": {}}, {"nested": {"depth": 3}}];
    renamed: Renamed => [{"firstName": "a", "type": "b"}, {"firstName": "a", "type": "b", "last-name": "c"}];
    aliased: Aliased => [{"query": "a"}, {"q": "a"}, {"text": "a"}];
    any_json: AnyJson => [{"name": "a", "data": 1, "list": [1, null, {}]}, {"name": "a", "data": {"b": [null]}, "maybe": "x", "list": []}];
    flattened: Flattened => [{"query": "a", "offset": 0, "limit": 10}];
    flattened_maybe: FlattenedMaybe => [{"query": "a"}, {"query": "a", "offset": 0, "limit": 10}];
    flattened_map: FlattenedMap => [{"id": 1}, {"id": 1, "more": [1], "other": null}];
    flattened_enum: FlattenedEnum => [{"name": "a", "kind": "file", "path": "/b"}, {"name": "a", "kind": "url", "url": "c", "depth": 2}];
    newtype: Name => ["a"];
    transparent: Transparent => [["a", "b"]];
    empty: Empty => [{}];
    holds_empty: HoldsEmpty => [{"id": 1, "empty": {}}];
    page_of_plain: Page<Plain> => [{"items": [{"name": "a", "age": 1, "score": 0.5, "active": true}], "next": "n"}, {"items": []}];
    page_of_maybe: Page<Option<u8>> => [{"items": [1, null]}];
    pointers: Pointers => [{"boxed": "a", "shared": "b", "cow": "c", "slice": [1, 2]}];
    constrained: Constrained, stricter => [{"name": "a", "percent": 50, "share": 0.5, "code": "abc", "tags": ["x"]}];
    patch: Patch => [{"done": true}, {"title": "t"}, {"title": null, "done": true}];
    even: Even, stricter => ["ab"];
    deep: Deep, stricter => [{"levels": [{"a": ["ab"], "b": null}]}];
    maybe_plain: Option<Plain> => [{"name": "a", "age": 1, "score": 0.5, "active": true}];
    boxed_plain: Box<Plain> => [{"name": "a", "age": 1, "score": 0.5, "active": true}];
}
