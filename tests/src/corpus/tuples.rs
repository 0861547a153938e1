//! Tuples and arrays.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry::corpus;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Point(f64, f64);

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Mixed(u8, String, Option<bool>);

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Lines {
    points: Vec<Point>,
    labels: Option<Vec<(String, u32)>>,
    matrix: [[i16; 2]; 2],
}

corpus! {
    point: Point => [[1.0, 2.5]];
    mixed: Mixed => [[1, "a", true], [1, "a", null]];
    pair: (String, u8) => [["a", 1]];
    single: (u8,) => [[1]];
    triple: (u8, u8, u8) => [[1, 2, 3]];
    lines: Lines => [{"points": [[0.0, 1.0]], "labels": [["a", 1]], "matrix": [[1, 2], [3, 4]]}];
    list_of_pairs: Vec<(String, f64)> => [[["a", 0.5]]];
    array: [u8; 4] => [[1, 2, 3, 4]];
    list_of_lists: Vec<Vec<Option<u8>>> => [[[1, null], []]];
}
