//! From a value as it was given to a value of the key's type.

use std::net::SocketAddr;

use super::fault::Fault;
use super::key::{Key, Slot};
use super::settings::Config;
use super::unit::{self, DURATION_SYNTAX, SIZE_SYNTAX};
use super::value::{Given, Value};
use super::{file, records};

/// What is wrong with a value, and what would be right.
pub(super) struct Wrong {
    problem: String,
    allowed: String,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { problem: problem.into(), allowed: allowed.into() }
    }

    /// A value that is not of the type.
    fn kind(value: &Value, allowed: &str) -> Self {
        Self::new(format!("{} is not of the right form", value.written()), allowed)
    }
}

/// Puts a value where it belongs; what is wrong with it goes to the faults.
pub(super) fn fill(config: &mut Config, given: &Given, faults: &mut Vec<Fault>) {
    let fault = |wrong: Wrong| {
        Fault::new(given.key.to_string(), given.origin.clone(), wrong.problem).allowed(wrong.allowed)
    };
    if let Some(wrong) = unexpanded(&given.value) {
        faults.push(fault(wrong));
        return;
    }
    let key = given.key.key;
    let done = match given.key.slot(config) {
        Slot::BearerKeys(keys) => return records::bearer_keys(given, keys, faults),
        Slot::SealKeys(keys) => return records::seal_keys(given, keys, faults),
        Slot::Address(slot) => address(&given.value).map(|value| *slot = value),
        Slot::Bytes(slot) => size(&given.value, key).and_then(narrow).map(|value| *slot = value),
        Slot::Count(slot) => count(&given.value, key).and_then(narrow).map(|value| *slot = value),
        Slot::Duration(slot) => duration(&given.value, key).map(|value| *slot = value),
        Slot::Flag(slot) => flag(&given.value).map(|value| *slot = value),
        Slot::List(slot) => list(&given.value).map(|value| *slot = value),
        Slot::Text(slot) => text(&given.value).map(|value| value.clone_into(slot)),
        Slot::OptionalBytes(slot) => size(&given.value, key).map(|value| *slot = Some(value)),
        Slot::OptionalCount(slot) => count(&given.value, key).and_then(narrow).map(|value| *slot = Some(value)),
        Slot::OptionalDuration(slot) => duration(&given.value, key).map(|value| *slot = Some(value)),
        Slot::OptionalText(slot) => text(&given.value).map(|value| *slot = Some(value.to_owned())),
        Slot::Choice(slot) => text(&given.value).and_then(|word| {
            let allowed = slot.words().join(", ");
            if slot.choose(word) { Ok(()) } else { Err(Wrong::kind(&given.value, &allowed)) }
        }),
    };
    if let Err(wrong) = done {
        faults.push(fault(wrong));
    }
}

/// A variable that whoever started the server was meant to fill in.
fn unexpanded(value: &Value) -> Option<Wrong> {
    match value {
        Value::Loose(text) | Value::Text(text) if text.contains("${") => Some(Wrong::new(
            "it holds `${`, which nobody expanded",
            "the value itself; the server does not expand variables",
        )),
        Value::List(items) => items.iter().find_map(unexpanded),
        Value::Table(fields) => fields.iter().find_map(|(_, _, value)| unexpanded(value)),
        _ => None,
    }
}

pub(super) fn text(value: &Value) -> Result<&str, Wrong> {
    match value {
        Value::Loose(text) | Value::Text(text) if !text.is_empty() => Ok(text),
        _ => Err(Wrong::kind(value, "text that is not empty")),
    }
}

fn flag(value: &Value) -> Result<bool, Wrong> {
    const ALLOWED: &str = "true or false";
    match value {
        Value::Flag(flag) => Ok(*flag),
        Value::Loose(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(Wrong::kind(value, ALLOWED)),
        },
        _ => Err(Wrong::kind(value, ALLOWED)),
    }
}

fn count(value: &Value, key: &Key) -> Result<u64, Wrong> {
    let allowed = format!("a whole number from {} to {}", key.bounds.0, key.bounds.1);
    let number = match value {
        Value::Integer(digits) | Value::Loose(digits) => digits.parse().ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| Wrong::kind(value, &allowed))?;
    within(number, key).ok_or_else(|| Wrong::new(format!("{number} is out of range"), allowed))
}

fn size(value: &Value, key: &Key) -> Result<u64, Wrong> {
    let range = format!("from {} to {}", unit::show_size(key.bounds.0), unit::show_size(key.bounds.1));
    let allowed = format!("{SIZE_SYNTAX}, {range}");
    let bytes = worded(value).and_then(unit::size).ok_or_else(|| Wrong::kind(value, &allowed))?;
    within(bytes, key).ok_or_else(|| Wrong::new(format!("{} is out of range", value.written()), range))
}

fn duration(value: &Value, key: &Key) -> Result<std::time::Duration, Wrong> {
    let bound = |millis| unit::show_duration(std::time::Duration::from_millis(millis));
    let range = format!("from {} to {}", bound(key.bounds.0), bound(key.bounds.1));
    let allowed = format!("{DURATION_SYNTAX}, {range}");
    let time = worded(value).and_then(unit::duration).ok_or_else(|| Wrong::kind(value, &allowed))?;
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    within(millis, key).map(|_| time).ok_or_else(|| Wrong::new(format!("{} is out of range", value.written()), range))
}

fn address(value: &Value) -> Result<SocketAddr, Wrong> {
    const ALLOWED: &str = "an IP address and a port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080";
    let text = worded(value).ok_or_else(|| Wrong::kind(value, ALLOWED))?;
    let text = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    text.parse().map_err(|_| Wrong::kind(value, ALLOWED))
}

/// A list of texts: TOML's own writing, or parts between commas.
pub(super) fn list(value: &Value) -> Result<Vec<String>, Wrong> {
    const ALLOWED: &str = "a list of texts, none empty; in a variable or a flag with commas between";
    let wrong = || Wrong::kind(value, ALLOWED);
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

/// Text of a value whose form decides what it is.
fn worded(value: &Value) -> Option<&str> {
    match value {
        Value::Loose(text) | Value::Text(text) => Some(text),
        _ => None,
    }
}

fn within(number: u64, key: &Key) -> Option<u64> {
    (key.bounds.0..=key.bounds.1).contains(&number).then_some(number)
}

/// The bounds of the keys fit every type they are put in; a small machine word is the exception.
fn narrow<T: TryFrom<u64>>(number: u64) -> Result<T, Wrong> {
    T::try_from(number).map_err(|_| Wrong::new(format!("{number} is too great for this machine"), "less"))
}
