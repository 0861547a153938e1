//! Values and texts: whether one says anything, and how many rows it has.

use serde_json::{Map, Value};

use super::names;
use super::row_lists::RowLists;
use super::text::{Held, held};
use crate::protocol::blank::visible;

/// How deep a list may lie whose elements count as rows though neither name nor schema says so.
const ROWS_DEPTH: usize = 2;
/// How often a JSON value may be wrapped in the text of another one.
const WRAPPED: usize = 3;

/// What a part of a result says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Something.
    Data,
    /// Why there is nothing.
    Why(String),
    /// Nothing.
    Nothing,
}

/// A part of a result, examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Examined {
    /// What it says.
    pub(crate) says: Says,
    /// How many rows it has, if it has lists.
    pub(crate) rows: Option<u64>,
}

impl Examined {
    /// Data without rows.
    pub(crate) const DATA: Self = Self { says: Says::Data, rows: None };

    /// Both parts as one.
    pub(crate) fn and(self, other: Self) -> Self {
        let rows = match (self.rows, other.rows) {
            (Some(one), Some(two)) => Some(one.saturating_add(two)),
            (one, two) => one.or(two),
        };
        let says = match (self.says, other.says) {
            (Says::Data, _) | (_, Says::Data) => Says::Data,
            (Says::Why(why), _) | (_, Says::Why(why)) => Says::Why(why),
            (Says::Nothing, Says::Nothing) => Says::Nothing,
        };
        Self { says, rows }
    }
}

