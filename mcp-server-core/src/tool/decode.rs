//! Decoding: what a type says of a value that its schema admits, and where in the value it says so.
//!
//! A schema cannot express everything that a type checks: dates without a time zone, `try_from`, keys that are numbers of
//! a kind. What the type refuses is traced to the innermost place, and an accepted value is looked for by trying.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

use super::error::ToolError;

/// How many bytes of a value are searched for the place at fault.
const MOST_BYTES: usize = 8 * 1024;
/// How many places are tried.
const MOST_PLACES: usize = 16;
/// How many times a value is decoded in the search.
const MOST_TRIES: usize = 400;
/// How many characters of a type's own message are repeated.
const MOST_TEXT: usize = 200;

/// What is wrong with a value that passed its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Where, as a JSON pointer (RFC 6901).
    pointer: String,
    /// What is expected, as the rest of a sentence that starts with the pointer.
    expected: String,
    /// A value that the type takes there.
    example: Option<String>,
}

impl Misfit {
    /// Says why a value does not decode.
    pub(crate) fn of<T: DeserializeOwned>(value: &Value, base: &str) -> Self {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(value) else {
            return Self::unknown(base);
        };
        let mut pointer = String::new();
        for segment in error.path() {
            let step = match segment {
                Segment::Seq { index } => index.to_string(),
                Segment::Map { key } => escape(key),
                Segment::Enum { variant } => escape(variant),
                Segment::Unknown => break,
            };
            let longer = format!("{pointer}/{step}");
            if value.pointer(&longer).is_some() {
                pointer = longer;
            }
        }
        let message = error.inner().to_string();
        let lacks = message.starts_with("missing field");
        let found = (!lacks).then(|| search::<T>(value, &pointer)).flatten();
        let (pointer, example) = match found {
            Some((place, example)) => (place, Some(example)),
            None => (pointer, None),
        };
        let given = value.pointer(&pointer).cloned().unwrap_or_default();
        Self { pointer: format!("{base}{pointer}"), expected: expected(&message, &given), example }
    }

    /// A value of which nothing more is known.
    pub(crate) fn unknown(base: &str) -> Self {
        let expected = "does not have the form that the tool expects".to_owned();
        Self { pointer: base.to_owned(), expected, example: None }
    }

    /// The same without anything that the type says or that was tried: the value is secret.
    pub(crate) fn hidden(self) -> Self {
        Self { expected: "does not have the form that the tool expects".to_owned(), example: None, ..self }
    }

    /// The sentence.
    pub(crate) fn text(&self) -> String {
        let place = match self.pointer.as_str() {
            "" => "the whole".to_owned(),
            pointer => format!("`{pointer}`"),
        };
        match &self.example {
            Some(example) => format!("{place} {}; a value that fits is {example}", self.expected),
            None => format!("{place} {}", self.expected),
        }
    }

    /// The error of a call whose argument it is.
    pub(crate) fn into_error(self) -> ToolError {
        let mut violation = json!({ "pointer": self.pointer, "rule": "decode", "allowed": self.expected });
        if let Some(example) = &self.example {
            violation["example"] = example.as_str().into();
        }
        ToolError::invalid_argument(self.text())
            .pointer(self.pointer.as_str())
            .details(json!({ "violations": [violation] }))
    }
}

/// What a message of serde expects, without the value that it repeats.
fn expected(message: &str, given: &Value) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("lacks the member {name}");
    }
    if message.starts_with("data did not match any variant") {
        return "does not fit any of the forms that the tool expects".to_owned();
    }
    let told = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant ", "unknown field "];
    if told.iter().any(|start| message.starts_with(start))
        && let Some((_, expected)) = message.split_once(", expected ")
    {
        return format!("must be {}", clipped(expected));
    }
    let shown = match given {
        Value::String(text) if !text.is_empty() => message.replace(text.as_str(), "…"),
        Value::Number(number) => message.replace(&number.to_string(), "…"),
        _ => message.to_owned(),
    };
    format!("is refused: {}", clipped(&shown))
}

