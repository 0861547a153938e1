//! Enums in every tagging.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::corpus;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Level {
    VeryLow,
    Low,
    High,
}

/// How to order.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Documented {
    /// Most recent first.
    NewestFirst,
    /// Least recent first.
    OldestFirst,
    Unsorted,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct UsesDocumented {
    /// In which order.
    order: Documented,
    second: Option<Documented>,
    levels: Vec<Level>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
enum External {
    Unit,
    Newtype(u32),
    Tuple(u8, String),
    Struct { a: bool, b: Option<String> },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
enum Internal {
    Unit,
    Struct { a: i16 },
    Newtype(Inner),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Inner {
    x: u64,
    y: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(String),
    Tuple(u8, u8),
    Struct { a: f32 },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Text(String),
    Pair { left: u8, right: u8 },
    List(Vec<Untagged2>),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged2 {
    Flag(bool),
    Nothing,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum WithOther {
    Known,
    #[serde(alias = "old_name")]
    Renamed,
    #[serde(other)]
    Unknown,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Operation {
    /// Put a value.
    SetValue {
        field_name: String,
        new_value: Value,
    },
    /// Take one away.
    RemoveValue {
        field_name: String,
    },
    Touch,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Batch {
    operations: Vec<Operation>,
    fallback: Option<External>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct TwoFlattened {
    #[serde(flatten)]
    one: Internal,
    #[serde(flatten)]
    two: Side,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "side", rename_all = "lowercase")]
enum Side {
    Left { l: u8 },
    Right { r: u8 },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct ExternalFlattened {
    id: u8,
    #[serde(flatten)]
    what: External2,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum External2 {
    Circle { radius: f64 },
    Square { side: f64 },
}

corpus! {
    level: Level => ["VERY_LOW", "HIGH"];
    documented: Documented => ["newest-first", "unsorted"];
    uses_documented: UsesDocumented => [
        {"order": "newest-first", "levels": ["LOW"]},
        {"order": "unsorted", "second": "oldest-first", "levels": []},
    ];
    external: External => ["Unit", {"Newtype": 7}, {"Tuple": [1, "a"]}, {"Struct": {"a": true}}];
    internal: Internal => [{"type": "Unit"}, {"type": "Struct", "a": -3}, {"type": "Newtype", "x": 1, "y": 2}];
    adjacent: Adjacent => [{"t": "Unit"}, {"t": "Newtype", "c": "a"}, {"t": "Tuple", "c": [1, 2]}, {"t": "Struct", "c": {"a": 0.5}}];
    untagged: Untagged => [1, "a", {"left": 1, "right": 2}, [true, null]];
    one_or_many: OneOrMany => ["a", ["a", "b"]];
    with_other: WithOther => ["known", "renamed", "old_name", "anything"];
    operation: Operation => [
        {"op": "set_value", "fieldName": "a", "newValue": {"b": 1}},
        {"op": "remove_value", "fieldName": "a"},
        {"op": "touch"},
    ];
    batch: Batch => [
        {"operations": [{"op": "touch"}], "fallback": {"Newtype": 1}},
        {"operations": [{"op": "set_value", "fieldName": "a", "newValue": 2}]},
    ];
    two_flattened: TwoFlattened => [{"type": "Struct", "a": 1, "side": "left", "l": 2}, {"type": "Unit", "side": "right", "r": 3}];
    external_flattened: ExternalFlattened => [{"id": 1, "circle": {"radius": 2.5}}, {"id": 1, "square": {"side": 1.0}}];
    maybe_level: Option<Level> => ["LOW"];
    list_of_documented: Vec<Documented> => [["newest-first"]];
    outcome: Result<Inner, String> => [{"Ok": {"x": 1}}, {"Err": "no"}];
}
