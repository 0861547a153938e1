//! Elicitation: asking the user, by a form or by a URL (client/elicitation).

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::ask;
use crate::protocol::Revision;
use crate::tool::context::Context;
use crate::tool::decode::Misfit;
use crate::tool::error::{ToolError, ToolResult};
use crate::tool::rounds::Need;
use crate::tool::schema::Form;

const METHOD: &str = "elicitation/create";

type Answered<'a, T> = Pin<Box<dyn Future<Output = ToolResult<T>> + Send + 'a>>;

/// A form that is put to the user; await it for the filled form.
///
/// A user who declines or dismisses it ends the call with `cancelled`; [`answer`](Self::answer) tells them apart.
#[derive(Debug)]
#[must_use = "a question is put when it is awaited"]
pub struct Elicit<T> {
    context: Context,
    message: String,
    form: Result<Form, String>,
    key: Option<String>,
    filled: PhantomData<fn() -> T>,
}

/// How a user answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// With the form filled in.
    Accepted(T),
    /// With a no.
    Declined,
    /// Not at all: the form was dismissed.
    Dismissed,
}

impl Context {
    /// Puts a form to the user. Its fields are those of `T`: text, numbers, truth values, choices (an enum without data)
    /// and lists of choices, each of them optional or not. What an option of an enum means is its doc comment.
    ///
    /// A form with other fields cannot be asked: where the tool's function names `T` beside the question, the server does
    /// not start with it.
    ///
    /// Never ask for a secret this way: use [`elicit_url`](Self::elicit_url).
    ///
    /// ```
    /// use mcp_server_core::prelude::*;
    /// use schemars::JsonSchema;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Confirm { sure: bool }
    ///
    /// /// Delete a ticket.
    /// #[tool(destructive)]
    /// async fn delete(context: Context, ticket: u32) -> ToolResult<Receipt> {
    ///     let Confirm { sure } = context.elicit(format!("Delete ticket {ticket}?")).await?;
    ///     Ok(if sure { Receipt::confirmed("deleted") } else { Receipt::unchanged("kept") })
    /// }
    /// ```
    pub fn elicit<T: DeserializeOwned + JsonSchema>(&self, message: impl Into<String>) -> Elicit<T> {
        self.elicit_form(message.into(), Form::of::<T>())
    }

    /// Puts a form to the user under a schema of one's own and returns what was filled in. The schema is held to the same
    /// rules as a type.
    pub fn elicit_with(&self, message: impl Into<String>, schema: Value) -> Elicit<Value> {
        self.elicit_form(message.into(), Form::from_schema(schema))
    }

    fn elicit_form<T>(&self, message: String, form: Result<Form, String>) -> Elicit<T> {
        Elicit { context: self.clone(), message, form, key: None, filled: PhantomData }
    }

    /// Asks the user to open a URL, as for a login or a payment, and returns whether they agreed to.
    ///
    /// Agreement is not completion: look at your own state afterwards. The URL must not carry credentials.
    pub fn elicit_url(&self, message: impl Into<String>, url: impl Into<String>) -> ElicitUrl {
        ElicitUrl { context: self.clone(), message: message.into(), url: url.into(), key: None }
    }
}

impl<T: DeserializeOwned> Elicit<T> {
    /// Names the question; without a name it is known by its place in the order of asking.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Puts the question and tells acceptance, refusal and dismissal apart.
    ///
    /// # Errors
    /// If the form cannot be asked, the client cannot show forms, does not answer in time, or its answer does not fit the
    /// form.
    pub async fn answer(self) -> ToolResult<Answer<T>> {
        let context = &self.context;
        let form = self.form.and_then(|form| Ok((form.requested(context.revision())?, form)));
        let (requested, form) = form.map_err(|why| cannot_ask::<T>(&why))?;
        let key = self.key.unwrap_or_else(|| context.shared().inputs.next_key());
        let params = json!({ "message": self.message, "requestedSchema": requested });
        loop {
            let result = ask::ask(context, &key, METHOD, params.clone(), Need::ElicitationForm).await?;
            match result.get("action").and_then(Value::as_str) {
                Some("decline") => return Ok(Answer::Declined),
                Some("cancel") => return Ok(Answer::Dismissed),
                Some("accept") => {}
                _ => {
                    ask::malformed(context, &key, "an answer has an `action`: accept, decline or cancel").await?;
                    continue;
                }
            }
            let filled = form.without_blanks(result.get("content").cloned().unwrap_or_else(|| json!({})));
            let why = match context.shared().surroundings.check(form.enforced(), &filled) {
                Ok(()) => match decode::<T>(&filled) {
                    Ok(form) => return Ok(Answer::Accepted(form)),
                    Err(why) => why,
                },
                Err(why) => why,
            };
            ask::refuse(context, &key, METHOD, params.clone(), &why).await?;
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Elicit<T> {
    type Output = ToolResult<T>;
    type IntoFuture = Answered<'static, T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            match self.answer().await? {
                Answer::Accepted(form) => Ok(form),
                Answer::Declined => Err(declined("declined")),
                Answer::Dismissed => Err(declined("dismissed the question")),
            }
        })
    }
}

/// The author's form is at fault, and not the client: that is said.
fn cannot_ask<T>(why: &str) -> ToolError {
    let name = std::any::type_name::<T>();
    ToolError::misconfigured("the tool cannot put its question: the form is not one that the protocol can ask")
        .cause(format!("the form `{name}`: {why}"))
}

/// The filled form, or what of it does not fit.
fn decode<T: DeserializeOwned>(filled: &Value) -> Result<T, String> {
    T::deserialize(filled).map_err(|_| Misfit::of::<T>(filled, "").text())
}

fn declined(how: &str) -> ToolError {
    ToolError::cancelled(format!("the user {how}; nothing was done after that"))
        .advice("Respect it: do not ask again for the same, and tell the user what was not done.")
        .do_not_retry()
}

/// A URL that the user is asked to open; await it for whether they agreed.
#[derive(Debug)]
#[must_use = "a question is put when it is awaited"]
pub struct ElicitUrl {
    context: Context,
    message: String,
    url: String,
    key: Option<String>,
}

impl ElicitUrl {
    /// Names the question; without a name it is known by its place in the order of asking.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    async fn run(self) -> ToolResult<bool> {
        let key = self.key.unwrap_or_else(|| self.context.shared().inputs.next_key());
        let mut params = json!({ "mode": "url", "message": self.message, "url": self.url });
        match (self.context.revision(), params.as_object_mut()) {
            (Revision::V2025_11_25, Some(object)) => {
                // This revision alone wants an id of the elicitation beside the URL.
                object.insert("elicitationId".to_owned(), crate::store::seal::random_id().into());
            }
            (revision, _) if revision < Revision::V2025_11_25 => {
                return Err(ToolError::misconfigured("this needs a client that can open a URL for its user"));
            }
            _ => {}
        }
        loop {
            let result = ask::ask(&self.context, &key, METHOD, params.clone(), Need::ElicitationUrl).await?;
            match result.get("action").and_then(Value::as_str) {
                Some("accept") => return Ok(true),
                Some("decline" | "cancel") => return Ok(false),
                _ => {
                    ask::malformed(&self.context, &key, "an answer has an `action`: accept, decline or cancel").await?;
                }
            }
        }
    }
}

impl IntoFuture for ElicitUrl {
    type Output = ToolResult<bool>;
    type IntoFuture = Answered<'static, bool>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
