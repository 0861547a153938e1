//! The least and the greatest value of a key.

use std::time::Duration;

use super::fault::{Fault, Origin};
use super::key::{Key, Slot};
use super::name::Name;
use super::settings::Config;
use super::unit::{show_duration, show_size};
use super::value::Value;

/// What is wrong with a value, and what would be right.
pub(super) struct Wrong {
    problem: String,
    allowed: String,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { problem: problem.into(), allowed: allowed.into() }
    }

    /// A value that cannot be read as its key's type.
    pub(super) fn form(value: &Value, allowed: &str) -> Self {
        Self::new(format!("{} is not of the right form", value.written()), allowed)
    }

    pub(super) fn fault(self, key: String, origin: Origin) -> Fault {
        Fault::new(key, origin, self.problem).allowed(self.allowed)
    }
}

/// Checks that the value of a key is within its bounds.
pub(super) fn check(name: &Name, config: &mut Config) -> Result<(), Wrong> {
    let amount = match name.slot(config) {
        Slot::Bytes(bytes) => Some(*bytes as u64),
        Slot::Count(count) => Some(*count as u64),
        Slot::Duration(duration) => Some(millis(*duration)),
        Slot::OptionalBytes(bytes) => *bytes,
        Slot::OptionalCount(count) => count.map(u64::from),
        Slot::OptionalDuration(duration) => duration.map(millis),
        _ => None,
    };
    match amount {
        Some(amount) if !(name.key.bounds.0..=name.key.bounds.1).contains(&amount) => {
            let show = shower(name.key);
            Err(Wrong::new(format!("`{}` is out of range", show(amount)), describe(name.key).unwrap_or_default()))
        }
        _ => Ok(()),
    }
}

/// The bounds of a key in words, if its type has any.
pub(super) fn describe(key: &Key) -> Option<String> {
    let show = shower(key);
    (key.bounds != (0, 0)).then(|| format!("{} to {}", show(key.bounds.0), show(key.bounds.1)))
}

/// How an amount of a key's unit is written.
fn shower(key: &Key) -> fn(u64) -> String {
    match (key.slot)(&mut Config::default(), "") {
        Slot::Bytes(_) | Slot::OptionalBytes(_) => show_size,
        Slot::Duration(_) | Slot::OptionalDuration(_) => |millis| show_duration(Duration::from_millis(millis)),
        _ => |count| count.to_string(),
    }
}

/// Less than a millisecond is still more than nothing.
fn millis(duration: Duration) -> u64 {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if millis == 0 && !duration.is_zero() { 1 } else { millis }
}
