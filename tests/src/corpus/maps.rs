//! Maps and sets, with keys of several types.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::entry::corpus;
use super::enums::Level;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "as an author writes them")]
struct Counts {
    by_name: HashMap<String, u32>,
    by_level: BTreeMap<Level, Vec<String>>,
    by_number: Option<BTreeMap<u16, bool>>,
}

corpus! {
    map_of_numbers: HashMap<String, u32> => [{"a": 1}, {"a b/c~": 2}];
    map_of_any: HashMap<String, Value> => [{"a": null, "b": [1]}];
    object: Map<String, Value> => [{"a": {"b": 1}}];
    map_of_maybe: BTreeMap<String, Option<i8>> => [{"a": 1, "b": null}];
    map_by_number: BTreeMap<u32, String> => [{"1": "a", "4000000000": "b"}];
    map_by_signed: BTreeMap<i64, String> => [{"-1": "a"}];
    map_by_level: BTreeMap<Level, u8> => [{"LOW": 1}, {"HIGH": 2, "VERY_LOW": 3}];
    map_by_uuid: HashMap<Uuid, u8>, stricter => [{"f81d4fae-7dec-41d0-a765-00a0c91e6bf6": 1}];
    map_by_char: BTreeMap<char, u8>, stricter => [{"a": 1}];
    map_by_flag: BTreeMap<bool, u8>, stricter => [{"true": 1}];
    map_of_maps: HashMap<String, BTreeMap<u8, Vec<f64>>> => [{"a": {"1": [0.5]}}];
    set_of_texts: BTreeSet<String> => [["a", "b"]];
    set_of_numbers: HashSet<u8> => [[7]];
    deque: VecDeque<i32> => [[1, 2]];
    counts: Counts => [{"by_name": {"a": 1}, "by_level": {"LOW": ["x"]}}, {"by_name": {}, "by_level": {}, "by_number": {"7": true}}];
}
