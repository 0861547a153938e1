//! Running a query on PostgreSQL.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use mcp_server_core::tool::ErrorKind;
use serde_json::Value;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Column as _, Executor as _, Row as _, SqlSafeStr as _, Statement as _, ValueRef as _};

use super::functions::refuse_effects;
use super::measured::{Sent, batch, declare, sent};
use super::value::{Reading, Types};
use super::{fault, labels};
use crate::cell;
use crate::fault::Fault;
use crate::page::{Page, PageBuilder, Window, check_columns};
use crate::sql_text::Statement;

/// Runs a query in the open transaction.
pub(super) async fn run(
    connection: &mut PgConnection,
    statement: &Statement,
    sql: &str,
    window: Window,
    limit: Duration,
    functions: &[String],
) -> Result<Page, Fault> {
    refuse_effects(connection, statement, functions).await?;
    if matches!(statement.first_word(), "explain" | "show") {
        return told_about(connection, statement, sql, window, limit).await;
    }
    let result = read(connection, statement, sql, window, limit).await;
    match result {
        Err(fault) if fault.kind == ErrorKind::InvalidArgument => Err(labels::named(connection, fault).await),
        result => result,
    }
}

/// Reads the rows of a query, each value measured by the database before it is sent.
async fn read(
    connection: &mut PgConnection,
    statement: &Statement,
    sql: &str,
    window: Window,
    limit: Duration,
) -> Result<Page, Fault> {
    // The columns are known before there is a row.
    let described = connection.prepare(AssertSqlSafe(statement.text()).into_sql_str()).await;
    let described = described.map_err(|error| fault::of_query(error, statement, sql, 0, limit))?;
    let columns = described.columns();
    if columns.is_empty() {
        return Err(Fault::new(ErrorKind::InvalidArgument, "the query has no columns").sql());
    }
    check_columns(columns.len())?;
    let oids: Vec<i64> =
        columns.iter().map(|column| column.type_info().oid().map_or(0, |oid| i64::from(oid.0))).collect();
    let types = Types::look_up(connection, &oids).await.map_err(fault::plain)?;
    let mut page = PageBuilder::new(window);
    page.columns(columns.iter().map(sqlx::Column::name).zip(oids.iter().map(|oid| types.name(*oid))));
    let readings: Vec<Reading> = oids.iter().map(|oid| types.reading(*oid)).collect();

    let longest = cell::longest(oids.len());
    let measured = declare(statement.text(), &oids, longest);
    let told = |error| fault::of_query(error, statement, sql, measured.prefix, limit);
    sqlx::query(AssertSqlSafe(measured.sql.clone())).persistent(false).execute(&mut *connection).await.map_err(told)?;
    if window.skip > 0 {
        let pass_over = AssertSqlSafe(format!("MOVE FORWARD {} IN page", window.skip));
        sqlx::raw_sql(pass_over).execute(&mut *connection).await.map_err(told)?;
        page.skipped(window.skip);
    }
    let most = batch(oids.len(), longest);
    loop {
        let batch = most.min(page.wanted()).max(1);
        let fetch = AssertSqlSafe(format!("FETCH FORWARD {batch} FROM page"));
        let rows = sqlx::raw_sql(fetch).fetch_all(&mut *connection).await.map_err(told)?;
        for row in &rows {
            let cells = readings.iter().enumerate().map(|(index, reading)| cell_of(row, index, reading, longest));
            let cells: Vec<Value> = cells.collect::<Result<_, _>>().map_err(fault::plain)?;
            if !page.push(cells) {
                return Ok(page.finish());
            }
        }
        // Fewer rows than asked for: the server has no more.
        if rows.len() < batch {
            return Ok(page.finish());
        }
    }
}

fn cell_of(row: &PgRow, index: usize, reading: &Reading, longest: usize) -> Result<Value, sqlx::Error> {
    Ok(match sent(row, index)? {
        Sent::Null => Value::Null,
        Sent::Whole(text) => reading.value(text),
        Sent::Start(start, bytes) => reading.start(start, bytes, longest),
    })
}

/// Runs `EXPLAIN` or `SHOW`, which no cursor takes: their rows are text.
async fn told_about(
    connection: &mut PgConnection,
    statement: &Statement,
    sql: &str,
    window: Window,
    limit: Duration,
) -> Result<Page, Fault> {
    let query = sqlx::query(AssertSqlSafe(statement.text())).persistent(false);
    let mut rows = query.fetch(connection);
    let mut page = PageBuilder::new(window);
    let mut named = false;
    while let Some(row) = rows.try_next().await.map_err(|error| fault::of_query(error, statement, sql, 0, limit))? {
        if !named {
            page.columns(row.columns().iter().map(|column| (column.name(), "text".to_owned())));
            named = true;
        }
        if page.skips() {
            continue;
        }
        let longest = cell::longest(row.len());
        let cells = (0..row.len()).map(|index| {
            let value = row.try_get_raw(index)?;
            let bytes = if value.is_null() { None } else { Some(value.as_bytes().map_err(sqlx::Error::Decode)?) };
            Ok(bytes.map_or(Value::Null, |bytes| cell::text(&String::from_utf8_lossy(bytes), longest)))
        });
        let cells: Result<Vec<Value>, sqlx::Error> = cells.collect();
        if !page.push(cells.map_err(fault::plain)?) {
            break;
        }
    }
    Ok(page.finish())
}
