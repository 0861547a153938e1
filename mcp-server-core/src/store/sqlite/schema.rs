//! The tables, and the steps by which an older file gets them.

use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection};

use super::fault::at_open;
use crate::store::error::StoreError;

/// Marks a file as ours, in the header of the database: "MCPS".
const APPLICATION: i64 = 0x4D43_5053;

/// Each step brings a file from the version of its place in this list to the next. Steps are added, never changed.
const STEPS: [&str; 1] = ["
    CREATE TABLE kv (
        key TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL,
        version INTEGER NOT NULL,
        ends INTEGER
    ) STRICT;
    CREATE INDEX kv_ends ON kv (ends) WHERE ends IS NOT NULL;

    CREATE TABLE stream (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        born INTEGER NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        age INTEGER NOT NULL,
        ends INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX stream_ends ON stream (ends);

    CREATE TABLE entry (
        stream INTEGER NOT NULL,
        place INTEGER NOT NULL,
        at INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (stream, place)
    ) STRICT;
"];

/// Brings the file up to date, in one transaction; processes that start together wait for each other here.
pub(super) async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let fault = |error| at_open(path, error);
    let refuse =
        |why: &str| Err(StoreError::Unusable { place: path.display().to_string(), why: why.to_owned(), source: None });
    let mut work = connection.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    let application = number(&mut work, "PRAGMA application_id").await.map_err(fault)?;
    let version = number(&mut work, "PRAGMA user_version").await.map_err(fault)?;
    let tables = number(&mut work, "SELECT count(*) FROM sqlite_schema").await.map_err(fault)?;
    if application != APPLICATION && (tables > 0 || application != 0) {
        return refuse("it is a database of something else; name another file");
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(steps) = STEPS.get(done..) else {
        return refuse("a newer version of this server has made it; run that version, or name another file");
    };
    if steps.is_empty() {
        return work.rollback().await.map_err(fault);
    }
    for step in steps {
        sqlx::raw_sql(*step).execute(&mut *work).await.map_err(fault)?;
    }
    sqlx::raw_sql(SEAL).execute(&mut *work).await.map_err(fault)?;
    work.commit().await.map_err(fault)
}

/// Written after the last step: whose file it is, and that all steps are done.
const SEAL: &str = "PRAGMA application_id = 1296257107; PRAGMA user_version = 1";

async fn number(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query(sql).fetch_one(connection).await?.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_names_this_application_and_the_last_step() {
        assert_eq!(SEAL, format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {}", STEPS.len()));
    }
}
