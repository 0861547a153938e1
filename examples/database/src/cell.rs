//! Cells: how values of a database are written as JSON, without loss or with a word about it.
//!
//! | value | JSON |
//! |---|---|
//! | integer up to 2⁵³ | number; beyond, text of its digits, because most readers of JSON would round it |
//! | floating point | number; `"NaN"`, `"Infinity"`, `"-Infinity"` as text |
//! | decimal | text of its digits |
//! | date, time, interval, uuid, enum, range, … | text, dates and times as ISO 8601 |
//! | json | the value itself |
//! | bytes | `{"base64": "…", "bytes": n}` |
//! | array | array |
//! | long text or bytes | `{"text": "…", "bytes": n, "truncated": true}` |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The greatest integer that every reader of JSON holds exactly (RFC 8259, section 6).
const EXACT: i64 = (1 << 53) - 1;

/// How long a cell may be, in bytes of text, before it is cut.
pub const LONGEST: usize = 8 * 1024;

/// An integer.
pub fn integer(value: i64) -> Value {
    if (-EXACT..=EXACT).contains(&value) { Value::from(value) } else { Value::from(value.to_string()) }
}

/// A floating-point number.
pub fn float(value: f64) -> Value {
    if value.is_nan() {
        return Value::from("NaN");
    }
    if value.is_infinite() {
        return Value::from(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    Value::from(value)
}

/// A text, cut if it is long.
pub fn text(value: &str) -> Value {
    if value.len() <= LONGEST {
        return Value::from(value);
    }
    let end = value.floor_char_boundary(LONGEST);
    json!({ "text": value.get(..end).unwrap_or_default(), "bytes": value.len(), "truncated": true })
}

/// Bytes, cut if there are many.
pub fn bytes(value: &[u8]) -> Value {
    // A multiple of 3, so that the cut text decodes by itself.
    let kept = value.get(..LONGEST / 4 * 3).unwrap_or(value);
    let mut cell = json!({ "base64": STANDARD.encode(kept), "bytes": value.len() });
    if let (true, Some(cell)) = (kept.len() < value.len(), cell.as_object_mut()) {
        cell.insert("truncated".to_owned(), true.into());
    }
    cell
}

/// A JSON document, cut as text if it is long.
pub fn document(value: &str) -> Value {
    if value.len() > LONGEST {
        return text(value);
    }
    serde_json::from_str(value).unwrap_or_else(|_| Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_stay_exact() {
        assert_eq!(integer(EXACT), json!(9_007_199_254_740_991_i64));
        assert_eq!(integer(EXACT + 1), json!("9007199254740992"));
        assert_eq!(integer(i64::MIN), json!("-9223372036854775808"));
    }

    #[test]
    fn numbers_that_json_lacks_are_text() {
        assert_eq!(float(f64::NAN), json!("NaN"));
        assert_eq!(float(f64::NEG_INFINITY), json!("-Infinity"));
        assert_eq!(float(0.1), json!(0.1));
    }

    #[test]
    fn long_values_say_that_they_are_cut() {
        let long = "ä".repeat(LONGEST);
        assert_eq!(text(&long)["truncated"], true);
        assert_eq!(text(&long)["bytes"], 2 * LONGEST);
        let cut = bytes(&vec![7; LONGEST]);
        assert_eq!(STANDARD.decode(cut["base64"].as_str().unwrap()).unwrap(), vec![7; LONGEST / 4 * 3]);
        assert_eq!(bytes(b"ab"), json!({ "base64": "YWI=", "bytes": 2 }));
        assert_eq!(document("{\"a\":[1]}"), json!({ "a": [1] }));
    }
}
