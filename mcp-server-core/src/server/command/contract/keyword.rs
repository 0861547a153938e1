//! Keywords of a schema that hold values, not schemas: whether a change makes them allow more or less.

use std::cmp::Ordering;

use serde_json::Value;

/// What a change does to the set of values that a schema allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    /// Fewer values than before.
    Narrower,
    /// More values than before.
    Wider,
    /// Some more, some fewer, or nobody can say.
    Other,
}

impl Shift {
    /// The same, seen from the other side.
    pub(super) const fn turned(self) -> Self {
        match self {
            Self::Narrower => Self::Wider,
            Self::Wider => Self::Narrower,
            Self::Other => Self::Other,
        }
    }
}

const LEAST: [&str; 6] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"];
const MOST: [&str; 6] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"];

/// What the change of a keyword does, each part with words for it.
pub(super) fn shifts(keyword: &str, was: Option<&Value>, is: Option<&Value>) -> Vec<(Shift, String)> {
    if was == is {
        return Vec::new();
    }
    match keyword {
        "type" => types(was, is),
        "enum" => sets(keyword, &list(was), &list(is), was.is_none(), is.is_none()),
        _ => vec![(shift(keyword, was, is), words(keyword, was, is))],
    }
}

fn shift(keyword: &str, was: Option<&Value>, is: Option<&Value>) -> Shift {
    match (was, is) {
        (None, _) => Shift::Narrower,
        (_, None) => Shift::Wider,
        (Some(Value::Bool(was)), Some(Value::Bool(_))) if keyword == "uniqueItems" => {
            if *was {
                Shift::Wider
            } else {
                Shift::Narrower
            }
        }
        (Some(was), Some(is)) => match order(was, is) {
            Some(Ordering::Less) if LEAST.contains(&keyword) => Shift::Narrower,
            Some(Ordering::Greater) if LEAST.contains(&keyword) => Shift::Wider,
            Some(Ordering::Less) if MOST.contains(&keyword) => Shift::Wider,
            Some(Ordering::Greater) if MOST.contains(&keyword) => Shift::Narrower,
            _ => Shift::Other,
        },
    }
}

fn order(was: &Value, is: &Value) -> Option<Ordering> {
    match (was.as_i64(), is.as_i64()) {
        (Some(was), Some(is)) => Some(was.cmp(&is)),
        _ => was.as_f64()?.partial_cmp(&is.as_f64()?),
    }
}

/// Types, of which a whole number is a number too.
fn types(was: Option<&Value>, is: Option<&Value>) -> Vec<(Shift, String)> {
    let names = |value: Option<&Value>| match value {
        Some(Value::String(_)) => value.cloned().into_iter().collect(),
        _ => list(value),
    };
    let (old, new) = (names(was), names(is));
    let (from, to) = (with_whole(&old, &new), with_whole(&new, &old));
    sets("type", &from, &to, was.is_none(), is.is_none())
}

/// Types with "integer" spelt out where "number" means it along and the other side speaks of it.
fn with_whole(types: &[Value], others: &[Value]) -> Vec<Value> {
    let (whole, number) = (Value::from("integer"), Value::from("number"));
    let implied = types.contains(&number) && !types.contains(&whole) && others.contains(&whole);
    types.iter().cloned().chain(implied.then_some(whole)).collect()
}

/// Allowed values; without a set everything is allowed.
fn sets(keyword: &str, old: &[Value], new: &[Value], from_all: bool, to_all: bool) -> Vec<(Shift, String)> {
    let shown = |values: Vec<&Value>| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let gone: Vec<_> = old.iter().filter(|value| !new.contains(value)).collect();
    let come: Vec<_> = new.iter().filter(|value| !old.contains(value)).collect();
    let mut shifts = Vec::new();
    if from_all {
        shifts.push((Shift::Narrower, format!("{keyword} is {} alone", shown(come))));
    } else if to_all {
        shifts.push((Shift::Wider, format!("{keyword} is not {} alone any more", shown(gone))));
    } else {
        if !gone.is_empty() {
            shifts.push((Shift::Narrower, format!("{keyword} lost {}", shown(gone))));
        }
        if !come.is_empty() {
            shifts.push((Shift::Wider, format!("{keyword} gained {}", shown(come))));
        }
    }
    shifts
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn words(keyword: &str, was: Option<&Value>, is: Option<&Value>) -> String {
    match (was, is) {
        (None, Some(is)) => format!("{keyword} is {is} now"),
        (Some(was), None) => format!("{keyword} was {was} and is gone"),
        (Some(was), Some(is)) => format!("{keyword} was {was} and is {is}"),
        (None, None) => keyword.to_owned(),
    }
}
