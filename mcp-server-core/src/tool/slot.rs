//! Slots: how the type of a parameter decides whether it is injected or an argument.
//!
//! The macros cannot know types, only spellings. They write `(&&&&Slot::<P>::NEW).kind()` and the compiler picks the
//! first implementation whose bounds hold: [`State`], [`Inject`], then [`WholeArguments`], then any argument. `State<T>`
//! comes first whatever `T` is, so that a `T` which cannot be cloned is reported as that and not as a bad argument.

use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::arguments::{Absent, Args};
use super::call::ToolCall;
use super::decode::Misfit;
use super::decoder_note::DecoderNote;
use super::error::ToolError;
use super::inject::{Inject, State};
use super::parameter::{ParamSpec, Parameter};
use super::schema;

/// Stands for a parameter of type `T`.
#[derive(Debug)]
pub struct Slot<T>(PhantomData<fn() -> T>);

impl<T> Slot<T> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
}

/// The parameter comes from the server or the request.
#[derive(Clone, Copy, Debug)]
pub struct InjectKind;
/// The parameter is all arguments as one struct.
#[derive(Clone, Copy, Debug)]
pub struct WholeKind;
/// The parameter is one argument.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentKind;

/// Picks [`InjectKind`] for [`State`].
pub trait SlotState {
    /// The kind.
    fn kind(&self) -> InjectKind;
}

/// Picks [`InjectKind`].
pub trait SlotInject {
    /// The kind.
    fn kind(&self) -> InjectKind;
}

/// Picks [`WholeKind`].
pub trait SlotWhole {
    /// The kind.
    fn kind(&self) -> WholeKind;
}

/// Picks [`ArgumentKind`].
pub trait SlotArgument {
    /// The kind.
    fn kind(&self) -> ArgumentKind;
}

impl<T> SlotState for &&&Slot<State<T>> {
    fn kind(&self) -> InjectKind {
        InjectKind
    }
}

impl<T: Inject> SlotInject for &&Slot<T> {
    fn kind(&self) -> InjectKind {
        InjectKind
    }
}

impl<T: WholeArguments> SlotWhole for &Slot<T> {
    fn kind(&self) -> WholeKind {
        WholeKind
    }
}

impl<T> SlotArgument for Slot<T> {
    fn kind(&self) -> ArgumentKind {
        ArgumentKind
    }
}

/// A type that one argument can have: `Deserialize` and `JsonSchema`, owned and sendable.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a tool",
    label = "neither an argument nor injected",
    note = "an argument's type needs `#[derive(serde::Deserialize, schemars::JsonSchema)]`",
    note = "injected types are `State<T>`, `Context`, `Principal`, `Progress`, `Cancellation` and what implements `Inject`"
)]
pub trait Argument: DeserializeOwned + JsonSchema + Send + 'static {}

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Argument for T {}

/// A type that takes all arguments at once: [`Args<T>`].
pub trait WholeArguments: Sized {
    /// The schema of all arguments, and what their decoder does besides.
    fn schema() -> (Value, Vec<DecoderNote>);
    /// Decodes all arguments of a call.
    fn decode(call: &mut ToolCall) -> Result<Self, ToolError>;
}

impl<T: Argument> WholeArguments for Args<T> {
    fn schema() -> (Value, Vec<DecoderNote>) {
        observed::<T>()
    }

    fn decode(call: &mut ToolCall) -> Result<Self, ToolError> {
        call.decode_all().map(Args).map_err(Misfit::into_error)
    }
}

impl InjectKind {
    /// Describes the parameter.
    pub fn parameter<T: Inject>(self, _spec: &'static ParamSpec) -> Parameter {
        Parameter::Injected { needs: T::needs(), can_log: T::can_log() }
    }

    /// Takes the value from the call.
    pub fn take<T: Inject>(self, call: &mut ToolCall, _spec: &'static ParamSpec) -> Result<T, ToolError> {
        T::inject(call)
    }

