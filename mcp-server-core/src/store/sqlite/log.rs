//! Streams: a row for each stream, a row for each entry.

use bytes::Bytes;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::engine::Sqlite;
use super::fault::in_use;
use crate::store::clock::span;
use crate::store::log::{Extent, Keep, Log, LogEntry, Offset, Slice};
use crate::store::reply::Reply;

const FIND: &str = "SELECT id, first, last, bytes, ends FROM stream WHERE name = ?1";
const MAKE: &str = "INSERT INTO stream (name, born, first, last, bytes, age, ends)
    VALUES (?1, ?2, ?2 + 1, ?2, 0, 0, 0) RETURNING id, first, last, bytes, ends";
const APPEND: &str = "INSERT INTO entry (stream, place, at, data) VALUES (?1, ?2, ?3, ?4)";
const OLDEST: &str =
    "SELECT place, at, length(data) FROM entry WHERE stream = ?1 AND place >= ?2 ORDER BY place LIMIT 16";
const CUT: &str = "DELETE FROM entry WHERE stream = ?1 AND place < ?2";
const RECORD: &str = "UPDATE stream SET first = ?2, last = ?3, bytes = ?4, age = ?5, ends = ?6 WHERE id = ?1";
const FORGET_ENTRIES: &str = "DELETE FROM entry WHERE stream = ?1";
const FORGET: &str = "DELETE FROM stream WHERE id = ?1";

/// One statement, so that the stream and its entries are of one state. The first entry that is not too old is found
/// apart: what a reader may have lost lies before it.
const READ: &str = "SELECT s.born, s.last, e.place, e.data,
        (SELECT f.place FROM entry f WHERE f.stream = s.id AND f.at + s.age > ?2 ORDER BY f.place LIMIT 1)
    FROM stream s LEFT JOIN entry e ON e.stream = s.id AND e.place > ?3 AND e.at + s.age > ?2
    WHERE s.name = ?1 AND s.ends > ?2
    ORDER BY e.place LIMIT ?4";

/// The row of a stream.
struct Stream {
    id: i64,
    first: i64,
    last: i64,
    bytes: i64,
    ends: i64,
}

impl Log for Sqlite {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        Box::pin(async move {
            let now = self.now();
            let work = async |work: &mut SqliteConnection| append(work, stream, &data, keep, now).await;
            let offset = self.transaction(work).await.map_err(in_use)?;
            self.sweep_if_due().await;
            Ok(Offset::from_u64(offset.cast_unsigned()))
        })
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        Box::pin(async move {
            let rows = sqlx::query(READ)
                .bind(stream)
                .bind(self.now())
                .bind(i64::try_from(after.as_u64()).unwrap_or(i64::MAX))
                .bind(i64::try_from(most).unwrap_or(i64::MAX))
                .fetch_all(&self.readers)
                .await
                .map_err(in_use)?;
            slice(&rows, after).map_err(in_use)
        })
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        Box::pin(async move {
            let now = self.now();
            let work =
                async |work: &mut SqliteConnection| match find(work, stream).await?.filter(|found| found.ends > now) {
                    Some(found) => trim(work, found, keep, now).await,
                    None => Ok(()),
                };
            self.transaction(work).await.map_err(in_use)
        })
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        Box::pin(async move {
            let work = async |work: &mut SqliteConnection| {
                let found = find(work, stream).await?;
                if let Some(stream) = &found {
                    forget(work, stream.id).await?;
                }
                Ok(found)
            };
            let found = self.transaction(work).await.map_err(in_use)?;
            Ok(found.is_some_and(|stream| stream.ends > self.now()))
        })
    }
}

async fn append(
    work: &mut SqliteConnection,
    name: &str,
    data: &[u8],
    keep: Keep,
    now: i64,
) -> Result<i64, sqlx::Error> {
    let mut found = find(work, name).await?;
    if let Some(dead) = found.take_if(|stream| stream.ends <= now) {
        forget(work, dead.id).await?;
    }
    let mut stream = if let Some(stream) = found {
        stream
    } else {
        let born = Extent::birth(now.cast_unsigned()).cast_signed();
        Stream::from_row(&sqlx::query(MAKE).bind(name).bind(born).fetch_one(&mut *work).await?)?
    };
    stream.last += 1;
    stream.bytes = stream.bytes.saturating_add(i64::try_from(data.len()).unwrap_or(i64::MAX));
    let offset = stream.last;
    sqlx::query(APPEND).bind(stream.id).bind(offset).bind(now).bind(data).execute(&mut *work).await?;
    trim(work, stream, keep, now).await?;
    Ok(offset)
}

/// Removes what is over `keep`, oldest first, and writes down what the stream is now.
async fn trim(work: &mut SqliteConnection, mut stream: Stream, keep: Keep, now: i64) -> Result<(), sqlx::Error> {
    let (age, before) = (span(keep.age).cast_signed(), stream.first);
    let most_bytes = i64::try_from(keep.bytes).unwrap_or(i64::MAX);
    'trimming: while stream.first <= stream.last {
        let oldest = sqlx::query(OLDEST).bind(stream.id).bind(stream.first).fetch_all(&mut *work).await?;
        if oldest.is_empty() {
            break;
        }
        for row in oldest {
            let (place, at, bytes): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let over = stream.last - place >= i64::from(keep.entries) || stream.bytes > most_bytes;
            if !over && at.saturating_add(age) > now {
                break 'trimming;
            }
            stream.bytes -= bytes;
            stream.first = place + 1;
        }
    }
    if stream.first > before {
        sqlx::query(CUT).bind(stream.id).bind(stream.first).execute(&mut *work).await?;
    }
    sqlx::query(RECORD)
        .bind(stream.id)
        .bind(stream.first)
        .bind(stream.last)
        .bind(stream.bytes)
        .bind(age)
        .bind(now.saturating_add(age))
        .execute(work)
        .await?;
    Ok(())
}

async fn find(work: &mut SqliteConnection, name: &str) -> Result<Option<Stream>, sqlx::Error> {
    sqlx::query(FIND).bind(name).fetch_optional(work).await?.as_ref().map(Stream::from_row).transpose()
}

/// Deletes a stream with all its entries.
pub(super) async fn forget(work: &mut SqliteConnection, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query(FORGET_ENTRIES).bind(id).execute(&mut *work).await?;
    sqlx::query(FORGET).bind(id).execute(work).await?;
    Ok(())
}

fn slice(rows: &[SqliteRow], after: Offset) -> Result<Slice, sqlx::Error> {
    let Some(row) = rows.first() else { return Ok(Extent::missing(after)) };
    let (born, last, first): (i64, i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(4)?);
    let extent = Extent {
        born: born.cast_unsigned(),
        first: first.unwrap_or(last + 1).cast_unsigned(),
        last: last.cast_unsigned(),
    };
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        // A stream without a fitting entry is one row with nothing on its right side.
        if let Some(place) = row.try_get::<Option<i64>, _>(2)? {
            let data: Vec<u8> = row.try_get(3)?;
            entries.push(LogEntry { offset: Offset::from_u64(place.cast_unsigned()), data: data.into() });
        }
    }
    Ok(Slice { entries, lost: extent.lost_after(after) })
}

impl Stream {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get(0)?,
            first: row.try_get(1)?,
            last: row.try_get(2)?,
            bytes: row.try_get(3)?,
            ends: row.try_get(4)?,
        })
    }
}
