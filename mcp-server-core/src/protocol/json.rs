//! Strict JSON: bounded depth, no member twice, faults with their place.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not taken as an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonFault {
    pointer: String,
    what: &'static str,
}

impl JsonFault {
    /// Where, as a JSON pointer.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => write!(f, "the arguments: {}", self.what),
            pointer => write!(f, "`{pointer}`: {}", self.what),
        }
    }
}

impl std::error::Error for JsonFault {}

/// Reads an object strictly.
///
/// A number such as `1.0` is read as the integer that it is to JSON Schema, so that the schema's verdict and the
/// decoder's are the same.
///
/// # Errors
/// A member that stands twice at any depth (readers differ in which one they take), more than `depth` levels, a number
/// that does not fit a double, text that is no object.
pub(crate) fn object(text: &str, depth: usize) -> Result<Map<String, Value>, JsonFault> {
    let mut reading = Reading { what: None, path: Vec::new() };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = Strict { reading: &mut reading, depth }.deserialize(&mut deserializer);
    match read.and_then(|value| deserializer.end().map(|()| value)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(JsonFault { pointer: String::new(), what: "must be an object" }),
        Err(error) => Err(reading.fault(&error)),
    }
}

/// What was found while reading; touched only when something is wrong.
struct Reading {
    what: Option<&'static str>,
    /// The steps to the fault, innermost first.
    path: Vec<String>,
}

impl Reading {
    fn fault(self, error: &serde_json::Error) -> JsonFault {
        let mut pointer = String::new();
        for step in self.path.iter().rev() {
            pointer.push('/');
            pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        let what = self.what.unwrap_or(match error.to_string() {
            text if text.starts_with("number out of range") => "holds a number that is out of range",
            text if text.starts_with("recursion limit") => "nests too deep",
            _ => "is not valid JSON",
        });
        JsonFault { pointer, what }
    }
}

struct Strict<'a> {
    reading: &'a mut Reading,
    /// How many levels may still follow.
    depth: usize,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(&mut self) -> Result<usize, E> {
        self.depth.checked_sub(1).ok_or_else(|| {
            self.reading.what = Some("nests too deep");
            E::custom("too deep")
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        loop {
            match access.next_element_seed(Strict { reading: &mut *self.reading, depth }) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Value::Array(items)),
                Err(error) => {
                    self.reading.path.push(items.len().to_string());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = match access.next_value_seed(Strict { reading: &mut *self.reading, depth }) {
                Ok(value) => value,
                Err(error) => {
                    self.reading.path.push(name);
                    return Err(error);
                }
            };
            match members.entry(name) {
                serde_json::map::Entry::Vacant(place) => {
                    place.insert(value);
                }
                serde_json::map::Entry::Occupied(other) => {
                    self.reading.what = Some("stands twice");
                    self.reading.path.push(other.key().clone());
                    return Err(A::Error::custom("twice"));
                }
            }
        }
        Ok(Value::Object(members))
    }
}

/// A double, or the integer that it is where both are exact.
fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT && !(value == 0.0 && value.is_sign_negative()) {
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer of at most 53 bits")]
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fault(text: &str) -> (String, &'static str) {
        let fault = object(text, 4).unwrap_err();
        (fault.pointer, fault.what)
    }

    #[test]
    fn an_object_is_read_as_it_stands() {
        let members =
            object(r#" {"b": [1, -2, 1.5, 1.0, 1e3], "a": {"t": true, "n": null, "s": "\u00e9\n"}} "#, 4).unwrap();
        assert_eq!(
            Value::Object(members.clone()),
            json!({"b": [1, -2, 1.5, 1, 1000], "a": {"t": true, "n": null, "s": "é\n"}})
        );
        assert_eq!(members.keys().collect::<Vec<_>>(), ["b", "a"], "the order is kept");
        assert_eq!(object("{\"n\":18446744073709551615}", 1).unwrap()["n"], json!(u64::MAX));
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_at_any_depth() {
        assert_eq!(fault(r#"{"a":1,"a":1}"#), ("/a".to_owned(), "stands twice"));
        assert_eq!(fault(r#"{"a":[0,{"b/c":{"d":1,"\u0064":2}}]}"#), ("/a/1/b~1c/d".to_owned(), "stands twice"));
    }

    /// K13: depth is bounded.
    #[test]
    fn depth_is_bounded() {
        assert!(object(r#"{"a":[[[1]]]}"#, 4).is_ok());
        assert_eq!(fault(r#"{"a":[[[[1]]]]}"#), ("/a/0/0/0".to_owned(), "nests too deep"));
        let deep = format!("{}{}", r#"{"a":"#.repeat(100_000), "1");
        assert_eq!(object(&deep, 100_000).unwrap_err().what, "nests too deep");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(fault("[1]").1, "must be an object");
        assert_eq!(fault("{\"a\":1e999}"), ("/a".to_owned(), "holds a number that is out of range"));
        assert_eq!(fault("{\"a\":1} x").1, "is not valid JSON");
        assert_eq!(fault("{\"a\":tru}"), ("/a".to_owned(), "is not valid JSON"));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 64, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(".*", inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    proptest! {
        /// What serde reads, the strict reader reads the same, up to the limit of depth and no further.
        #[test]
        fn reading_agrees_with_serde(value in any_json(), limit in 0_usize..8) {
            let whole = json!({ "v": value });
            let text = whole.to_string();
            let fits = depth(&whole) <= limit;
            match object(&text, limit) {
                Ok(members) => {
                    prop_assert!(fits);
                    prop_assert_eq!(Value::Object(members), whole);
                }
                Err(fault) => {
                    prop_assert!(!fits);
                    prop_assert_eq!(fault.what, "nests too deep");
                }
            }
        }

        /// No text makes the reader do anything but answer.
        #[test]
        fn any_text_is_answered(text in ".*") {
            let strict = object(&text, 3).is_ok();
            prop_assert!(!strict || serde_json::from_str::<Value>(&text).is_ok());
        }
    }
}
