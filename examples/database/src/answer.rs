//! Answers: what the tools give back, and why a query may have nothing to give.

use mcp_server_core::tool::{IntoOutcome, Outcome, Reply};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde_json::{Value, json};

use crate::catalogue::{Column, Details, ForeignKey, Index, RowCount, Table};
use crate::database::Database;
use crate::page::{Page, ResultColumn, Row};
use crate::sql_text::Statement;

/// A table in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TableSummary {
    /// The name as it is written in SQL.
    pub table: String,
    /// What it is: table, view, …
    pub kind: String,
    /// How many rows it has: a number, "at least" or "about" one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// How many columns it has.
    pub columns: usize,
    /// What its makers say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl TableSummary {
    /// A table and how many rows it was found to have.
    pub fn new(table: &Table, rows: Option<RowCount>) -> Self {
        Self {
            table: table.sql_name(),
            kind: table.kind.clone(),
            rows: rows.map(RowCount::words),
            columns: table.columns.len(),
            comment: table.comment.clone(),
        }
    }
}

/// A table in full.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Description {
    /// The name as it is written in SQL.
    pub table: String,
    /// What it is: table, view, …
    pub kind: String,
    /// How many rows it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// What its makers say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The foreign keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// The indexes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// The statement that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// Some rows, in no order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sample: Vec<Row>,
}

impl Description {
    /// Puts a description together.
    pub fn new(table: &Table, rows: Option<RowCount>, details: Details, sample: Vec<Row>) -> Self {
        Self {
            table: table.sql_name(),
            kind: table.kind.clone(),
            rows: rows.map(RowCount::words),
            comment: table.comment.clone(),
            columns: table.columns.clone(),
            foreign_keys: details.foreign_keys,
            indexes: details.indexes,
            definition: details.definition,
            sample,
        }
    }
}

/// The rows of a query, or why there are none.
#[derive(Debug)]
pub struct Answer {
    /// The rows.
    pub page: Page,
    /// How to go on.
    pub next_cursor: Option<String>,
    /// Why there are no rows, or rows that say nothing.
    pub reason: Option<String>,
}

/// The shape of an answer, for the published schema.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct AnswerShape {
    /// The columns: the keys of each row, with the database's types.
    columns: Vec<ResultColumn>,
    /// The rows.
    rows: Vec<Row>,
    /// There are more rows: pass this as `cursor`, with the same `sql`, to get the next ones.
    #[serde(rename = "nextCursor")]
    next_cursor: Option<String>,
    /// Why there are no rows, or only empty values.
    reason: Option<String>,
}

impl IntoOutcome for Answer {
    fn into_outcome(self) -> Outcome {
        let mut structured = json!({ "columns": self.page.columns, "rows": self.page.rows });
        if let Some(object) = structured.as_object_mut() {
            object.extend(self.next_cursor.map(|cursor| ("nextCursor".to_owned(), Value::from(cursor))));
            object.extend(self.reason.as_deref().map(|reason| ("reason".to_owned(), Value::from(reason))));
        }
        let rows = self.page.rows.len();
        let reply = Reply {
            rows: Some(rows as u64),
            reason: self.reason.clone().map(Into::into),
            ..Reply::structured(structured)
        };
        if rows > 0 {
            return Outcome::Complete(reply);
        }
        let reason = self.reason.unwrap_or_else(|| "the query is valid and matches no row".to_owned());
        Outcome::Empty(Reply { content: Reply::text(format!("No rows: {reason}.")).content, ..reply })
    }

    fn output_schema() -> Option<Value> {
        Some(schema_for!(AnswerShape).to_value())
    }
}

/// Why a query gave no rows: what it looked through.
pub async fn why_none(db: &Database, statement: &Statement, skipped: u64) -> String {
    if skipped > 0 {
        return format!("the query has no more rows after the first {skipped}");
    }
    let Ok(catalogue) = db.catalogue().await else { return "the query is valid and matches no row".to_owned() };
    let mut looked = Vec::new();
    let mut empty = Vec::new();
    for table in catalogue.mentioned(statement).into_iter().take(5) {
        let rows = db.count(table).await.ok().flatten();
        match rows {
            Some(RowCount::Exact(0)) => empty.push(table.sql_name()),
            Some(rows) => looked.push(format!("{} ({})", table.sql_name(), rows.words())),
            None => looked.push(table.sql_name()),
        }
    }
    let places = if looked.is_empty() { String::new() } else { format!(" in {}", looked.join(", ")) };
    let empty: String = empty.iter().flat_map(|table| ["; the table ", table, " has no rows at all"]).collect();
    format!("the query is valid and matches no row{places}{empty}")
}