fn clipped(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut text: String = plain.clone().take(MOST_TEXT).collect();
    if plain.count() > MOST_TEXT {
        text.push('…');
    }
    text
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A place whose value alone keeps the whole from being decoded, and a value with which it decodes.
fn search<T: DeserializeOwned>(value: &Value, start: &str) -> Option<(String, String)> {
    if value.to_string().len() > MOST_BYTES {
        return None;
    }
    let mut places = Vec::new();
    collect(value.pointer(start)?, start, &mut places);
    if let Some((parent, name)) = start.rsplit_once('/')
        && value.pointer(parent).is_some_and(Value::is_object)
    {
        let name = name.replace("~1", "/").replace("~0", "~");
        places.push(Place { pointer: start.to_owned(), given: name.into(), is_name: true });
    }
    let mut attempts = 0;
    for place in &places {
        for candidate in place.candidates() {
            attempts += 1;
            if attempts > MOST_TRIES {
                return None;
            }
            let mut tried = value.clone();
            if place.set(&mut tried, &candidate) && T::deserialize(&tried).is_ok() {
                return Some((place.pointer.clone(), format!("`{}`", plain(&candidate))));
            }
        }
    }
    None
}

/// A value with one place changed so that it decodes, or with the place changed that keeps it from decoding; `None` if it
/// decodes as it is or nothing is found.
pub(crate) fn repaired<T: DeserializeOwned>(value: &Value) -> Option<Value> {
    let error = serde_path_to_error::deserialize::<_, T>(value).err()?;
    drop(error);
    let mut places = Vec::new();
    collect(value, "", &mut places);
    let reason = |value: &Value| {
        let error = serde_path_to_error::deserialize::<_, T>(value).err();
        error.map(|error| (error.path().to_string(), error.inner().to_string()))
    };
    let before = reason(value)?;
    for place in &places {
        for candidate in place.candidates() {
            let mut tried = value.clone();
            if !place.set(&mut tried, &candidate) {
                continue;
            }
            // Another reason at another place: this one is mended.
            match reason(&tried) {
                None => return Some(tried),
                Some((path, _)) if path != before.0 && !path.starts_with(&before.0) && before.0 != "." => {
                    return Some(tried);
                }
                Some(_) => {}
            }
        }
    }
    None
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text, a number or the name of a member.
struct Place {
    pointer: String,
    given: Value,
    is_name: bool,
}

fn collect(value: &Value, pointer: &str, places: &mut Vec<Place>) {
    if places.len() >= MOST_PLACES {
        return;
    }
    let place = |pointer: String, given: Value, is_name: bool| Place { pointer, given, is_name };
    match value {
        Value::String(_) | Value::Number(_) => places.push(place(pointer.to_owned(), value.clone(), false)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{pointer}/{index}"), places);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let inner = format!("{pointer}/{}", escape(name));
                collect(member, &inner, places);
                if places.len() < MOST_PLACES {
                    places.push(place(inner, name.as_str().into(), true));
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

impl Place {
    /// Puts another value or name there.
    fn set(&self, root: &mut Value, candidate: &Value) -> bool {
        if !self.is_name {
            return root.pointer_mut(&self.pointer).map(|place| *place = candidate.clone()).is_some();
        }
        let Some((parent, _)) = self.pointer.rsplit_once('/') else { return false };
        let Some(members) = root.pointer_mut(parent).and_then(Value::as_object_mut) else { return false };
        let (Some(old), new) = (self.given.as_str(), plain(candidate)) else { return false };
        if members.contains_key(&new) {
            return false;
        }
        let renamed = std::mem::take(members);
        *members = renamed
            .into_iter()
            .map(|(name, member)| if name == old { (new.clone(), member) } else { (name, member) })
            .collect();
        true
    }

    /// What may fit instead: first what was given in another spelling, then what types usually expect.
    fn candidates(&self) -> Vec<Value> {
        let mut all: Vec<Value> = match &self.given {
            Value::Number(number) => {
                let near = number.as_i64().into_iter().flat_map(|number| {
                    [number.saturating_add(1), number.saturating_sub(1), number.saturating_neg(), number / 2]
                });
                let usual = [1, 0, 2, 10, 100, 1000, -1].into_iter();
                let mut all: Vec<Value> = near.chain(usual).map(Value::from).collect();
                all.extend([json!(0.5), json!(1.5)]);
                all
            }
            Value::String(text) => {
                let text = text.trim();
                let dated = text.replacen(' ', "T", 1);
                let mut all = vec![text.to_owned(), text.to_lowercase(), text.to_uppercase(), dated.clone()];
                if text.contains(|c: char| c.is_ascii_digit()) {
                    let ends = [":00", "Z", ":00Z", "T00:00:00", "T00:00:00Z"];
                    all.extend(ends.iter().map(|end| format!("{dated}{end}")));
                } else if let Some(last) = text.chars().last() {
                    // A letter less, and one more.
                    all.extend(text.strip_suffix(last).filter(|rest| !rest.is_empty()).map(str::to_owned));
                    all.push(format!("{text}{last}"));
                }
                all.extend(USUAL.iter().map(ToString::to_string));
                all.into_iter().map(Value::from).collect()
            }
            _ => Vec::new(),
        };
        all.retain(|candidate| *candidate != self.given);
        all
    }
}

/// Texts that types with a form of their own expect.
const USUAL: [&str; 36] = [
    "2026-11-21T10:00:00",
    "2026-11-21T10:00:00Z",
    "2026-11-21 10:00:00",
    "2026-11-21 10:00:00Z",
    "2026-11-21 10:00:00 +00:00",
    "2026-11-21 10:00:00.0 +00:00:00",
    "2026-11-21",
    "10:00:00",
    "10:00:00.0",
    "192.0.2.1",
    "2001:db8::1",
    "192.0.2.1:8080",
    "192.0.2.0/24",
    "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
    "https://example.com/path",
    "name@example.com",
    "1",
    "0",
    "10",
    "1.5",
    "-1",
    "true",
    "1s",
    "1h",
    "PT1H30M",
    "P1D",
    "1.2.3",
    "^1.2",
    "#1e90ff",
    "en",
    "en-US",
    "EUR",
    "Europe/Berlin",
    "00ff",
    "AAAA",
    "a",
];

#[cfg(test)]
mod tests;
