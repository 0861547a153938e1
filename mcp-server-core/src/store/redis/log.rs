//! Streams: a hash for each, with all its entries.

use bytes::Bytes;
use redis::Value;

use super::engine::Redis;
use super::fault::corrupt;
use super::kv::LONGEST;
use crate::store::clock::span;
use crate::store::error::StoreError;
use crate::store::log::{Extent, Keep, Log, LogEntry, Offset, Slice};
use crate::store::reply::Reply;

/// Beyond all offsets, and a number that the scripts keep whole.
const END: u64 = 1 << 53;

impl Log for Redis {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        Box::pin(async move {
            let mut append = self.scripts.append.key(self.names.stream(stream));
            append.arg(&data[..]).arg(keep.entries).arg(keep.bytes).arg(age(keep));
            drop(data);
            let offset = self.link.send(async move |connection| append.invoke_async(connection).await).await?;
            Ok(Offset::from_u64(offset))
        })
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        Box::pin(async move {
            let mut read = self.scripts.read.key(self.names.stream(stream));
            read.arg(after.as_u64().min(END)).arg(most);
            let reply = self.link.send(async move |connection| read.invoke_async(connection).await).await?;
            slice(reply, after)
        })
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        Box::pin(async move {
            let mut trim = self.scripts.trim.key(self.names.stream(stream));
            trim.arg(keep.entries).arg(keep.bytes).arg(age(keep));
            self.link.send(async move |connection| trim.invoke_async(connection).await).await
        })
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        Box::pin(self.link.send(async move |connection| {
            redis::cmd("UNLINK").arg(self.names.stream(stream)).query_async(connection).await
        }))
    }
}

fn age(keep: Keep) -> u64 {
    span(keep.age).min(LONGEST)
}

/// What the script has read.
fn slice(reply: Value, after: Offset) -> Result<Slice, StoreError> {
    let parts = match reply {
        Value::Nil => return Ok(Extent::missing(after)),
        Value::Array(parts) => parts,
        _ => return Err(corrupt("a stream that is none")),
    };
    let Ok([born, first, last, from, Value::Array(found)]) = <[Value; 5]>::try_from(parts) else {
        return Err(corrupt("a stream without its extent"));
    };
    let extent = Extent { born: number(&born)?, first: number(&first)?, last: number(&last)? };
    let mut entries = Vec::with_capacity(found.len());
    for (offset, data) in (number(&from)?..).zip(found) {
        let Value::BulkString(data) = data else { return Err(corrupt("a stream that lacks an entry")) };
        entries.push(LogEntry { offset: Offset::from_u64(offset), data: data.into() });
    }
    Ok(Slice { entries, lost: extent.lost_after(after) })
}

/// A number as the scripts write it.
fn number(value: &Value) -> Result<u64, StoreError> {
    let Value::BulkString(text) = value else { return Err(corrupt("a stream without numbers")) };
    let text = std::str::from_utf8(text).ok();
    text.and_then(|text| text.parse().ok()).ok_or_else(|| corrupt("a stream without numbers"))
}
