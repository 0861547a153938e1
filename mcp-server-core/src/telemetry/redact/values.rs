//! Values: what the client of a call sent, to be taken out of whatever is said of the call.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::index::TextIndex;
use super::marks::{Marks, SECRET};
use super::terms::{Gathered, Terms, is_number};

/// The least length of a value that is looked for: shorter ones are parts of everything.
const LEAST: usize = 4;
/// The same for one that is secret.
const LEAST_SECRET: usize = 3;
/// How many bytes of a text are searched and written. The rest is cut off.
const TEXT: usize = 16 * 1024;
/// What is searched behind them, so that no value is cut in two.
const MARGIN: usize = 512;

/// What the client of a call sent. It is read when something is said that it may stand in, which most calls never do;
/// then it is streamed by the text, and nothing is made of it.
#[derive(Debug, Default)]
pub(crate) struct Values {
    sent: Sent,
    marks: Arc<Marks>,
    /// Whether what is not secret may be told.
    are_told: bool,
}

#[derive(Debug, Default)]
enum Sent {
    #[default]
    Nothing,
    /// The parameters of a request, as JSON text.
    Params(Bytes),
    /// The arguments alone.
    Arguments(Map<String, Value>),
    /// A URI and the values of its variables.
    Uri(String, Map<String, Value>),
}

/// The members of a request's parameters that hold values.
#[derive(Default, Deserialize)]
struct Holding<'a> {
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(default, borrow)]
    argument: Option<&'a RawValue>,
    #[serde(default, borrow)]
    context: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "inputResponses")]
    inputs: Option<&'a RawValue>,
}

/// What is being typed, of a completion.
#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default)]
    name: Value,
    #[serde(default)]
    value: Value,
}

/// The arguments that a completion has besides.
#[derive(Default, Deserialize)]
struct Besides<'a> {
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

impl Values {
    /// What the parameters of a request hold; `are_told` says whether what is not secret may be told.
    pub(crate) fn of(params: Option<Bytes>, marks: Arc<Marks>, are_told: bool) -> Self {
        Self { sent: params.map_or(Sent::Nothing, Sent::Params), marks, are_told }
    }

    /// The same of arguments.
    pub(crate) fn of_arguments(arguments: Map<String, Value>, marks: Arc<Marks>, are_told: bool) -> Self {
        Self { sent: Sent::Arguments(arguments), marks, are_told }
    }

    /// The same of the variables of a resource's URI, and the URI with them.
    pub(crate) fn of_uri(uri: &str, variables: &Map<String, Value>, marks: Arc<Marks>, are_told: bool) -> Self {
        if variables.is_empty() {
            return Self::default();
        }
        let sent = Sent::Uri(uri.to_owned(), variables.clone());
        Self { sent, marks, are_told }
    }

    /// A text without what may not be told; `[argument /POINTER]` or `[secret]` stands in its place. A long text is cut.
    pub(crate) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.search(text, self.are_told)
    }

    /// A text without what may not be told in any configuration.
    pub(super) fn scrub_secrets<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.search(text, true)
    }

    fn search<'a>(&self, text: &'a str, only_secrets: bool) -> Cow<'a, str> {
        if self.holds_nothing(only_secrets) {
            return Cow::Borrowed(text);
        }
        let mut index = TextIndex::new();
        index.add(searched(text));
        scrubbed(&self.gather(Gathered::new(&index), only_secrets).terms(), text)
    }

    /// What may not be told and may stand in these texts.
    pub(super) fn terms(&self, texts: &TextIndex) -> Terms {
        self.gather(Gathered::new(texts), false).terms()
    }

    fn holds_nothing(&self, only_secrets: bool) -> bool {
        matches!(self.sent, Sent::Nothing) || (only_secrets && !self.marks.has_secrets())
    }

    /// Adds what may not be told: what is secret, and everything else unless that may be told or is not asked for.
    pub(super) fn gather<'a>(&self, gathered: Gathered<'a>, only_secrets: bool) -> Gathered<'a> {
        let only_secrets = only_secrets || self.are_told;
        if self.holds_nothing(only_secrets) {
            return gathered;
        }
        let mut walk = Walk { marks: &self.marks, only_secrets, has_names: false, at: String::new(), gathered };
        match &self.sent {
            Sent::Nothing => {}
            Sent::Arguments(arguments) => walk.arguments(arguments),
            Sent::Uri(uri, variables) => {
                walk.arguments(variables);
                "/uri".clone_into(&mut walk.at);
                walk.leaf(uri, self.marks.has_secrets());
            }
            Sent::Params(params) => {
                let Holding { arguments, argument, context, inputs } =
                    serde_json::from_slice(params).unwrap_or_default();
                walk.has_names = true;
                walk.raw(arguments, "");
                walk.has_names = false;
                let read = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or_default();
                let Typed { name, value } = argument.map(read).unwrap_or_default();
                let typed = Map::from_iter([(name.as_str().unwrap_or_default().to_owned(), value)]);
                walk.members(&typed, false);
                let context = context.and_then(|raw| serde_json::from_str::<Besides<'_>>(raw.get()).ok());
                walk.raw(context.and_then(|context| context.arguments), "");
                walk.raw(inputs, "/inputResponses");
            }
        }
        walk.gathered
    }
}

/// The part of a text that is searched.
pub(super) fn searched(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT + MARGIN)).unwrap_or(text)
}

/// A text without the terms, cut where it is longer than is searched.
pub(super) fn scrubbed<'a>(terms: &Terms, text: &'a str) -> Cow<'a, str> {
    let clean = terms.scrub(searched(text));
    if text.len() <= TEXT {
        return clean;
    }
    let cut = clean.get(..clean.floor_char_boundary(TEXT)).unwrap_or_default();
    Cow::Owned(format!("{cut}… [cut: {} bytes in all]", text.len()))
}

