//! Running a query on PostgreSQL.

use std::time::Duration;

use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Column as _, Row as _, ValueRef as _};

use super::Postgres;
use super::functions::refuse_effects;
use super::session::Session;
use super::value::{Reading, Types};
use crate::fault::{self, Fault};
use crate::page::{Page, PageBuilder, Window};
use crate::sql_text::Statement;

/// `DECLARE` takes one query and nothing else; two statements are refused by the extended protocol it is sent in.
const DECLARE: &str = "DECLARE page NO SCROLL CURSOR FOR ";

/// How many rows are fetched at first, to see how long they are.
const FIRST: usize = 4;

/// How many rows are fetched at a time at most.
const MOST: usize = 200;

/// How long the server's own `statement_timeout` may be late before the connection is given up.
const LATE: Duration = Duration::from_secs(2);

impl Postgres {
    /// Runs a query; dropped, it has the server stop it.
    ///
    /// # Errors
    /// What the server refuses, and time-outs.
    pub async fn run(&self, statement: &Statement, sql: &str, window: Window) -> Result<Page, Fault> {
        let mut session = self.session().await?;
        let told = |error| fault::of_postgres_query(error, statement, sql, DECLARE.chars().count(), self.time);
        let reading = tokio::time::timeout(self.time + LATE, read(&mut session, statement, window, &told));
        let Ok(result) = reading.await else {
            // Dropping the session stops the query in the server.
            return Err(fault::timed_out(self.time).into());
        };
        session.finish().await;
        result
    }
}

async fn read(
    session: &mut Session,
    statement: &Statement,
    window: Window,
    told: &(dyn Fn(sqlx::Error) -> Fault + Sync),
) -> Result<Page, Fault> {
    refuse_effects(session, statement).await?;
    let declare = AssertSqlSafe(format!("{DECLARE}{}", statement.text()));
    sqlx::query(declare).persistent(false).execute(session.connection()?).await.map_err(told)?;
    if window.skip > 0 {
        let pass_over = AssertSqlSafe(format!("MOVE FORWARD {} IN page", window.skip));
        sqlx::raw_sql(pass_over).execute(session.connection()?).await.map_err(told)?;
    }
    let mut page = PageBuilder::new(window);
    let mut readings: Option<Vec<Reading>> = None;
    let (mut given, mut bytes, mut batch) = (0, 0, FIRST);
    loop {
        let fetch = AssertSqlSafe(format!("FETCH FORWARD {batch} FROM page"));
        let rows = sqlx::raw_sql(fetch).fetch_all(session.connection()?).await.map_err(told)?;
        let readings = match (&mut readings, rows.first()) {
            (Some(readings), _) => readings,
            (none, Some(row)) => none.insert(columns(session, row, &mut page).await?),
            (None, None) => return Ok(page.finish()),
        };
        for row in &rows {
            bytes += length(row);
            if !page.push(cells(row, readings)?) {
                return Ok(page.finish());
            }
        }
        if rows.len() < batch {
            return Ok(page.finish());
        }
        given += rows.len();
        // No more than fits into the page, were the next rows like these: what is fetched is held.
        batch = (window.bytes.saturating_sub(bytes).saturating_mul(given) / bytes.max(1)).clamp(1, MOST);
    }
}

/// How long a row is, in bytes of text.
fn length(row: &PgRow) -> usize {
    let values = (0..row.len()).filter_map(|index| row.try_get_raw(index).ok());
    values.map(|value| value.as_bytes().map_or(0, <[u8]>::len)).sum()
}

/// Names the page's columns and finds how each is read.
async fn columns(session: &mut Session, row: &PgRow, page: &mut PageBuilder) -> Result<Vec<Reading>, Fault> {
    let oids: Vec<i64> =
        row.columns().iter().map(|column| column.type_info().oid().map_or(0, |oid| i64::from(oid.0))).collect();
    let types = Types::look_up(session, &oids).await?;
    let names = row.columns().iter().map(sqlx::Column::name);
    page.columns(names.zip(oids.iter().map(|oid| types.name(*oid))));
    Ok(oids.iter().map(|oid| types.reading(*oid)).collect())
}

fn cells(row: &PgRow, readings: &[Reading]) -> Result<Vec<Value>, sqlx::Error> {
    readings
        .iter()
        .enumerate()
        .map(|(index, reading)| {
            let value = row.try_get_raw(index)?;
            if value.is_null() {
                return Ok(Value::Null);
            }
            value.as_str().map(|text| reading.value(text)).map_err(sqlx::Error::Decode)
        })
        .collect()
}
