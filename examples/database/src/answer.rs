//! Answers: what the tools give back, and why a query may have nothing to give.

use mcp_server_core::tool::{IntoOutcome, Outcome, Reply};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde_json::{Value, json};

use crate::catalogue::{Check, Column, Details, ForeignKey, Index, Partitions, Reference, RowCount, Table};
use crate::page::{Page, ResultColumn};

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
    /// The foreign keys of other tables that point here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub referenced_by: Vec<Reference>,
    /// Conditions that every row fulfils.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// How it is divided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<Partitions>,
    /// The indexes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// The statement that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// What an agent should know before it draws conclusions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Some rows, in no order: a value for each column, in the order of the columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sample: Vec<Vec<Value>>,
}

impl Description {
    /// Puts a description together.
    pub fn new(table: &Table, rows: Option<RowCount>, details: Details, sample: Vec<Vec<Value>>) -> Self {
        let note = "row-level security is active: it may hide rows from this server's role";
        Self {
            table: table.sql_name(),
            kind: table.kind.clone(),
            rows: rows.map(RowCount::words),
            comment: table.comment.clone(),
            columns: table.columns.clone(),
            foreign_keys: details.foreign_keys,
            referenced_by: details.referenced_by,
            checks: details.checks,
            partitions: details.partitions,
            indexes: details.indexes,
            definition: details.definition,
            note: table.row_security.then(|| note.to_owned()),
            sample,
        }
    }
}

/// Several tables in full.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Descriptions {
    /// The tables, in the order that was asked for.
    pub tables: Vec<Description>,
    /// Tables that did not fit into this answer: ask for them in another call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
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
    /// The columns, in order, with the database's types.
    columns: Vec<ResultColumn>,
    /// The rows: each an array with a value for each column, in the order of `columns`.
    rows: Vec<Vec<Value>>,
    /// There are more rows: pass this as `cursor`, with the same `sql`, to get the next ones.
    #[serde(rename = "nextCursor")]
    next_cursor: Option<String>,
    /// Why there are no rows, or only zeros or empty values.
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
