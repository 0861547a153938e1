//! Versioned values: one statement for each operation.

use std::time::Duration;

use bytes::Bytes;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::engine::Sqlite;
use super::fault::in_use;
use crate::store::error::StoreError;
use crate::store::kv::{Entry, Expect, Kv, Put, Version};
use crate::store::reply::Reply;
use crate::store::seal::random;

const GET: &str = "SELECT value, version FROM kv WHERE key = ?1 AND (ends IS NULL OR ends > ?2)";

const PUT_ANY: &str = "INSERT INTO kv (key, value, version, ends) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, ends = excluded.ends";

const PUT_ABSENT: &str = "INSERT INTO kv (key, value, version, ends) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, ends = excluded.ends
    WHERE kv.ends <= ?5";

const PUT_VERSION: &str = "UPDATE kv SET value = ?2, version = ?3, ends = ?4
    WHERE key = ?1 AND (ends IS NULL OR ends > ?5) AND version = ?6";

const DELETE: &str = "DELETE FROM kv
    WHERE key = ?1 AND (ends IS NULL OR ends > ?2) AND (?3 IS NULL OR version = ?3)";

impl Kv for Sqlite {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        Box::pin(async move {
            let query = sqlx::query(GET).bind(key).bind(self.now());
            query.fetch_optional(&self.readers).await.map_err(in_use)?.as_ref().map(entry).transpose()
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        Box::pin(async move {
            // Random, not counted: no second write for a counter, and no two states alike, on any replica.
            let version = Version::from_u64(u64::from_be_bytes(random::bytes()));
            let (statement, expected) = match expect {
                Expect::Any => (PUT_ANY, None),
                Expect::Absent => (PUT_ABSENT, None),
                Expect::Version(expected) => (PUT_VERSION, Some(expected.as_u64().cast_signed())),
            };
            let done = sqlx::query(statement)
                .bind(key)
                .bind(&value[..])
                .bind(version.as_u64().cast_signed())
                .bind(self.clock.end_of(life).map(u64::cast_signed))
                .bind(self.now())
                .bind(expected)
                .execute(&self.writer)
                .await
                .map_err(in_use)?;
            if done.rows_affected() == 0 {
                return Ok(Put::Refused(self.get(key).await?));
            }
            self.sweep_if_due().await;
            Ok(Put::Stored(version))
        })
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        Box::pin(async move {
            let version = version.map(|version| version.as_u64().cast_signed());
            let query = sqlx::query(DELETE).bind(key).bind(self.now()).bind(version);
            Ok(query.execute(&self.writer).await.map_err(in_use)?.rows_affected() > 0)
        })
    }
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let value: Vec<u8> = row.try_get(0).map_err(in_use)?;
    let version: i64 = row.try_get(1).map_err(in_use)?;
    Ok(Entry { value: value.into(), version: Version::from_u64(version.cast_unsigned()) })
}
