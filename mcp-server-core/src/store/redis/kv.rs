//! Versioned values: a string for each, its version before its bytes.

use std::time::Duration;

use bytes::{Buf, Bytes};
use redis::Value;

use super::engine::Redis;
use super::fault::corrupt;
use crate::store::clock::span;
use crate::store::error::StoreError;
use crate::store::kv::{Entry, Expect, Kv, Put, Version};
use crate::store::reply::Reply;
use crate::store::seal::random;

/// How many bytes a version has.
const VERSION: usize = 8;
/// The longest life in milliseconds, a hundred years: the server adds it to the time, and refuses what overflows.
pub(super) const LONGEST: u64 = 100 * 366 * 24 * 60 * 60 * 1_000;

impl Kv for Redis {
    fn get<'a>(&'a self, key: &'a str) -> Reply<'a, Option<Entry>> {
        Box::pin(async move {
            let key = self.names.value(key);
            let get = async move |connection: &mut _| redis::cmd("GET").arg(key).query_async(connection).await;
            entry(self.link.send(get).await?)
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, expect: Expect, life: Option<Duration>) -> Reply<'a, Put> {
        Box::pin(async move {
            // Random, not counted: no two states alike, whichever server was asked and whatever its clock says.
            let version: [u8; VERSION] = random::bytes();
            let expected = match expect {
                Expect::Any => b"any".to_vec(),
                Expect::Absent => b"absent".to_vec(),
                Expect::Version(expected) => expected.as_u64().to_be_bytes().to_vec(),
            };
            let life = life.map(|life| span(life).min(LONGEST).to_string()).unwrap_or_default();
            let mut put = self.scripts.put.key(self.names.value(key));
            put.arg([&version, &value[..]].concat()).arg(expected).arg(life);
            drop(value);
            match self.link.send(async move |connection| put.invoke_async(connection).await).await? {
                Value::Int(_) => Ok(Put::Stored(Version::from_u64(u64::from_be_bytes(version)))),
                there => Ok(Put::Refused(entry(there)?)),
            }
        })
    }

    fn delete<'a>(&'a self, key: &'a str, version: Option<Version>) -> Reply<'a, bool> {
        Box::pin(self.link.send(async move |connection| {
            let key = self.names.value(key);
            let Some(version) = version else {
                return redis::cmd("DEL").arg(key).query_async(connection).await;
            };
            let delete = &self.scripts.delete;
            delete.key(key).arg(&version.as_u64().to_be_bytes()[..]).invoke_async(connection).await
        }))
    }
}

/// The value in a reply.
fn entry(reply: Value) -> Result<Option<Entry>, StoreError> {
    match reply {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) if bytes.len() >= VERSION => {
            let mut value = Bytes::from(bytes);
            let version = Version::from_u64(value.get_u64());
            Ok(Some(Entry { value, version }))
        }
        _ => Err(corrupt("a value without a version")),
    }
}
