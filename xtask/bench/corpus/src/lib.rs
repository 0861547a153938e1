//! What every server under test finds: the same rows, made anew for each call as a database would.
#![forbid(unsafe_code)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest query that `search` takes.
pub const MAX_QUERY: usize = 200;
/// The most rows that `search` gives.
pub const MAX_ROWS: u32 = 100;

/// One row of a result.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Row {
    /// Its number.
    pub id: u64,
    /// What it is called.
    pub title: String,
    /// How well it fits, from 0 to 1.
    pub score: f64,
    /// What it is filed under.
    pub tags: Vec<String>,
}

/// Finds rows: as many as are asked for, each with the query in its title.
#[must_use]
pub fn search(query: &str, limit: u32) -> Vec<Row> {
    (1..=u64::from(limit))
        .map(|id| Row {
            id,
            title: format!("Report {id} on {query}"),
            score: 1.0 / (1.0 + f64::from(u32::try_from(id).unwrap_or(u32::MAX)) / 8.0),
            tags: vec!["weekly".to_owned(), "finance \"draft\"".to_owned()],
        })
        .collect()
}
