//! Types of crates that many authors use.

use arrayvec::{ArrayString, ArrayVec};
use bytes::Bytes;
use either::Either;
use indexmap::{IndexMap, IndexSet};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{DeserializeFromStr, DisplayFromStr, SerializeDisplay, serde_as, skip_serializing_none};
use url::Url;
use uuid::Uuid;

use super::entry::corpus;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Invoice {
    id: Uuid,
    total: Decimal,
    page: Link,
    lines: IndexMap<String, Decimal>,
}

#[serde_as]
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Spelled {
    #[serde_as(as = "DisplayFromStr")]
    number: u32,
    #[serde_as(as = "Vec<DisplayFromStr>")]
    numbers: Vec<i64>,
}

#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Sparse {
    a: Option<String>,
    b: Option<u8>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Either2 {
    #[serde(serialize_with = "write_either", deserialize_with = "read_either")]
    #[schemars(with = "NumberOrText")]
    value: Either<u32, String>,
}

fn write_either<S: Serializer>(value: &Either<u32, String>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Either::Left(number) => number.serialize(serializer),
        Either::Right(text) => text.serialize(serializer),
    }
}

fn read_either<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Either<u32, String>, D::Error> {
    Ok(match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => Either::Left(number),
        NumberOrText::Text(text) => Either::Right(text),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum NumberOrText {
    Number(u32),
    Text(String),
}

/// Bytes with a schema and a decoder by hand.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Data(
    #[serde(serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    #[schemars(with = "Vec<u8>")]
    Bytes,
);

fn write_bytes<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    bytes.as_ref().serialize(serializer)
}

fn read_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    Vec::<u8>::deserialize(deserializer).map(Bytes::from)
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "Url")]
struct Link(Url);

impl TryFrom<String> for Link {
    type Error = url::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Url::parse(&text).map(Self)
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.0.into()
    }
}

/// A version, by its `Display` and `FromStr`.
#[derive(Clone, Debug, SerializeDisplay, DeserializeFromStr, JsonSchema)]
#[schemars(with = "String")]
struct Version(u8, u8);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl std::str::FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (major, minor) = text.split_once('.').ok_or("a version has two numbers")?;
        let read = |number: &str| number.parse().map_err(|_| "a version has two numbers".to_owned());
        Ok(Self(read(major)?, read(minor)?))
    }
}

corpus! {
    identifier: Uuid => ["f81d4fae-7dec-41d0-a765-00a0c91e6bf6"];
    list_of_uuids: Vec<Uuid> => [["f81d4fae-7dec-41d0-a765-00a0c91e6bf6"]];
    link: Link, stricter => ["https://example.com/a?b=c"];
    decimal: Decimal, stricter => ["1.50"];
    ordered_map: IndexMap<String, u8> => [{"b": 1, "a": 2}];
    ordered_set: IndexSet<String> => [["b", "a"]];
    data: Data => [[1, 2, 255]];
    either_untagged: Either2 => [{"value": 1}, {"value": "a"}];
    version: Version, stricter => ["1.2"];
    bounded: ArrayVec<u8, 4> => [[1, 2]];
    short: ArrayString<8>, stricter => ["abc"];
    invoice: Invoice, stricter => [{
        "id": "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
        "total": "10.5",
        "page": "https://example.com/",
        "lines": {"a": "1.5"},
    }];
    spelled: Spelled, stricter => [{"number": "7", "numbers": ["1", "-2"]}];
    sparse: Sparse => [{"a": "x"}, {"b": 1}];
}
