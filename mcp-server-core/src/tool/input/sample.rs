//! Asking the client's model, and its workspace for roots (both deprecated since 2026-07-28, and still served).

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ask;
use crate::tool::context::Context;
use crate::tool::error::ToolResult;
use crate::tool::rounds::Need;

type Answered<T> = Pin<Box<dyn Future<Output = ToolResult<T>> + Send>>;

/// A prompt for the client's model; await it for what the model said.
#[derive(Debug)]
#[must_use = "a question is put when it is awaited"]
pub struct Sample {
    context: Context,
    prompt: String,
    system: Option<String>,
    max_tokens: u32,
    key: Option<String>,
}

/// What the model said. It is untrusted text, like everything that comes from outside.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// The text, or nothing if the model answered with something else.
    pub text: String,
    /// The whole result as it came.
    pub raw: Value,
}

/// A folder that the client's user works in: a hint, never a security boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// A `file://` URI.
    pub uri: String,
    /// A name for people.
    #[serde(default)]
    pub name: Option<String>,
}

impl Context {
    /// Asks the client's model (client/sampling). Bound `max_tokens`: someone pays for them.
    pub fn sample(&self, prompt: impl Into<String>, max_tokens: u32) -> Sample {
        Sample { context: self.clone(), prompt: prompt.into(), system: None, max_tokens, key: None }
    }

    /// Asks the client for its roots (client/roots).
    ///
    /// # Errors
    /// If the client has none to tell or does not answer in time.
    pub async fn roots(&self) -> ToolResult<Vec<Root>> {
        let key = self.shared().inputs.next_key();
        self.roots_under(&key).await
    }

    /// As [`roots`](Self::roots), under a key of one's own.
    ///
    /// # Errors
    /// As [`roots`](Self::roots).
    pub async fn roots_under(&self, key: &str) -> ToolResult<Vec<Root>> {
        loop {
            let result = ask::ask(self, key, "roots/list", json!({}), Need::Roots).await?;
            if let Some(Ok(roots)) = result.get("roots").cloned().map(serde_json::from_value) {
                return Ok(roots);
            }
            ask::malformed(self, key, "an answer has `roots`: a list of objects with a `uri`").await?;
        }
    }
}

impl Sample {
    /// Names the question; without a name it is known by its place in the order of asking.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Gives the model a system prompt.
    pub fn system(mut self, system: impl Into<String>) -> Self {
        self.system = Some(system.into());
        self
    }

    async fn run(self) -> ToolResult<Sampled> {
        let key = self.key.unwrap_or_else(|| self.context.shared().inputs.next_key());
        let mut params = json!({
            "messages": [{ "role": "user", "content": { "type": "text", "text": self.prompt } }],
            "maxTokens": self.max_tokens,
        });
        if let (Some(system), Some(object)) = (self.system, params.as_object_mut()) {
            object.insert("systemPrompt".to_owned(), system.into());
        }
        loop {
            let raw = ask::ask(&self.context, &key, "sampling/createMessage", params.clone(), Need::Sampling).await?;
            if raw.get("content").is_none() {
                ask::malformed(&self.context, &key, "an answer has `role` and `content`").await?;
                continue;
            }
            let text = raw.pointer("/content/text").and_then(Value::as_str).unwrap_or_default().to_owned();
            return Ok(Sampled { text, raw });
        }
    }
}

impl IntoFuture for Sample {
    type Output = ToolResult<Sampled>;
    type IntoFuture = Answered<Sampled>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
