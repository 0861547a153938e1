//! A call as the tool's code receives it: its arguments and its context.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::context::Context;
use super::decode::Misfit;
use crate::protocol::json;

/// How deep arguments that were read before may nest: as deep as can be set.
const MOST_DEPTH: usize = 128;

/// One call on its way into the author's function.
#[derive(Debug)]
pub struct ToolCall {
    arguments: Map<String, Value>,
    context: Context,
    /// The arguments as they came, if they did not come from the store.
    raw: Option<Bytes>,
}

impl ToolCall {
    /// A call with arguments that passed the published schema.
    pub(crate) fn new(arguments: Map<String, Value>, context: Context) -> Self {
        Self { arguments, context, raw: None }
    }

    /// Remembers the arguments as they came, so that they can be looked at again when they do not decode.
    pub(crate) fn with_raw(mut self, raw: Option<Bytes>) -> Self {
        self.raw = raw;
        self
    }

    /// The call's context.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Takes one argument out, so that it is moved and not copied; `null` counts as absent.
    pub(crate) fn take_argument(&mut self, name: &str) -> Option<Value> {
        match self.arguments.get_mut(name).map(Value::take) {
            None | Some(Value::Null) => None,
            value => value,
        }
    }

    /// Decodes one argument; `None` if it is absent, or `null` where the type knows no `null`.
    pub(crate) fn decode<T: DeserializeOwned>(&mut self, name: &str) -> Option<Result<T, Misfit>> {
        let value = self.arguments.get_mut(name).map(Value::take)?;
        if value.is_null() {
            return T::deserialize(value).ok().map(Ok);
        }
        let base = format_args!("/{name}");
        if self.raw.is_none() {
            return Some(T::deserialize(&value).map_err(|_| Misfit::of::<T>(&value, &base.to_string())));
        }
        Some(serde_json::from_value(value).map_err(|_| {
            let base = base.to_string();
            match self.as_it_came().remove(name) {
                Some(value) => Misfit::of::<T>(&value, &base),
                None => Misfit::unknown(&base),
            }
        }))
    }

    /// Decodes all arguments at once.
    pub(crate) fn decode_all<T: DeserializeOwned>(&mut self) -> Result<T, Misfit> {
        let value = Value::Object(std::mem::take(&mut self.arguments));
        if self.raw.is_none() {
            return T::deserialize(&value).map_err(|_| Misfit::of::<T>(&value, ""));
        }
        serde_json::from_value(value).map_err(|_| Misfit::of::<T>(&Value::Object(self.as_it_came()), ""))
    }

    /// The arguments as they came, read again: a call whose arguments decode pays nothing for the others.
    fn as_it_came(&self) -> Map<String, Value> {
        let text = self.raw.as_deref().and_then(|raw| std::str::from_utf8(raw).ok()).unwrap_or("{}");
        let mut value = Value::Object(json::object(text, MOST_DEPTH).unwrap_or_default());
        without_null(&mut value);
        match value {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

/// Members that are `null` count as absent.
fn without_null(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