    /// As [`parameter`](Self::parameter), in a prompt or a template.
    pub fn prompt_parameter<T: Inject>(self, spec: &'static ParamSpec) -> Parameter {
        self.parameter::<T>(spec)
    }

    /// As [`take`](Self::take), in a prompt or a template.
    pub fn prompt_take<T: Inject>(self, call: &mut ToolCall, spec: &'static ParamSpec) -> Result<T, ToolError> {
        self.take::<T>(call, spec)
    }
}

impl WholeKind {
    /// Describes the parameter.
    pub fn parameter<T: WholeArguments>(self, _spec: &'static ParamSpec) -> Parameter {
        let (schema, notes) = T::schema();
        Parameter::Whole { schema, notes }
    }

    /// Takes all arguments from the call.
    pub fn take<T: WholeArguments>(self, call: &mut ToolCall, _spec: &'static ParamSpec) -> Result<T, ToolError> {
        T::decode(call)
    }

    /// As [`parameter`](Self::parameter); a prompt or a template is refused before, by the kind alone.
    pub fn prompt_parameter<T: WholeArguments>(self, spec: &'static ParamSpec) -> Parameter {
        self.parameter::<T>(spec)
    }

    /// As [`take`](Self::take); a prompt or a template is refused before, by the kind alone.
    pub fn prompt_take<T: WholeArguments>(self, call: &mut ToolCall, spec: &'static ParamSpec) -> Result<T, ToolError> {
        self.take::<T>(call, spec)
    }
}

impl ArgumentKind {
    /// Describes the parameter.
    pub fn parameter<T: Argument>(self, spec: &'static ParamSpec) -> Parameter {
        let (schema, notes) = observed::<T>();
        Parameter::Argument { spec, schema, optional: Absent::suits::<T>(), notes }
    }

    /// Takes the argument from the call.
    pub fn take<T: Argument>(self, call: &mut ToolCall, spec: &'static ParamSpec) -> Result<T, ToolError> {
        match call.decode(spec.name) {
            Some(decoded) => decoded.map_err(|misfit| told(misfit, spec)),
            None => match spec.default {
                Some(default) => decode_default(spec.name, default()),
                None => Absent::decode(spec.name),
            },
        }
    }

    /// Describes a prompt's argument or a template's variable: on the wire it is text.
    pub fn prompt_parameter<T: Argument>(self, spec: &'static ParamSpec) -> Parameter {
        self.parameter::<T>(spec)
    }

    /// Takes a prompt's argument or a template's variable: text as it is, or text that spells the value.
    pub fn prompt_take<T: Argument>(self, call: &mut ToolCall, spec: &'static ParamSpec) -> Result<T, ToolError> {
        let Some(value) = call.take_argument(spec.name).or_else(|| spec.default.map(|default| default())) else {
            return Absent::decode(spec.name);
        };
        match serde_json::from_value::<T>(value.clone()) {
            Ok(value) => Ok(value),
            Err(_) => value
                .as_str()
                .and_then(|text| serde_json::from_str(text).ok())
                .ok_or_else(|| told(Misfit::of::<T>(&value, &format!("/{}", spec.name)), spec)),
        }
    }
}

fn observed<T: Argument>() -> (Value, Vec<DecoderNote>) {
    let mut schema = schema::schema_for::<T>();
    let notes = schema::observe::<T>(&mut schema);
    (schema, notes)
}

fn told(misfit: Misfit, spec: &ParamSpec) -> ToolError {
    if spec.secret { misfit.hidden().into_error() } else { misfit.into_error() }
}

/// The value of a default; one that does not decode is its author's fault.
fn decode_default<T: Argument>(name: &str, default: Value) -> Result<T, ToolError> {
    serde_json::from_value(default)
        .map_err(|error| ToolError::internal(format!("the default of `/{name}` cannot be used")).cause(error))
}
