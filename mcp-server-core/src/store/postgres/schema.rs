//! The tables, and the steps by which an older schema gets them.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use super::address::Address;
use super::fault::{READ_ONLY, at_open, late};
use crate::store::error::StoreError;

/// Each step brings a schema from the version of its place in this list to the next. Steps are added, never changed.
const STEPS: [&str; 1] = [include_str!("step1.sql")];
/// How long the steps may take, with waiting for other replicas.
const MIGRATION: Duration = Duration::from_mins(2);

const ABOUT: &str = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
    current_setting('transaction_read_only')::boolean, to_regclass('migration') IS NOT NULL,
    EXISTS (SELECT FROM pg_namespace WHERE nspname = current_setting('search_path')),
    EXISTS (SELECT FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(current_setting('search_path')))";
const DONE: &str = "SELECT coalesce(max(step), 0) FROM migration";
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('mcp-server ' || current_setting('search_path'), 0))";
const RIGHTS: &str = "SELECT bool_and(has_table_privilege(place, its))
    FROM unnest(ARRAY['kv', 'stream', 'entry']) place, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) its";

/// What is said of a database that cannot be used as it is.
type Refusal = String;

/// Brings the schema up to date, or says why it cannot be used.
pub(super) async fn prepare(connection: &mut PgConnection, address: &Address) -> Result<(), StoreError> {
    let work = tokio::time::timeout(MIGRATION, migrate(connection, &address.schema)).await;
    match work.unwrap_or_else(|_| Err(late("another replica makes the tables, and does not end"))) {
        Ok(None) => Ok(()),
        Ok(Some(why)) => {
            let (place, source) = (address.place.clone(), None);
            // A standby may become the primary; anything else does not change by itself.
            Err(if why == READ_ONLY {
                StoreError::Unreachable { place, why, source }
            } else {
                StoreError::Unusable { place, why, source }
            })
        }
        Err(error) => Err(at_open(address, error)),
    }
}

async fn migrate(connection: &mut PgConnection, schema: &str) -> Result<Option<Refusal>, sqlx::Error> {
    let about = sqlx::query(ABOUT).fetch_one(&mut *connection).await?;
    if about.try_get::<i32, _>(0)? < 140_000 {
        return Ok(Some("the server is older than PostgreSQL 14; update it".to_owned()));
    }
    if about.try_get::<String, _>(1)? != "UTF8" {
        return Ok(Some("the encoding of the database is not UTF8; make one with ENCODING 'UTF8'".to_owned()));
    }
    if about.try_get(2)? {
        return Ok(Some(READ_ONLY.to_owned()));
    }
    // Usually there is nothing to do, and then no lock and no right to change tables is needed.
    let ready = about.try_get(3)? && done(connection).await? >= STEPS.len();
    if !ready && let Some(refusal) = step(connection, schema).await? {
        return Ok(Some(refusal));
    }
    let version = done(connection).await?;
    if version > STEPS.len() {
        return Ok(Some(format!(
            "a newer version of this server has made the schema `{schema}` (step {version}, this one knows {}); \
             run that version, or name another schema with `?schema=`",
            STEPS.len()
        )));
    }
    let rights: bool = sqlx::query(RIGHTS).fetch_one(connection).await?.try_get(0)?;
    Ok((!rights).then(|| {
        format!("the user may not change the tables in `{schema}`; grant SELECT, INSERT, UPDATE and DELETE on them")
    }))
}

/// Does the steps that are left, in one transaction; replicas that start together wait for each other here.
async fn step(connection: &mut PgConnection, schema: &str) -> Result<Option<Refusal>, sqlx::Error> {
    let mut work = connection.begin().await?;
    sqlx::query(LOCK).execute(&mut *work).await?;
    let about = sqlx::query(ABOUT).fetch_one(&mut *work).await?;
    let (ours, exists, taken): (bool, bool, bool) = (about.try_get(3)?, about.try_get(4)?, about.try_get(5)?);
    if taken && !ours {
        return Ok(Some(format!(
            "the schema `{schema}` holds tables of something else; name another one with `?schema=`"
        )));
    }
    if !exists {
        // The name is of letters, digits and underscores.
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut *work).await?;
    }
    if !ours {
        let record = "CREATE TABLE migration (step integer PRIMARY KEY, made timestamptz NOT NULL DEFAULT now())";
        sqlx::raw_sql(record).execute(&mut *work).await?;
    }
    let before = done(&mut work).await?;
    for (number, step) in (1_i32..).zip(STEPS).skip(before) {
        sqlx::raw_sql(step).execute(&mut *work).await?;
        sqlx::query("INSERT INTO migration (step) VALUES ($1)").bind(number).execute(&mut *work).await?;
    }
    work.commit().await?;
    Ok(None)
}

async fn done(connection: &mut PgConnection) -> Result<usize, sqlx::Error> {
    let step: i32 = sqlx::query(DONE).fetch_one(connection).await?.try_get(0)?;
    Ok(usize::try_from(step).unwrap_or_default())
}
