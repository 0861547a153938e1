//! Reading a value as a type: what a file says must be of the type, what a variable or a flag says must spell it.

use std::net::SocketAddr;
use std::time::Duration;

use super::file;
use super::range::Wrong;
use super::unit::{self, DURATION_SYNTAX, SIZE_SYNTAX};
use super::value::Value;

/// Text that is not empty.
pub(super) fn text(value: &Value) -> Result<&str, Wrong> {
    worded(value).filter(|text| !text.is_empty()).ok_or_else(|| Wrong::form(value, "text that is not empty"))
}

/// A list of texts: TOML's own writing, or parts between commas.
pub(super) fn list(value: &Value) -> Result<Vec<String>, Wrong> {
    const ALLOWED: &str = "a list of texts, none empty; in a variable or a flag with commas between";
    let wrong = || Wrong::form(value, ALLOWED);
    match value {
        Value::Loose(text) if text.starts_with('[') => {
            file::list(text).map_err(|cause| Wrong::new(cause, ALLOWED)).and_then(|value| list(&value))
        }
        Value::Loose(text) => {
            let parts: Vec<_> = text.split(',').map(|part| part.trim().to_owned()).collect();
            if parts.iter().any(String::is_empty) { Err(wrong()) } else { Ok(parts) }
        }
        Value::List(items) => items.iter().map(|item| text(item).map(str::to_owned).map_err(|_| wrong())).collect(),
        _ => Err(wrong()),
    }
}

/// In a file a flag is a flag; a variable or a flag of the command line can only hold a word.
pub(super) fn flag(value: &Value) -> Result<bool, Wrong> {
    let flag = match value {
        Value::Flag(flag) => Some(*flag),
        Value::Loose(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    };
    flag.ok_or_else(|| Wrong::form(value, "true or false"))
}

pub(super) fn count(value: &Value) -> Result<u64, Wrong> {
    let (Value::Integer(digits) | Value::Loose(digits)) = value else {
        return Err(Wrong::form(value, "a whole number"));
    };
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).ok_or_else(|| Wrong::form(value, "a whole number"))
}

pub(super) fn size(value: &Value) -> Result<u64, Wrong> {
    worded(value).and_then(unit::size).ok_or_else(|| Wrong::form(value, SIZE_SYNTAX))
}

pub(super) fn duration(value: &Value) -> Result<Duration, Wrong> {
    worded(value).and_then(unit::duration).ok_or_else(|| Wrong::form(value, DURATION_SYNTAX))
}

pub(super) fn address(value: &Value) -> Result<SocketAddr, Wrong> {
    let text = worded(value).unwrap_or_default();
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    let allowed = "an IP address and a port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080";
    text.parse().map_err(|_| Wrong::form(value, allowed))
}

/// Text of a value whose form decides what it is.
fn worded(value: &Value) -> Option<&str> {
    match value {
        Value::Loose(text) | Value::Text(text) => Some(text),
        _ => None,
    }
}

/// The bounds of the keys fit every type they are put in; on a small machine a number may not.
pub(super) fn narrow<T: TryFrom<u64>>(number: u64) -> Result<T, Wrong> {
    T::try_from(number).map_err(|_| Wrong::new(format!("`{number}` is out of range"), "less"))
}
