//! Running a query on a SQLite file.

use std::time::Duration;

use rusqlite::types::ValueRef;
use serde_json::Value;

use super::Sqlite;
use super::fault;
use crate::cell;
use crate::fault::{Fault, no_write};
use crate::page::{Page, PageBuilder, Window, check_columns};
use crate::sql_text::Statement;

impl Sqlite {
    /// Runs a query. Its page ends where the engine says that there are no more rows, or where it is full.
    ///
    /// # Errors
    /// What the engine refuses, and time-outs.
    pub fn run(&self, statement: &Statement, sql: &str, window: Window, limit: Duration) -> Result<Page, Fault> {
        self.start(limit);
        let told = |error: rusqlite::Error| fault::of_query(&error, statement, sql, limit);
        let mut prepared = self.connection.prepare(statement.text()).map_err(told)?;
        if !prepared.readonly() {
            return Err(no_write("the database is open for reading only"));
        }
        let columns = declared(&prepared);
        check_columns(columns.len())?;
        let mut page = PageBuilder::new(window);
        page.columns(
            columns
                .iter()
                .map(|(name, declared)| (name.as_str(), declared.clone().unwrap_or_else(|| "any".to_owned()))),
        );
        // An expression has no type but that of its values.
        let mut unknown: Vec<usize> = columns
            .iter()
            .enumerate()
            .filter(|(_, (_, declared))| declared.is_none())
            .map(|(index, _)| index)
            .collect();
        let longest = cell::longest(columns.len());
        let mut rows = prepared.query([]).map_err(told)?;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(page.finish()),
                // The row that did not fit is named when it is asked for.
                Err(error) if fault::is_about_size(&error) && page.is_full() => {
                    page.set_more();
                    return Ok(page.finish());
                }
                Err(error) => {
                    drop(rows);
                    let (row, size) = (page.passed(), fault::is_about_size(&error));
                    let fault = fault::of_query(&error, statement, sql, limit);
                    let named = |fault| self.oversized(fault, statement, &page.finish().columns, row);
                    return Err(if size { named(fault) } else { fault });
                }
            };
            if page.skips() {
                continue;
            }
            let values: rusqlite::Result<Vec<ValueRef<'_>>> =
                (0..columns.len()).map(|index| row.get_ref(index)).collect();
            let values = values.map_err(|error| fault::plain(&error))?;
            unknown.retain(|index| match values.get(*index).copied().and_then(type_of) {
                Some(type_name) => {
                    page.set_type(*index, type_name);
                    false
                }
                None => true,
            });
            if !page.push(values.into_iter().map(|value| cell_of(value, longest)).collect()) {
                return Ok(page.finish());
            }
        }
    }
}

/// The names of the columns of a query, with the types that they were declared with.
fn declared(prepared: &rusqlite::Statement<'_>) -> Vec<(String, Option<String>)> {
    let declared =
        |column: &rusqlite::Column<'_>| (column.name().to_owned(), column.decl_type().map(str::to_lowercase));
    prepared.columns().iter().map(declared).collect()
}

/// The type of a value; a column of SQLite promises none.
fn type_of(value: ValueRef<'_>) -> Option<&'static str> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(_) => Some("integer"),
        ValueRef::Real(_) => Some("real"),
        ValueRef::Text(_) => Some("text"),
        ValueRef::Blob(_) => Some("blob"),
    }
}

fn cell_of(value: ValueRef<'_>, longest: usize) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => cell::integer(integer),
        ValueRef::Real(float) => cell::float(float),
        ValueRef::Blob(bytes) => cell::bytes(bytes, longest),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => cell::text(text, longest),
            // SQLite stores whatever it is given: text that is none is shown as bytes.
            Err(_) => cell::bytes(text, longest),
        },
    }
}