/// Returns whether a value holds nothing but `null`, blank texts, and lists and maps of these.
fn is_vacuous(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => visible(text).is_empty(),
        Value::Array(items) => items.iter().all(is_vacuous),
        Value::Object(members) => members.values().all(is_vacuous),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Examines a text.
pub(crate) fn examine_text(text: &str) -> Examined {
    examine_wrapped(text, WRAPPED)
}

fn examine_wrapped(text: &str, wrapped: usize) -> Examined {
    let nothing = Examined { says: Says::Nothing, rows: None };
    let values = match held(text) {
        Held::Nothing => return nothing,
        Held::Words => return Examined::DATA,
        Held::Values(values) => values,
    };
    let examined = values.iter().map(|value| match value {
        Value::String(text) if wrapped > 0 => examine_wrapped(text, wrapped - 1),
        value => examine(value, &RowLists::default()),
    });
    examined.fold(nothing, Examined::and)
}

/// Examines a value. `lists` names the members that are lists of rows by their schema.
pub(crate) fn examine(value: &Value, lists: &RowLists) -> Examined {
    match value {
        Value::Object(members) => object(members, lists),
        Value::Array(items) => {
            let rows = filled(items);
            Examined { says: if rows == 0 { Says::Nothing } else { Says::Data }, rows: Some(rows) }
        }
        Value::String(text) => examine_text(text),
        Value::Null => Examined { says: Says::Nothing, rows: None },
        Value::Bool(_) | Value::Number(_) => Examined::DATA,
    }
}

fn object(members: &Map<String, Value>, lists: &RowLists) -> Examined {
    let mut found = Found::default();
    found.lists(members, lists, 1, false);
    let rows = found.rows.or(found.others);
    if found.has_data || !found.has_empty {
        let says = if found.has_data || !members.values().all(is_vacuous) { Says::Data } else { Says::Nothing };
        return Examined { says, rows };
    }
    found.scalars(members);
    let Found { has_rows, has_content, has_weak, .. } = found;
    let why = found.reason.or(found.remark.clone().filter(|_| has_rows));
    let says = match why {
        _ if has_content || (!has_rows && has_weak) => Says::Data,
        Some(why) => Says::Why(why),
        None if found.remark.is_some() => Says::Data,
        None => Says::Nothing,
    };
    // An empty map is no list, and yet there is nothing in it.
    Examined { rows: rows.or((says != Says::Data).then_some(0)), says }
}

/// How many elements of a list are not vacuous; all of them if one is not.
fn filled(items: &[Value]) -> u64 {
    if items.iter().all(is_vacuous) { 0 } else { items.len() as u64 }
}

/// What an object has, at any depth that leads through objects alone.
#[expect(clippy::struct_excessive_bools, reason = "each is an observation of its own")]
#[derive(Debug, Default)]
struct Found {
    /// The rows of lists of rows, and those of other lists.
    rows: Option<u64>,
    others: Option<u64>,
    /// A list that is not empty.
    has_data: bool,
    /// A list or a map that is empty.
    has_empty: bool,
    /// A list of rows.
    has_rows: bool,
    /// A member that is content beside any list.
    has_content: bool,
    /// A member that is content unless it stands beside a list of rows.
    has_weak: bool,
    /// A text that explains any empty list, and one that explains an empty list of rows.
    reason: Option<String>,
    remark: Option<String>,
}

impl Found {
    fn lists(&mut self, members: &Map<String, Value>, lists: &RowLists, depth: usize, described: bool) {
        for (name, value) in members {
            let described = described || (names::describes(name) && !lists.contains(name));
            match value {
                Value::Array(items) => self.list(name, filled(items), lists, depth, described),
                Value::Object(members) if members.is_empty() => self.has_empty = true,
                Value::Object(members) => self.lists(members, lists, depth + 1, described),
                Value::Null if names::is_plural_rows(name) => self.list(name, 0, lists, depth, described),
                // A list may have been written as the text of its JSON.
                Value::String(text) if names::is_plural_rows(name) && examine_text(text).says == Says::Nothing => {
                    self.list(name, 0, lists, depth, described);
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, name: &str, rows: u64, lists: &RowLists, depth: usize, described: bool) {
        let is_rows = lists.contains(name) && !described;
        self.has_rows |= is_rows;
        self.has_empty |= rows == 0;
        self.has_data |= rows > 0 && !described;
        self.has_weak |= rows > 0;
        let sum = if is_rows {
            &mut self.rows
        } else if depth <= ROWS_DEPTH && !described {
            &mut self.others
        } else {
            return;
        };
        *sum = Some(sum.unwrap_or(0).saturating_add(rows));
    }

    /// Looks at what stands beside the lists, and is not described as part of them.
    fn scalars(&mut self, members: &Map<String, Value>) {
        for (name, value) in members {
            match value {
                Value::String(text) => self.text(name, text),
                Value::Object(members) if names::describes(name) => self.remarks(members),
                Value::Object(members) => self.scalars(members),
                Value::Bool(flag) => self.has_weak |= *flag && !names::describes_as_number(name),
                Value::Number(number) if !names::describes_as_number(name) && number.as_f64() != Some(0.0) => {
                    let is_content = number.is_f64() || names::identifies(name);
                    self.has_content |= is_content;
                    self.has_weak |= !is_content;
                }
                Value::Number(_) | Value::Null | Value::Array(_) => {}
            }
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        let text = visible(text);
        if names::is_served(text) || examine_text(text).says == Says::Nothing {
            return;
        }
        if names::is_reason(name) || names::is_remark(name) {
            let place = if names::is_reason(name) { &mut self.reason } else { &mut self.remark };
            if place.is_none() && names::is_telling(text) {
                *place = Some(text.to_owned());
            }
        } else if !names::describes(name) {
            let is_weak = names::is_weak_text(name);
            self.has_weak |= is_weak;
            self.has_content |= !is_weak;
        }
    }

    /// Looks for explanations in a member that describes the list.
    fn remarks(&mut self, members: &Map<String, Value>) {
        for (name, value) in members {
            if let Some(text) = value.as_str().filter(|_| names::is_reason(name) || names::is_remark(name)) {
                self.text(name, text);
            }
        }
    }
}

#[cfg(test)]
mod tests;
