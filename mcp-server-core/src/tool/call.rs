//! A call as the tool's code receives it: its arguments and its context.

use serde_json::{Map, Value};

use super::context::Context;

/// One call on its way into the author's function.
#[derive(Debug)]
pub struct ToolCall {
    arguments: Map<String, Value>,
    context: Context,
}

impl ToolCall {
    /// A call with arguments that passed the published schema.
    pub(crate) fn new(arguments: Map<String, Value>, context: Context) -> Self {
        Self { arguments, context }
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

    /// Takes all arguments out.
    pub(crate) fn take_arguments(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.arguments)
    }
}
