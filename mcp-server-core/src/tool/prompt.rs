//! Prompts: messages that a user may pick to start from (server/prompts).

use serde::Serialize;

use super::error::ToolError;
use super::location::Location;
use super::parameter::Parameter;
use super::runner::Runner;
use crate::protocol::{Block, Role};

/// What is declared of a prompt.
#[derive(Clone, Copy, Debug)]
pub struct PromptSpec {
    /// The name, unique in its server.
    pub name: &'static str,
    /// A name for people.
    pub title: Option<&'static str>,
    /// What it is for.
    pub description: &'static str,
    /// The scopes that a caller needs, all of them.
    pub scopes: &'static [&'static str],
    /// Where it was declared.
    pub location: Location,
}

/// A prompt: its declaration, its arguments and its function.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub(crate) spec: &'static PromptSpec,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) runner: Runner<Result<Messages, ToolError>>,
}

impl Prompt {
    /// Puts a prompt together; the macro writes the call.
    pub fn new(
        spec: &'static PromptSpec,
        parameters: Vec<Parameter>,
        runner: Runner<Result<Messages, ToolError>>,
    ) -> Self {
        Self { spec, parameters, runner }
    }
}

/// A function that is a prompt: the macro implements it on a type of the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no prompt",
    label = "no function with `#[prompt]`",
    note = "put `#[prompt]` on the function; what it is otherwise goes into the list of its kind"
)]
pub trait PromptFunction {
    /// The prompt's name.
    const NAME: &'static str;
    /// The prompt.
    fn prompt() -> Prompt;
}

/// The messages of a prompt, in order.
///
/// ```
/// use mcp_server_core::tool::Messages;
///
/// let messages = Messages::new().user("Review this code.").assistant("Which language is it?");
/// # let _ = messages;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Messages(pub(crate) Vec<Message>);

/// One message of a prompt.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) content: Block,
}

impl Messages {
    /// No message yet; a prompt that stays so is an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the user says.
    pub fn user(self, text: impl Into<String>) -> Self {
        self.push(Role::User, Block::text(text))
    }

    /// Adds what the assistant says.
    pub fn assistant(self, text: impl Into<String>) -> Self {
        self.push(Role::Assistant, Block::text(text))
    }

    /// Adds any block.
    pub fn push(mut self, role: Role, content: Block) -> Self {
        self.0.push(Message { role, content });
        self
    }
}

/// What a prompt may return: text, which becomes one message of the user, [`Messages`], or a `Result` of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a prompt",
    note = "return `String` for one message of the user, or `Messages`, or a `Result` of these"
)]
pub trait IntoMessages {
    /// The messages.
    ///
    /// # Errors
    /// What the function returned as its error.
    fn into_messages(self) -> Result<Messages, ToolError>;
}

impl IntoMessages for Messages {
    fn into_messages(self) -> Result<Messages, ToolError> {
        Ok(self)
    }
}

impl IntoMessages for String {
    fn into_messages(self) -> Result<Messages, ToolError> {
        Ok(Messages::new().user(self))
    }
}

impl IntoMessages for &'static str {
    fn into_messages(self) -> Result<Messages, ToolError> {
        Ok(Messages::new().user(self))
    }
}

impl<T: IntoMessages, E: Into<ToolError>> IntoMessages for Result<T, E> {
    fn into_messages(self) -> Result<Messages, ToolError> {
        self.map_err(Into::into)?.into_messages()
    }
}
