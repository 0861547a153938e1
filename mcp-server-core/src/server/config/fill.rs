//! From a value as it was given to a value of the key's type.

use std::net::SocketAddr;
use std::time::Duration;

use super::fault::Fault;
use super::key::Slot;
use super::range::{self, Wrong};
use super::settings::Config;
use super::unit::{self, DURATION_SYNTAX, SIZE_SYNTAX};
use super::value::{Given, Value};
use super::{file, records};

/// Puts a value where it belongs; what is wrong with it goes to the faults.
pub(super) fn fill(config: &mut Config, given: &Given, faults: &mut Vec<Fault>) {
    let wrong = if let Some(wrong) = unexpanded(&given.value) {
        Err(wrong)
    } else {
        match given.key.slot(config) {
            Slot::BearerKeys(keys) => return records::bearer_keys(given, keys, faults),
            Slot::SealKeys(keys) => return records::seal_keys(given, keys, faults),
            slot => put(slot, &given.value).and_then(|()| range::check(&given.key, config)),
        }
    };
    if let Err(wrong) = wrong {
        faults.push(wrong.fault(given.key.to_string(), given.origin.clone()));
    }
}

fn put(slot: Slot<'_>, value: &Value) -> Result<(), Wrong> {
    match slot {
        Slot::Address(slot) => *slot = address(value)?,
        Slot::Bytes(slot) => *slot = narrow(size(value)?)?,
        Slot::Choice(slot) => {
            if !text(value).is_ok_and(|word| slot.choose(word)) {
                return Err(Wrong::form(value, &slot.words().join(", ")));
            }
        }
        Slot::Count(slot) => *slot = narrow(count(value)?)?,
        Slot::Duration(slot) => *slot = duration(value)?,
        Slot::Flag(slot) => *slot = flag(value)?,
        Slot::List(slot) => *slot = list(value)?,
        Slot::Text(slot) => text(value)?.clone_into(slot),
        Slot::OptionalBytes(slot) => *slot = Some(size(value)?),
        Slot::OptionalCount(slot) => *slot = Some(narrow(count(value)?)?),
        Slot::OptionalDuration(slot) => *slot = Some(duration(value)?),
        Slot::OptionalText(slot) | Slot::Url(slot) => *slot = Some(text(value)?.to_owned()),
        Slot::BearerKeys(_) | Slot::SealKeys(_) => {}
    }
    Ok(())
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
fn flag(value: &Value) -> Result<bool, Wrong> {
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

fn count(value: &Value) -> Result<u64, Wrong> {
    let digits = match value {
        Value::Integer(digits) | Value::Loose(digits) => digits,
        _ => return Err(Wrong::form(value, "a whole number")),
    };
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).ok_or_else(|| Wrong::form(value, "a whole number"))
}

fn size(value: &Value) -> Result<u64, Wrong> {
    worded(value).and_then(unit::size).ok_or_else(|| Wrong::form(value, SIZE_SYNTAX))
}

fn duration(value: &Value) -> Result<Duration, Wrong> {
    worded(value).and_then(unit::duration).ok_or_else(|| Wrong::form(value, DURATION_SYNTAX))
}

fn address(value: &Value) -> Result<SocketAddr, Wrong> {
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
fn narrow<T: TryFrom<u64>>(number: u64) -> Result<T, Wrong> {
    T::try_from(number).map_err(|_| Wrong::new(format!("`{number}` is out of range"), "less"))
}
