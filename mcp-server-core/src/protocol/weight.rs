//! The weight of a message: how many JSON values it holds and how much memory they take once they are read, estimated
//! from its bytes alone, before anything is built.

use memchr::memchr2;

/// Messages up to this size are not looked through. They count with [`FACTOR`] times their bytes.
const SHORT: usize = 4 * 1024;
/// Bytes of memory that a byte of a short message may take: an everyday message takes far less.
const FACTOR: usize = 16;
/// Bytes of memory that a value takes in its list or object, room to grow included.
const VALUE: usize = 112;
/// Bytes that an object takes besides: its table and its first members.
const OBJECT: usize = 400;

/// What a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weight {
    /// JSON values at most: numbers, strings, literals, arrays and objects.
    pub(crate) values: usize,
    /// Bytes of memory besides the message itself, about.
    pub(crate) memory: usize,
}

/// Weighs a message in one pass. What is not JSON has a weight too.
pub(crate) fn weigh(message: &[u8]) -> Weight {
    if message.len() <= SHORT {
        return Weight { values: message.len() / 2 + 1, memory: message.len() * FACTOR };
    }
    let (mut values, mut objects) = (1, 0);
    let mut rest = message;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => rest = behind_string(rest),
            // Each opens a place for a first value, each comma for another one.
            b'{' => {
                values += 1;
                objects += 1;
            }
            b'[' | b',' => values += 1,
            _ => {}
        }
    }
    Weight { values, memory: message.len() + values * VALUE + objects * OBJECT }
}

/// What follows the end of a string whose beginning was read.
fn behind_string(mut text: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', text) {
        let is_end = text.get(at) == Some(&b'"');
        text = text.get(at + if is_end { 1 } else { 2 }..).unwrap_or_default();
        if is_end {
            return text;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(members) => members.values().map(count).sum(),
            _ => 0,
        }
    }

    #[test]
    fn a_long_string_is_one_value_whatever_it_holds() {
        let text = r#"{,[\","#.repeat(10_000);
        let message = json!({ "text": text, "more": [1, "a\\", {}] }).to_string();
        let weight = weigh(message.as_bytes());
        assert!((6..=9).contains(&weight.values), "{weight:?}");
        assert!(weight.memory < message.len() + 5000);
    }

    #[test]
    fn many_small_values_weigh_what_they_take() {
        let message = format!("[{}]", vec![r#"{"a":1}"#; 100_000].join(","));
        let weight = weigh(message.as_bytes());
        assert!((200_000..=200_002).contains(&weight.values), "{weight:?}");
        assert!(weight.memory > 50 * message.len(), "{weight:?}");
        // Broken text has a weight as well.
        assert_eq!(weigh(format!("\"{}", "\\".repeat(9999)).as_bytes()).values, 1);
    }

    proptest! {
        /// No message has more values than it is said to have.
        #[test]
        fn the_count_is_an_upper_bound(items in proptest::collection::vec((".*", any::<i64>(), any::<bool>()), 0..200)) {
            let items: Vec<Value> = items.into_iter().map(|(text, number, flag)| {
                if flag { json!({ "text": text, "list": [number, []] }) } else { json!([text, number, null]) }
            }).collect();
            let value = Value::from(items);
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert!(weigh(text.as_bytes()).values >= count(&value));
            }
        }
    }
}
