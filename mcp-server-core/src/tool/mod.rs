//! Tools, prompts and resources: the author's functions behind the code that the macros wrote, and what they may
//! use and return.

mod arguments;
mod begin;
mod call;
mod caller;
mod context;
mod convert;
mod decode;
mod decoder_note;
mod definition;
pub(crate) mod emptiness;
mod error;
#[cfg(test)]
mod expansion_tests;
mod finite;
mod handles;
mod inject;
pub mod input;
mod into_error;
pub mod lint;
mod location;
mod lock;
mod nonces;
pub(crate) mod outbox;
mod outcome;
mod parameter;
mod progress;
mod prompt;
pub(crate) mod registrar;
mod reported;
pub(crate) mod resource;
mod result;
pub(crate) mod rounds;
mod runner;
pub(crate) mod schema;
#[cfg(feature = "reqwest")]
mod send_traced;
mod slot;
mod slot_rules;
mod step;
mod surroundings;
pub(crate) mod task;
mod template;

pub use arguments::Args;
pub use call::ToolCall;
pub use caller::{Asking, Caller, ClientAnswer, ClientLink, Question};
pub use context::Context;
pub use decoder_note::DecoderNote;
pub use definition::{Effects, Idempotency, IntoItems, Item, TaskSupport, Tool, ToolSpec};
pub use error::{ErrorKind, ToolError, ToolResult};
pub use handles::{Handle, Handles, MOST_BYTES};
pub use inject::{Cancellation, Inject, State};
pub use into_error::IntoToolError;
pub use location::Location;
pub use lock::{Lock, LockRequest};
pub use outcome::{Outcome, Reply};
pub use progress::Progress;
pub use prompt::{IntoMessages, Messages, Prompt};
pub use resource::{Contents, IntoContents, Resource};
pub(crate) use result::repeated_receipt;
pub use result::{
    Audio, Content, Found, Image, IntoOutcome, Receipt, Rows, Structured, UnexplainedOption, UnexplainedRows,
};
pub use runner::Runner;
#[cfg(feature = "reqwest")]
pub use send_traced::SendTraced;
pub use surroundings::{Change, Surroundings};

pub(crate) use context::Start;
pub(crate) use template::Template;

/// What the macros name; not for people.
pub(crate) mod target {
    pub use super::definition::{
        Effects, FormCheck, Idempotency, IntoItems, Item, TaskSupport, Tool, ToolFunction, ToolSpec, assert_distinct,
        form, output,
    };
    pub use super::location::Location;
    pub use super::parameter::{Bound, CompleteFn, ParamSpec, Parameter, default_value};
    pub use super::prompt::{IntoMessages, Messages, Prompt, PromptFunction, PromptSpec};
    pub use super::resource::{Contents, IntoContents, Resource, ResourceFunction, ResourceSpec};
    pub use super::slot::{
        Argument, ArgumentKind, InjectKind, Slot, SlotArgument, SlotInject, SlotState, SlotWhole, WholeArguments,
        WholeKind,
    };
    pub use super::slot_rules::{foreign, nameless, ruled, single};
    pub use super::{IntoOutcome, Outcome, Runner, ToolCall, ToolError};
}
