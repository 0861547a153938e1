//! Running a query on a SQLite file.

use futures_util::TryStreamExt as _;
use serde_json::Value;
use sqlx::sqlite::{SqliteColumn, SqliteRow, SqliteValueRef};
use sqlx::{AssertSqlSafe, Column as _, Row as _, TypeInfo as _, ValueRef as _};

use super::Sqlite;
use crate::cell;
use crate::fault::{self, Fault};
use crate::page::{Page, PageBuilder, Window};
use crate::sql_text::Statement;

impl Sqlite {
    /// Runs a query; dropped, it stops the engine at its next step.
    ///
    /// # Errors
    /// What the engine refuses, and time-outs.
    pub async fn run(&self, statement: &Statement, sql: &str, window: Window) -> Result<Page, Fault> {
        let mut reader = self.reader().await?;
        let told = |error| fault::of_sqlite_query(error, statement, sql, self.time);
        let query = sqlx::query(AssertSqlSafe(statement.text())).persistent(false);
        let mut rows = query.fetch(reader.connection());
        let mut page = PageBuilder::new(window);
        while let Some(row) = rows.try_next().await.map_err(told)? {
            if page.skips() {
                continue;
            }
            page.columns(row.columns().iter().map(|column| (column.name(), type_of(&row, column))));
            let cells: Result<Vec<Value>, sqlx::Error> = (0..row.len()).map(|index| cell_of(&row, index)).collect();
            if !page.push(cells?) {
                break;
            }
        }
        Ok(page.finish())
    }
}

/// The declared type of a column, or for an expression that of its first value.
fn type_of(row: &SqliteRow, column: &SqliteColumn) -> String {
    let declared = column.type_info();
    if !declared.is_null() {
        return declared.name().to_lowercase();
    }
    let value = row.try_get_raw(column.ordinal()).ok().filter(|value| !value.is_null());
    value.map_or_else(|| "any".to_owned(), |value| value.type_info().name().to_lowercase())
}

/// A cell by the type of its value: a column of SQLite promises none.
fn cell_of(row: &SqliteRow, index: usize) -> Result<Value, sqlx::Error> {
    let value: SqliteValueRef<'_> = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(Value::Null);
    }
    let type_info = value.type_info().into_owned();
    Ok(match type_info.name() {
        "INTEGER" => cell::integer(row.try_get_unchecked(index)?),
        "REAL" => cell::float(row.try_get_unchecked(index)?),
        "BLOB" => cell::bytes(row.try_get_unchecked(index)?),
        _ => match row.try_get_unchecked::<&str, _>(index) {
            Ok(text) => cell::text(text),
            // SQLite stores whatever it is given: text that is none is shown as bytes.
            Err(_) => cell::bytes(row.try_get_unchecked(index)?),
        },
    })
}
