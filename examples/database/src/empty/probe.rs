//! Trying a condition alone: whether it matches a row, and what the column holds instead.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::conditions::Condition;
use crate::database::Database;
use crate::nearest::nearest;

/// How long all tries of one answer may take.
const ALL: Duration = Duration::from_secs(3);

/// How many values of a column are looked at.
const VALUES: usize = 300;

/// How many values are shown.
const SHOWN: usize = 6;

/// Asks the database on behalf of a caller, for a short time.
pub(super) struct Prober<'a> {
    db: &'a Database,
    caller: &'a str,
    until: Instant,
}

impl<'a> Prober<'a> {
    pub(super) fn new(db: &'a Database, caller: &'a str) -> Self {
        Self { db, caller, until: Instant::now() + ALL }
    }

    /// The rows of a query, if they come in time.
    async fn rows(&self, sql: &str) -> Option<Vec<Vec<Value>>> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        let page = self.db.probe(self.caller, sql, left.min(ALL / 2)).await?;
        (!page.more).then_some(page.rows)
    }

    /// Whether the condition alone matches a row; `None` if that cannot be said in time.
    pub(super) async fn matches(&self, condition: &Condition) -> Option<bool> {
        let Condition { table, sql, .. } = condition;
        let rows = self.rows(&format!("SELECT 1 FROM {table} WHERE {sql} LIMIT 1")).await?;
        Some(!rows.is_empty())
    }

    /// What the column holds, in words: the nearest values, or where its values begin and end.
    pub(super) async fn instead(&self, condition: &Condition) -> Option<String> {
        let Condition { table, column, texts, ordered, .. } = condition;
        if *ordered || texts.is_empty() {
            let rows = self.rows(&format!("SELECT min({column}), max({column}) FROM {table}")).await?;
            let (least, greatest) = (rows.first()?.first()?, rows.first()?.get(1)?);
            if least.is_null() {
                return Some(format!("{column} is null in every row"));
            }
            return Some(format!("the values of {column} go from {} to {}", shown(least), shown(greatest)));
        }
        let distinct = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT {VALUES}");
        let rows = self.rows(&distinct).await?;
        let values: Vec<String> = rows.iter().filter_map(|row| row.first()).map(plain).collect();
        if values.is_empty() {
            return Some(format!("{column} is null in every row"));
        }
        let wanted: Vec<&str> = texts.iter().map(|text| text.trim_matches(['%', '*', ' '])).collect();
        let mut near: Vec<String> = Vec::new();
        for text in &wanted {
            near.extend(nearest(text, values.iter().map(String::as_str)).into_iter().map(str::to_owned));
        }
        if near.is_empty() && values.len() == VALUES {
            near = self.containing(condition, &wanted).await.unwrap_or_default();
        }
        if near.is_empty() && values.len() > SHOWN * 2 {
            return Some(format!("no value of {column} is like it; some are {}", list(&values)));
        }
        if near.is_empty() {
            return Some(format!("the values of {column} are {}", list(&values)));
        }
        near.dedup();
        Some(format!("the nearest values of {column} are {}", list(&near)))
    }

    /// Values that contain a wanted text, where there are too many to look at each.
    async fn containing(&self, condition: &Condition, wanted: &[&str]) -> Option<Vec<String>> {
        let Condition { table, column, .. } = condition;
        let text = wanted.first()?.to_lowercase().replace('\'', "''").replace(['%', '_'], "");
        let sql = format!(
            "SELECT DISTINCT {column} FROM {table} WHERE lower(CAST({column} AS text)) LIKE '%{text}%' LIMIT {SHOWN}"
        );
        let rows = self.rows(&sql).await?;
        Some(rows.iter().filter_map(|row| row.first()).map(plain).collect())
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as a literal of SQL, short.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        value => value.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let short = text.get(..text.floor_char_boundary(60)).unwrap_or_default();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("'{}{more}'", short.replace('\'', "''"))
}

fn list(values: &[String]) -> String {
    let shown: Vec<String> = values.iter().take(SHOWN).map(|value| quoted(value)).collect();
    let more = if values.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
