//! Types that hold themselves.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry::corpus;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Node {
    name: String,
    #[serde(default)]
    children: Vec<Node>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Linked {
    value: u8,
    next: Option<Box<Linked>>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
enum Tree {
    Leaf(i64),
    Branch(Box<Tree>, Box<Tree>),
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Filter {
    And { all: Vec<Filter> },
    Not { inner: Box<Filter> },
    Is { field: String, value: Option<String> },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Folder {
    files: Vec<String>,
    folders: BTreeMap<String, Folder>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Json {
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

corpus! {
    node: Node => [{"name": "a"}, {"name": "a", "children": [{"name": "b", "children": []}]}];
    list_of_nodes: Vec<Node> => [[{"name": "a", "children": [{"name": "b"}]}]];
    linked: Linked => [{"value": 1}, {"value": 1, "next": {"value": 2, "next": null}}];
    tree: Tree => [{"Leaf": 1}, {"Branch": [{"Leaf": 1}, {"Leaf": 2}]}];
    filter: Filter => [{"op": "and", "all": [{"op": "not", "inner": {"op": "is", "field": "a"}}]}];
    folder: Folder => [{"files": ["a"], "folders": {"b": {"files": [], "folders": {}}}}];
    json: Json => [{"a": [1, "b", {"c": 2.5}]}, "x"];
    maybe_node: Option<Node> => [{"name": "a"}];
}
