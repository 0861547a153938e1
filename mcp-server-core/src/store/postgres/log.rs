//! Streams: a row for each stream, a row for each entry, and functions in the database that change both at once.

use bytes::Bytes;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::engine::Postgres;
use super::fault::in_use;
use crate::store::clock::span;
use crate::store::error::StoreError;
use crate::store::log::{Extent, Keep, Log, LogEntry, Offset, Slice};
use crate::store::reply::Reply;

const APPEND: &str = "SELECT log_append($1, $2, $3, $4, $5)";
const TRIM: &str = "SELECT 1 FROM log_trim($1, $2, $3, $4)";
const DELETE: &str = "SELECT log_delete($1)";

/// One statement, so that the stream and its entries are of one state. The first entry that is not too old is found
/// apart: what a reader may have lost lies before it.
const READ: &str = "SELECT s.born, s.last, e.place, e.data,
        (SELECT f.place FROM entry f WHERE f.stream = s.id AND f.added + s.age > millis(statement_timestamp())
         ORDER BY f.place LIMIT 1)
    FROM stream s LEFT JOIN entry e
        ON e.stream = s.id AND e.place > $2 AND e.added + s.age > millis(statement_timestamp())
    WHERE s.name = $1 AND s.ends > millis(statement_timestamp())
    ORDER BY e.place LIMIT $3";

impl Log for Postgres {
    fn append<'a>(&'a self, stream: &'a str, data: Bytes, keep: Keep) -> Reply<'a, Offset> {
        Box::pin(async move {
            let query = sqlx::query(APPEND)
                .bind(stream)
                .bind(&data[..])
                .bind(i64::from(keep.entries))
                .bind(number(keep.bytes))
                .bind(span(keep.age).cast_signed());
            let offset: i64 = one(&self.write(query).await?)?;
            self.sweep_if_due();
            Ok(Offset::from_u64(offset.cast_unsigned()))
        })
    }

    fn read<'a>(&'a self, stream: &'a str, after: Offset, most: usize) -> Reply<'a, Slice> {
        Box::pin(async move {
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let query = || sqlx::query(READ).bind(stream).bind(number(after.as_u64())).bind(most);
            slice(&Self::read(self, query).await?, after).map_err(in_use)
        })
    }

    fn trim<'a>(&'a self, stream: &'a str, keep: Keep) -> Reply<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(TRIM)
                .bind(stream)
                .bind(i64::from(keep.entries))
                .bind(number(keep.bytes))
                .bind(span(keep.age).cast_signed());
            self.write(query).await.map(drop)
        })
    }

    fn delete_stream<'a>(&'a self, stream: &'a str) -> Reply<'a, bool> {
        Box::pin(async move { one(&self.write(sqlx::query(DELETE).bind(stream)).await?) })
    }
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The one value of the one row.
fn one<'r, T>(rows: &'r [PgRow]) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    rows.first().ok_or(sqlx::Error::RowNotFound).and_then(|row| row.try_get(0)).map_err(in_use)
}

fn slice(rows: &[PgRow], after: Offset) -> Result<Slice, sqlx::Error> {
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
