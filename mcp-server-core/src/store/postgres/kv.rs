//! Versioned values: one statement for each operation.

use std::time::Duration;

use bytes::Bytes;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::engine::Postgres;
use super::fault::in_use;
use crate::store::clock::span;
use crate::store::error::StoreError;
use crate::store::kv::{Entry, Expect, Kv, Put, Version};
use crate::store::reply::Reply;
use crate::store::seal::random;

const GET: &str =
    "SELECT value, version FROM kv WHERE key = $1 AND (ends IS NULL OR ends > millis(statement_timestamp()))";

const PUT_ANY: &str = "INSERT INTO kv (key, value, version, ends)
    VALUES ($1, $2, $3, millis(statement_timestamp()) + $4)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, ends = excluded.ends
    RETURNING 1";

const PUT_ABSENT: &str = "INSERT INTO kv (key, value, version, ends)
    VALUES ($1, $2, $3, millis(statement_timestamp()) + $4)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, ends = excluded.ends
    WHERE kv.ends <= millis(statement_timestamp())
    RETURNING 1";

const PUT_VERSION: &str = "UPDATE kv SET value = $2, version = $3, ends = millis(statement_timestamp()) + $4
    WHERE key = $1 AND (ends IS NULL OR ends > millis(statement_timestamp())) AND version = $5
    RETURNING 1";

const DELETE: &str = "DELETE FROM kv
    WHERE key = $1 AND (ends IS NULL OR ends > millis(statement_timestamp())) AND ($2 IS NULL OR version = $2)
    RETURNING 1";

impl Kv for Postgres {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        Box::pin(async move {
            let rows = self.read(|| sqlx::query(GET).bind(key)).await?;
            rows.first().map(entry).transpose()
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        Box::pin(async move {
            // Random, not counted: no two states alike, not even on a standby that took over and missed the last ones.
            let version = Version::from_u64(u64::from_be_bytes(random::bytes()));
            let (statement, expected) = match expect {
                Expect::Any => (PUT_ANY, None),
                Expect::Absent => (PUT_ABSENT, None),
                Expect::Version(expected) => (PUT_VERSION, Some(expected.as_u64().cast_signed())),
            };
            let query = sqlx::query(statement)
                .bind(key)
                .bind(&value[..])
                .bind(version.as_u64().cast_signed())
                .bind(life.map(|life| span(life).cast_signed()));
            let query = if expected.is_some() { query.bind(expected) } else { query };
            if self.write(query).await?.is_empty() {
                return Ok(Put::Refused(self.get(key).await?));
            }
            self.sweep_if_due();
            Ok(Put::Stored(version))
        })
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        Box::pin(async move {
            let version = version.map(|version| version.as_u64().cast_signed());
            Ok(!self.write(sqlx::query(DELETE).bind(key).bind(version)).await?.is_empty())
        })
    }
}

fn entry(row: &PgRow) -> Result<Entry, StoreError> {
    let value: Vec<u8> = row.try_get(0).map_err(in_use)?;
    let version: i64 = row.try_get(1).map_err(in_use)?;
    Ok(Entry { value: value.into(), version: Version::from_u64(version.cast_unsigned()) })
}
