//! Cells: how values of a database are written as JSON, without loss or with a word about it.
//!
//! | value | JSON |
//! |---|---|
//! | integer up to 2⁵³ | number; beyond, text of its digits, because most readers of JSON would round it |
//! | floating point | number; `"NaN"`, `"Infinity"`, `"-Infinity"` as text |
//! | decimal | text of its digits |
//! | date, time, interval, uuid, enum, range, … | text, dates and times as ISO 8601 |
//! | json | the value itself; a number in it that a double cannot hold is text of its digits |
//! | bytes | `{"base64": "…", "bytes": n}` |
//! | array | array |
//! | long text or bytes | `{"text": "…", "bytes": n, "truncated": true}` |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::exact;

/// How long a cell may be, in bytes of text, before it is cut.
pub const LONGEST: usize = 8 * 1024;

/// How many bytes of a cell are kept in a row of so many columns: a row must fit into a page.
pub fn longest(columns: usize) -> usize {
    (16 * 1024 / columns.max(1)).clamp(64, LONGEST)
}

/// An integer.
pub fn integer(value: i64) -> Value {
    let exact = (-exact::GREATEST..=exact::GREATEST).contains(&value);
    if exact { Value::from(value) } else { Value::from(value.to_string()) }
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

/// A text, cut if it is longer than `longest` bytes.
pub fn text(value: &str, longest: usize) -> Value {
    if value.len() <= longest {
        return Value::from(value);
    }
    cut(value, value.len(), longest)
}

/// The start of a text that has so many bytes in all.
pub fn cut(start: &str, bytes: usize, longest: usize) -> Value {
    let end = start.floor_char_boundary(longest);
    json!({ "text": start.get(..end).unwrap_or_default(), "bytes": bytes, "truncated": true })
}

/// Bytes, cut if their text is longer than `longest` bytes.
pub fn bytes(value: &[u8], longest: usize) -> Value {
    cut_bytes(value, value.len(), longest)
}

/// The start of bytes that are so many in all.
pub fn cut_bytes(start: &[u8], all: usize, longest: usize) -> Value {
    // A multiple of 3, so that the cut text decodes by itself.
    let kept = start.get(..longest / 4 * 3).unwrap_or(start);
    let mut cell = json!({ "base64": STANDARD.encode(kept), "bytes": all });
    if let (true, Some(cell)) = (kept.len() < all, cell.as_object_mut()) {
        cell.insert("truncated".to_owned(), true.into());
    }
    cell
}

/// A cell with no more than `longest` bytes of text, for a row that does not fit into a page.
pub fn shrunk(value: Value, longest: usize) -> Value {
    let part = |key: &str| value.get(key).and_then(Value::as_str);
    let bytes = value.get("bytes").and_then(Value::as_u64).and_then(|bytes| usize::try_from(bytes).ok());
    match (&value, part("text"), part("base64"), bytes) {
        (Value::String(whole), ..) => text(whole, longest),
        (_, Some(start), _, Some(bytes)) => cut(start, bytes, longest),
        (_, _, Some(start), Some(bytes)) if start.len() > longest => {
            let start = start.get(..longest / 4 * 4).unwrap_or_default();
            json!({ "base64": start, "bytes": bytes, "truncated": true })
        }
        (Value::Array(_) | Value::Object(_), ..) => {
            let whole = value.to_string();
            if whole.len() > longest { cut(&whole, whole.len(), longest) } else { value }
        }
        _ => value,
    }
}

/// A JSON document, cut as text if it is long.
pub fn document(value: &str, longest: usize) -> Value {
    if value.len() > longest {
        return text(value, longest);
    }
    exact::document(value).unwrap_or_else(|| Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_stay_exact() {
        assert_eq!(integer(exact::GREATEST), json!(9_007_199_254_740_991_i64));
        assert_eq!(integer(exact::GREATEST + 1), json!("9007199254740992"));
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
        assert_eq!(text(&long, LONGEST)["truncated"], true);
        assert_eq!(text(&long, LONGEST)["bytes"], 2 * LONGEST);
        let cut = bytes(&vec![7; LONGEST], LONGEST);
        assert_eq!(STANDARD.decode(cut["base64"].as_str().unwrap()).unwrap(), vec![7; LONGEST / 4 * 3]);
        assert_eq!(bytes(b"ab", LONGEST), json!({ "base64": "YWI=", "bytes": 2 }));
        assert_eq!(shrunk(text(&long, LONGEST), 64)["bytes"], 2 * LONGEST);
        assert_eq!(shrunk(bytes(&vec![7; LONGEST], LONGEST), 64)["base64"].as_str().unwrap().len(), 64);
        assert_eq!(shrunk(json!(["a".repeat(100)]), 64)["truncated"], true);
        assert_eq!(shrunk(json!([1, "short"]), 64), json!([1, "short"]));
        assert_eq!(document("{\"a\":[1]}", LONGEST), json!({ "a": [1] }));
    }
}
