//! Values as PostgreSQL writes them in text, by their type.
//!
//! Rows are fetched as text, not in the binary form of each type: every type of every extension has one, and the
//! server that made the value writes it.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

use super::array;
use crate::cell;

/// How the text of a type is read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reading {
    Bool,
    Integer,
    Float,
    Json,
    Bytes,
    Timestamp,
    Text,
    Array(Box<Reading>, char),
}

impl Reading {
    /// The JSON of a text, which is short enough to be given whole.
    pub(super) fn value(&self, text: &str) -> Value {
        match self {
            Self::Bool => Value::from(text == "t"),
            Self::Integer => text.parse().map_or_else(|_| Value::from(text), cell::integer),
            Self::Float => text.parse().map_or_else(|_| Value::from(text), cell::float),
            Self::Json => cell::document(text, usize::MAX),
            Self::Bytes => unhex(text).map_or_else(|| Value::from(text), |bytes| cell::bytes(&bytes, usize::MAX)),
            Self::Timestamp => Value::from(iso(text)),
            Self::Text => Value::from(text),
            Self::Array(element, delimiter) => {
                array::read(text, *delimiter, &|part| element.value(part)).unwrap_or_else(|| Value::from(text))
            }
        }
    }

    /// The JSON of the start of a text that has so many bytes. Half an array would look like a whole one: it is text.
    pub(super) fn start(&self, start: &str, bytes: usize, longest: usize) -> Value {
        let even = start.get(..start.len() & !1).unwrap_or(start);
        match (self, unhex(even)) {
            // Two digits for each byte, behind `\x`.
            (Self::Bytes, Some(known)) => cell::cut_bytes(&known, bytes.saturating_sub(2) / 2, longest),
            _ => cell::cut(start, bytes, longest),
        }
    }
}

/// `2024-05-06 07:08:09+00` as ISO 8601 has it; what that cannot say, such as `infinity`, stays.
fn iso(text: &str) -> String {
    if text.ends_with("BC") || !text.starts_with(|first: char| first.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut iso = text.replacen(' ', "T", 1);
    let zone = iso.rfind(['+', '-']).filter(|at| iso.find('T').is_some_and(|time| *at > time));
    if zone.is_some_and(|at| iso.len() - at == 3) {
        iso.push_str(":00");
    }
    iso
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[derive(Debug)]
struct PgType {
    name: String,
    kind: String,
    element: i64,
    base: i64,
    delimiter: char,
}

/// The types of a result, as the server's catalogue describes them.
#[derive(Debug, Default)]
pub(super) struct Types(HashMap<i64, PgType>);

/// Domains lead to what they are over, arrays to their elements.
const TYPES: &str = "WITH RECURSIVE found AS ( \
       SELECT t.* FROM pg_catalog.pg_type t WHERE t.oid::int8 = ANY($1) \
       UNION ALL SELECT t.* FROM pg_catalog.pg_type t JOIN found f \
       ON t.oid = f.typbasetype OR (f.typcategory = 'A' AND t.oid = f.typelem)) \
     SELECT DISTINCT oid::int8 AS oid, format_type(oid, NULL) AS name, \
       CASE WHEN typtype = 'd' THEN 'domain' WHEN typcategory = 'A' THEN 'array' ELSE 'plain' END AS kind, \
       typelem::int8 AS element, typbasetype::int8 AS base, typdelim::text AS delimiter FROM found";

impl Types {
    /// Looks the types up in the open transaction.
    pub(super) async fn look_up(connection: &mut PgConnection, oids: &[i64]) -> Result<Self, sqlx::Error> {
        let rows = sqlx::query(TYPES).bind(oids).persistent(false).fetch_all(connection).await?;
        let mut types = HashMap::with_capacity(rows.len());
        for row in rows {
            let delimiter: String = row.try_get("delimiter")?;
            let found = PgType {
                name: row.try_get("name")?,
                kind: row.try_get("kind")?,
                element: row.try_get("element")?,
                base: row.try_get("base")?,
                delimiter: delimiter.chars().next().unwrap_or(','),
            };
            types.insert(row.try_get("oid")?, found);
        }
        Ok(Self(types))
    }

    /// The name for people.
    pub(super) fn name(&self, oid: i64) -> String {
        self.0.get(&oid).map_or_else(|| "unknown".to_owned(), |found| found.name.clone())
    }

    /// How its text is read.
    pub(super) fn reading(&self, oid: i64) -> Reading {
        // The numbers of the built-in types are fixed (src/include/catalog/pg_type.dat).
        match oid {
            16 => return Reading::Bool,
            20 | 21 | 23 | 26 => return Reading::Integer,
            700 | 701 => return Reading::Float,
            114 | 3802 => return Reading::Json,
            17 => return Reading::Bytes,
            1114 | 1184 => return Reading::Timestamp,
            _ => {}
        }
        match self.0.get(&oid) {
            Some(found) if found.kind == "domain" && found.base != oid => self.reading(found.base),
            Some(found) if found.kind == "array" && found.element != oid => {
                Reading::Array(Box::new(self.reading(found.element)), found.delimiter)
            }
            _ => Reading::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_iso() {
        assert_eq!(iso("2024-05-06 07:08:09+00"), "2024-05-06T07:08:09+00:00");
        assert_eq!(iso("2024-05-06 07:08:09.5-03:30"), "2024-05-06T07:08:09.5-03:30");
        assert_eq!(iso("2024-05-06 07:08:09"), "2024-05-06T07:08:09");
        assert_eq!(iso("infinity"), "infinity");
        assert_eq!(iso("0044-03-15 12:00:00 BC"), "0044-03-15 12:00:00 BC");
    }

    #[test]
    fn texts_become_what_their_type_says() {
        assert_eq!(Reading::Bool.value("t"), json!(true));
        assert_eq!(Reading::Integer.value("-7"), json!(-7));
        assert_eq!(Reading::Integer.value("9223372036854775807"), json!("9223372036854775807"));
        assert_eq!(Reading::Float.value("NaN"), json!("NaN"));
        assert_eq!(Reading::Float.value("-Infinity"), json!("-Infinity"));
        assert_eq!(Reading::Bytes.value("\\x00ff"), json!({ "base64": "AP8=", "bytes": 2 }));
        assert_eq!(Reading::Json.value("{\"a\":1}"), json!({ "a": 1 }));
        assert_eq!(Reading::Array(Box::new(Reading::Integer), ',').value("{1,NULL}"), json!([1, null]));
        assert_eq!(Reading::Array(Box::new(Reading::Text), ',').value("1 2"), json!("1 2"));
    }
}
