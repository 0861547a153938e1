//! Measured rows: a query around the agent's own, in which the database cuts what is too long before it sends it.

use sqlx::postgres::PgRow;
use sqlx::{Row as _, ValueRef as _};

/// The text around the agent's query.
pub(super) struct Measured {
    /// What stands before it, in characters.
    pub(super) prefix: usize,
    /// The whole statement.
    pub(super) sql: String,
}

/// What a value came as.
#[derive(Debug, PartialEq)]
pub(super) enum Sent<'a> {
    Null,
    Whole(&'a str),
    /// The start of a text of so many bytes.
    Start(&'a str, usize),
}

/// Whether a type is text already, so that it need not be written as one: `text`, `varchar`.
fn is_text(oid: i64) -> bool {
    matches!(oid, 25 | 1043)
}

/// The statement that opens the cursor `page` over the rows of a query with columns of these types.
///
/// The inner query writes each value by its type's own output function; a cast to text would not do, because some types
/// cast otherwise. `OFFSET 0` keeps the planner from writing a value twice to measure it.
pub(super) fn declare(text: &str, oids: &[i64], longest: usize) -> Measured {
    let names: Vec<String> = (0..oids.len()).map(|column| format!("c{column}")).collect();
    let cut: Vec<String> = names
        .iter()
        .map(|name| {
            format!(
                "CASE WHEN octet_length({name}) <= {longest} THEN '=' || {name} \
                 ELSE octet_length({name})::text || ':' || left({name}, {longest}) END AS {name}"
            )
        })
        .collect();
    let written: Vec<String> = names
        .iter()
        .zip(oids)
        .map(|(name, oid)| {
            if is_text(*oid) {
                format!("{name}::text AS {name}")
            } else {
                format!("CASE WHEN num_nulls({name}) = 0 THEN concat({name}) END AS {name}")
            }
        })
        .collect();
    let head = format!(
        "DECLARE page NO SCROLL CURSOR FOR SELECT {} FROM (SELECT {} FROM (",
        cut.join(", "),
        written.join(", ")
    );
    let sql = format!("{head}{text}\n) AS asked ({}) OFFSET 0) AS written", names.join(", "));
    Measured { prefix: head.chars().count(), sql }
}

/// How many rows may be fetched at once, so that they are no more than some megabytes.
pub(super) fn batch(columns: usize, longest: usize) -> usize {
    // A character has at most four bytes.
    ((4 << 20) / (columns.max(1) * longest * 4)).clamp(1, 500)
}

/// Reads a value of a measured row.
pub(super) fn sent(row: &PgRow, index: usize) -> Result<Sent<'_>, sqlx::Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(Sent::Null);
    }
    read(value.as_str().map_err(sqlx::Error::Decode)?)
        .ok_or_else(|| sqlx::Error::Protocol("a measured value has no measure".to_owned()))
}

fn read(text: &str) -> Option<Sent<'_>> {
    if let Some(whole) = text.strip_prefix('=') {
        return Some(Sent::Whole(whole));
    }
    let (bytes, start) = text.split_once(':')?;
    Some(Sent::Start(start, bytes.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_whether_it_is_whole() {
        assert_eq!(read("=a:b"), Some(Sent::Whole("a:b")));
        assert_eq!(read("=="), Some(Sent::Whole("=")));
        assert_eq!(read("9000:a:b="), Some(Sent::Start("a:b=", 9000)));
        assert_eq!(read("a"), None);
    }

    #[test]
    fn fewer_rows_come_at_once_where_they_may_be_long() {
        assert_eq!((batch(1, 8192), batch(1600, 64)), (128, 10));
    }
}
