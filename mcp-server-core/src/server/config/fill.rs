//! From a value as it was given to a value of the key's type.

use super::fault::Fault;
use super::key::Slot;
use super::range::{self, Wrong};
use super::read::{address, count, duration, flag, list, narrow, size, text};
use super::records;
use super::settings::Config;
use super::value::{Given, Value};

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
        Slot::OptionalAddress(slot) => *slot = Some(address(value)?),
        Slot::OptionalBytes(slot) => *slot = Some(size(value)?),
        Slot::OptionalCount(slot) => *slot = Some(narrow(count(value)?)?),
        Slot::OptionalDuration(slot) => *slot = Some(duration(value)?),
        Slot::OptionalText(slot) | Slot::Url(slot) | Slot::Secret(slot) => *slot = Some(text(value)?.to_owned()),
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
