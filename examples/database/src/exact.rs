//! Exact numbers: JSON between a worker and the server, and from `json` columns, without rounding.
//!
//! A reader of JSON makes every number with a fraction or an exponent a double, and may miss the nearest one by its last
//! bit. So such numbers travel as a marked text, and what no double holds exactly stays text for good.

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
use serde_json::{Map, Value};

/// The greatest integer that every reader of JSON holds exactly (RFC 8259, section 6).
pub const GREATEST: i64 = (1 << 53) - 1;

/// The key of an object that is a number on its way. No column, and no document, has a member like it by accident.
const MARK: &str = "\u{0}number";

/// Writes rows for the other side.
///
/// # Errors
/// If the writer fails.
pub fn serialize<S: Serializer>(rows: &[Vec<Value>], serializer: S) -> Result<S::Ok, S::Error> {
    let marked: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().cloned().map(marked).collect()).collect();
    marked.serialize(serializer)
}

/// Reads rows of the other side.
///
/// # Errors
/// If they are not rows.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<Value>>, D::Error> {
    let rows = Vec::<Vec<Value>>::deserialize(deserializer)?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(unmarked).collect()).collect())
}

/// The JSON text of some cells.
pub fn text(cells: &[Value]) -> String {
    serde_json::to_string(cells).unwrap_or_default()
}

/// A JSON document, with numbers that a double cannot hold as text. `None` if it is none.
pub fn document(text: &str) -> Option<Value> {
    let mut marked = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '"' => string_length(rest)?,
            '-' | '0'..='9' => {
                let is_part = |other: char| other.is_ascii_digit() || matches!(other, '+' | '-' | '.' | 'e' | 'E');
                rest.find(|other| !is_part(other)).unwrap_or(rest.len())
            }
            _ => next.len_utf8(),
        };
        let (part, after) = rest.split_at_checked(length)?;
        rest = after;
        match next {
            '-' | '0'..='9' => {
                // The grammar is checked before the number is hidden in a text.
                serde_json::from_str::<serde_json::value::Number>(part).ok().or_else(|| huge(part))?;
                marked.push_str(&number_text(part));
            }
            _ => marked.push_str(part),
        }
    }
    serde_json::from_str(&marked).ok().map(unmarked)
}

/// A number that is well-formed and beyond every double.
fn huge(part: &str) -> Option<serde_json::value::Number> {
    let infinite = part.parse::<f64>().ok()?.is_infinite();
    infinite.then(|| serde_json::value::Number::from(0))
}

/// How long the text at the start is, with both its quotes.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A number as it travels: itself if it is a small integer, marked if a double holds it, otherwise a text of its digits.
fn number_text(part: &str) -> String {
    if let Ok(integer) = part.parse::<i64>() {
        let exact = (-GREATEST..=GREATEST).contains(&integer);
        return if exact { part.to_owned() } else { format!("\"{part}\"") };
    }
    let held = part.parse::<f64>().ok().filter(|value| value.is_finite());
    match held {
        Some(value) if digits(part) == digits(&format!("{value:e}")) => format!("{{\"\\u0000number\":\"{value:e}\"}}"),
        _ => format!("\"{part}\""),
    }
}

/// A decimal number as its sign, its significant digits and its exponent.
fn digits(number: &str) -> Option<(bool, String, i64)> {
    let (negative, number) = number.strip_prefix('-').map_or((false, number), |number| (true, number));
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (number, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0').trim_end_matches('0').to_owned();
    if significant.is_empty() {
        return Some((false, significant, 0));
    }
    let trailing = all.len() - all.trim_end_matches('0').len();
    Some((negative, significant, exponent - i64::try_from(fraction.len()).ok()? + i64::try_from(trailing).ok()?))
}

fn marked(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_i64().is_none() => match number.as_f64() {
            Some(float) => Value::Object(Map::from_iter([(MARK.to_owned(), Value::from(format!("{float:e}")))])),
            None => Value::from(number.to_string()),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(marked).collect()),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, marked(value))).collect(),
        value => value,
    }
}

fn unmarked(value: Value) -> Value {
    match value {
        Value::Object(members) if members.len() == 1 && members.contains_key(MARK) => {
            let text = members.get(MARK).and_then(Value::as_str).unwrap_or_default();
            text.parse::<f64>().map_or_else(|_| Value::from(text), Value::from)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(unmarked).collect()),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, unmarked(value))).collect(),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn passed(cells: Vec<Value>) -> Vec<Value> {
        let mut bytes = Vec::new();
        serialize(&[cells], &mut serde_json::Serializer::new(&mut bytes)).unwrap();
        deserialize(&mut serde_json::Deserializer::from_slice(&bytes)).unwrap().remove(0)
    }

    #[test]
    fn a_double_arrives_with_every_bit() {
        for float in [0.1, 1.0, -0.0, 5e-324, f64::MAX, 2.225_073_858_507_201e-308, 9_007_199_254_740_993.5, 1e23] {
            let arrived = passed(vec![Value::from(float), json!([{ "a": float }])]);
            assert_eq!(arrived[0].as_f64().unwrap().to_bits(), float.to_bits());
            assert_eq!(arrived[1][0]["a"].as_f64().unwrap().to_bits(), float.to_bits());
        }
        assert_eq!(
            passed(vec![json!({ "b": 1, "a": [null, "x", true] })]),
            [json!({ "b": 1, "a": [null, "x", true] })]
        );
    }

    #[test]
    fn numbers_in_documents_are_exact_or_text() {
        for (text, value) in [
            ("123456789012345678901234567890", json!("123456789012345678901234567890")),
            ("9007199254740993", json!("9007199254740993")),
            ("-9007199254740991", json!(-9_007_199_254_740_991_i64)),
            ("0.1", json!(0.1)),
            ("1.50", json!(1.5)),
            ("100000000000000000000", json!(1e20)),
            ("0.1234567890123456789", json!("0.1234567890123456789")),
            ("1e400", json!("1e400")),
            ("-1e-400", json!("-1e-400")),
            ("0.0", json!(0.0)),
            (
                "{\"a\": [1, 2.5, 1e2, \"1e400 \\\" 9007199254740993\"], \"9007199254740993\": null}",
                json!({ "a": [1, 2.5, 100.0, "1e400 \" 9007199254740993"], "9007199254740993": null }),
            ),
        ] {
            assert_eq!(document(text), Some(value), "{text}");
        }
        for broken in ["01", "1.", "--1", "1e", "{", "\"a", "nope", "-"] {
            assert_eq!(document(broken), None, "{broken}");
        }
    }
}
