//! Values: what the client of a call sent, to be taken out of whatever is said of the call.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::marks::{Marks, SECRET};
use super::needles::{Gathered, Needles, is_number};

/// The least length of a value that is looked for: shorter ones are parts of everything.
const LEAST: usize = 4;
/// The same for one that is secret.
const LEAST_SECRET: usize = 3;

/// What the client of a call sent. It is read when something is said that it may stand in, which most calls never do.
#[derive(Debug, Default)]
pub(crate) struct Values {
    sent: Sent,
    marks: Arc<Marks>,
    /// Whether what is not secret may be told.
    are_told: bool,
    all: OnceLock<Option<Needles>>,
    secrets: OnceLock<Option<Needles>>,
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
struct Holding {
    #[serde(default)]
    arguments: Value,
    #[serde(default)]
    argument: Value,
    #[serde(default)]
    context: Value,
    #[serde(default, rename = "inputResponses")]
    inputs: Value,
}

impl Values {
    /// What the parameters of a request hold; `are_told` says whether what is not secret may be told.
    pub(crate) fn of(params: Option<Bytes>, marks: Arc<Marks>, are_told: bool) -> Self {
        Self { sent: params.map_or(Sent::Nothing, Sent::Params), marks, are_told, ..Self::default() }
    }

    /// The same of arguments.
    pub(crate) fn of_arguments(arguments: Map<String, Value>, marks: Arc<Marks>, are_told: bool) -> Self {
        Self { sent: Sent::Arguments(arguments), marks, are_told, ..Self::default() }
    }

    /// The same of the variables of a resource's URI, and the URI with them.
    pub(crate) fn of_uri(uri: &str, variables: &Map<String, Value>, marks: Arc<Marks>, are_told: bool) -> Self {
        if variables.is_empty() {
            return Self::default();
        }
        let sent = Sent::Uri(uri.to_owned(), variables.clone());
        Self { sent, marks, are_told, ..Self::default() }
    }

    /// A text without what may not be told; `[argument /POINTER]` or `[secret]` stands in its place.
    pub(crate) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.needles().map_or(Cow::Borrowed(text), |needles| needles.scrub(text))
    }

    /// What may not be told.
    pub(super) fn needles(&self) -> Option<&Needles> {
        if self.are_told { self.secrets() } else { self.all.get_or_init(|| self.gather(false)).as_ref() }
    }

    /// What may not be told in any configuration.
    pub(super) fn secrets(&self) -> Option<&Needles> {
        if !self.marks.has_secrets() {
            return None;
        }
        self.secrets.get_or_init(|| self.gather(true)).as_ref()
    }

    fn gather(&self, only_secrets: bool) -> Option<Needles> {
        let mut walk = Walk { marks: &self.marks, only_secrets, has_names: false, gathered: Gathered::default() };
        match &self.sent {
            Sent::Nothing => {}
            Sent::Arguments(arguments) => walk.arguments(arguments),
            Sent::Uri(uri, variables) => {
                walk.arguments(variables);
                walk.visit(&Value::from(uri.as_str()), "/uri", self.marks.has_secrets());
            }
            Sent::Params(params) => {
                let Holding { arguments, argument, context, inputs } =
                    serde_json::from_slice(params).unwrap_or_default();
                if let Value::Object(arguments) = &arguments {
                    walk.arguments(arguments);
                }
                let name = argument.get("name").and_then(Value::as_str).unwrap_or_default();
                let typed = Map::from_iter([(name.to_owned(), argument.get("value").cloned().unwrap_or_default())]);
                walk.members(&typed, "", false);
                walk.visit(context.get("arguments").unwrap_or(&Value::Null), "", false);
                walk.visit(&inputs, "/inputResponses", false);
            }
        }
        walk.gathered.needles()
    }
}

struct Walk<'a> {
    marks: &'a Marks,
    only_secrets: bool,
    /// Whether the names of members are the schema's or else values.
    has_names: bool,
    gathered: Gathered,
}

impl Walk<'_> {
    fn arguments(&mut self, arguments: &Map<String, Value>) {
        self.has_names = true;
        self.members(arguments, "", false);
        self.has_names = false;
    }

    fn members(&mut self, members: &Map<String, Value>, at: &str, is_secret: bool) {
        for (name, value) in members {
            let is_secret = is_secret || self.marks.is_secret(name);
            let step = if self.marks.is_name(name) { name } else { "*" };
            if self.has_names && step == "*" {
                self.leaf(name, "name", is_secret);
            }
            self.visit(value, &format!("{at}/{step}"), is_secret);
        }
    }

    fn visit(&mut self, value: &Value, at: &str, is_secret: bool) {
        match value {
            Value::String(text) => self.leaf(text, at, is_secret),
            Value::Number(number) => self.leaf(&number.to_string(), at, is_secret),
            Value::Array(items) => {
                for item in items {
                    self.visit(item, at, is_secret);
                }
            }
            Value::Object(members) => self.members(members, at, is_secret),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn leaf(&mut self, text: &str, at: &str, is_secret: bool) {
        let text = text.trim();
        if is_secret {
            if text.len() >= LEAST_SECRET {
                self.gathered.add(text, SECRET);
            }
        } else if !self.only_secrets && text.len() >= LEAST && !is_number(text) && !self.marks.is_public(text) {
            self.gathered.add(text, &format!("[argument {at}]"));
        }
    }
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