struct Walk<'m, 'g> {
    marks: &'m Marks,
    only_secrets: bool,
    /// Whether the names of members are the schema's or else values.
    has_names: bool,
    /// Where it is, as a JSON pointer.
    at: String,
    gathered: Gathered<'g>,
}

impl Walk<'_, '_> {
    fn arguments(&mut self, arguments: &Map<String, Value>) {
        self.has_names = true;
        self.members(arguments, false);
        self.has_names = false;
    }

    /// Streams JSON text by.
    fn raw(&mut self, raw: Option<&RawValue>, at: &str) {
        let Some(raw) = raw else { return };
        at.clone_into(&mut self.at);
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        // What is no JSON was refused before; what was read of it until then is gathered.
        drop(Stream { walk: self, is_secret: false }.deserialize(&mut deserializer));
        self.at.clear();
    }

    /// Goes to a member; returns where it was, and whether the member is secret.
    fn enter(&mut self, name: &str, is_secret: bool) -> (usize, bool) {
        let (before, is_secret) = (self.at.len(), is_secret || self.marks.is_secret(name));
        let is_known = self.marks.is_name(name);
        if self.has_names && !is_known {
            self.gather(name, "name", is_secret);
        }
        self.at.push('/');
        self.at.push_str(if is_known { name } else { "*" });
        (before, is_secret)
    }

    fn members(&mut self, members: &Map<String, Value>, is_secret: bool) {
        for (name, value) in members {
            let (before, is_secret) = self.enter(name, is_secret);
            self.visit(value, is_secret);
            self.at.truncate(before);
        }
    }

    fn visit(&mut self, value: &Value, is_secret: bool) {
        match value {
            Value::String(text) => self.leaf(text, is_secret),
            Value::Number(number) => self.leaf(&number.to_string(), is_secret),
            Value::Array(items) => items.iter().for_each(|item| self.visit(item, is_secret)),
            Value::Object(members) => self.members(members, is_secret),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn leaf(&mut self, text: &str, is_secret: bool) {
        let at = std::mem::take(&mut self.at);
        self.gather(text, &at, is_secret);
        self.at = at;
    }

    fn gather(&mut self, text: &str, at: &str, is_secret: bool) {
        let text = text.trim();
        if is_secret {
            if text.len() >= LEAST_SECRET {
                self.gathered.add(text, || SECRET.to_owned());
            }
        } else if !self.only_secrets && text.len() >= LEAST && !is_number(text) && !self.marks.is_public(text) {
            self.gathered.add(text, || format!("[argument {at}]"));
        }
    }
}

/// Reads JSON without making anything of it.
struct Stream<'a, 'm, 'g> {
    walk: &'a mut Walk<'m, 'g>,
    is_secret: bool,
}

impl<'de> DeserializeSeed<'de> for Stream<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Stream<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.number(value.unsigned_abs() >= SMALL, value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.number(value >= SMALL, value);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.number(true, value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.walk.leaf(value, self.is_secret);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        while access.next_element_seed(Stream { walk: &mut *self.walk, is_secret: self.is_secret })?.is_some() {
            if self.walk.gathered.is_over() {
                return Err(over());
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        while let Some(name) = access.next_key::<Cow<'de, str>>()? {
            let (before, is_secret) = self.walk.enter(&name, self.is_secret);
            access.next_value_seed(Stream { walk: &mut *self.walk, is_secret })?;
            self.walk.at.truncate(before);
            if self.walk.gathered.is_over() {
                return Err(over());
            }
        }
        Ok(())
    }
}

/// Numbers below it are as short as what every log is full of, and are looked for only where they are secret.
const SMALL: u64 = 1000;

impl Stream<'_, '_, '_> {
    #[expect(clippy::needless_pass_by_value, reason = "numbers are copied")]
    fn number(self, is_long: bool, number: impl ToString) {
        if is_long || self.is_secret {
            self.walk.leaf(&number.to_string(), self.is_secret);
        }
    }
}

fn over<E: serde::de::Error>() -> E {
    E::custom("more is not looked at")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(told: bool) -> Values {
        let schema = json!({
            "properties": {
                "query": { "type": "string" },
                "pin": { "type": "integer", "writeOnly": true },
                "state": { "enum": ["open"] },
                "who": { "type": "object", "properties": { "name": { "type": "string" } } },
            },
        });
        let params = json!({
            "name": "search",
            "arguments": { "query": "canary one", "pin": 1234, "state": "open", "n": 17,
                "who": { "name": "Jane Roe" }, "nobody knows me": true },
            "inputResponses": { "first": { "action": "accept", "content": { "word": "canary two" } } },
        });
        Values::of(Some(Bytes::from(params.to_string())), Arc::new(Marks::of(&schema)), told)
    }

    #[test]
    fn every_value_is_named_by_its_place_and_secrets_by_nothing() {
        let cause = "search 17 open: `canary one` and Canary Two of Jane Roe with 1234, nobody knows me";
        let scrubbed = "search 17 open: `[argument /query]` and [argument /inputResponses/*/*/*] of \
                        [argument /who/name] with [secret], [argument name]";
        assert_eq!(values(false).scrub(cause), scrubbed);
    }

    #[test]
    fn where_arguments_are_told_secrets_are_not() {
        assert_eq!(values(true).scrub("`canary one` with 1234"), "`canary one` with [secret]");
    }

    #[test]
    fn what_is_no_message_has_no_values() {
        let broken = Values::of(Some(Bytes::from_static(b"{")), Arc::default(), false);
        assert_eq!(broken.scrub("a text"), "a text");
        assert_eq!(Values::default().scrub("a text"), "a text");
    }
}
