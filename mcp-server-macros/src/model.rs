//! The model: what was declared, once it is known to be valid; no code of the output yet.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, Path, Type};

/// What a function becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Prompt,
    Resource,
}

impl Kind {
    /// The attribute's name.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
        }
    }

    /// The list macro's name.
    pub(crate) const fn list(self) -> &'static str {
        match self {
            Self::Tool => "tools",
            Self::Prompt => "prompts",
            Self::Resource => "resources",
        }
    }
}

/// A function and what it was declared to be.
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) declaration: Declaration,
    pub(crate) function: Function,
}

/// What the attribute says.
#[derive(Default)]
pub(crate) struct Declaration {
    /// Where the framework is; the usual place without it.
    pub(crate) krate: Option<Path>,
    /// The name on the wire.
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) scopes: Vec<String>,
    /// Whether a plain function runs where the call arrived.
    pub(crate) inline: bool,
    /// Of a tool.
    pub(crate) effects: Effects,
    /// Of a tool.
    pub(crate) limits: Limits,
    /// Of a tool.
    pub(crate) tasks: Tasks,
    /// Of a tool.
    pub(crate) once: Once,
    /// Of a tool: what it means that a result says nothing.
    pub(crate) may_be_empty: Option<String>,
    /// Of a resource.
    pub(crate) uri: String,
    /// Of a resource.
    pub(crate) mime: Option<String>,
}

/// What a tool does to the world, where it is said.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) read_only: Option<bool>,
    pub(crate) destructive: Option<bool>,
    pub(crate) idempotent: Option<bool>,
    pub(crate) open_world: Option<bool>,
}

/// How a tool's calls relate to tasks.
#[derive(Default)]
pub(crate) struct Tasks {
    pub(crate) support: TaskSupport,
    /// Whether a call becomes a task only where its function says so.
    pub(crate) asks_first: bool,
}

/// Whether calls may run as tasks.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TaskSupport {
    #[default]
    Forbidden,
    Optional,
    Required,
}

/// A tool's own limits.
#[derive(Default)]
pub(crate) struct Limits {
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) max_result: Option<u64>,
    pub(crate) max_concurrency: Option<u32>,
}

/// That repeats of a call get the answer of the first.
pub(crate) struct Idempotency {
    /// For how many milliseconds, where it is said.
    pub(crate) keep_ms: Option<u64>,
}

/// What of a tool happens once.
#[derive(Default)]
pub(crate) struct Once {
    /// Whether repeats of a call get the answer of the first.
    pub(crate) idempotency: Option<Idempotency>,
    /// Whether the state that a client brings back opens once.
    pub(crate) single_use: bool,
}

/// The facts of a signature.
pub(crate) struct Function {
    pub(crate) ident: Ident,
    /// Conditions of compilation that the generated code shares.
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) description: Docs,
    pub(crate) is_async: bool,
    /// Whether it is a method with `&self`.
    pub(crate) has_receiver: bool,
    pub(crate) parameters: Vec<Parameter>,
    /// The forms that its body puts to the user.
    pub(crate) forms: Vec<Type>,
    pub(crate) output: Type,
}

/// One parameter but `self`.
pub(crate) struct Parameter {
    pub(crate) ty: Type,
    /// The name on the wire; a pattern has none and must then turn out not to be an argument.
    pub(crate) name: Option<String>,
    pub(crate) description: Docs,
    pub(crate) rules: Rules,
    /// Whether it has rules, and so must turn out to be an argument.
    pub(crate) is_ruled: bool,
    /// Whether the URI names no such variable, so that it must turn out to be injected.
    pub(crate) is_foreign: bool,
}

/// Documentation: text, or an expression where the author included a file.
#[derive(Clone)]
pub(crate) enum Docs {
    Text(String),
    Pieces(Vec<Expr>),
}

impl Docs {
    /// Whether nothing is said.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

/// What `#[arg(…)]` says.
#[derive(Default)]
pub(crate) struct Rules {
    pub(crate) min_length: Option<u64>,
    pub(crate) max_length: Option<u64>,
    pub(crate) range: Option<Range>,
    pub(crate) min_items: Option<u64>,
    pub(crate) max_items: Option<u64>,
    pub(crate) pattern: Option<String>,
    pub(crate) format: Option<String>,
    pub(crate) default: Option<DefaultValue>,
    pub(crate) secret: bool,
    pub(crate) header: Option<String>,
    pub(crate) complete: Option<Path>,
}

/// A range of numbers.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) minimum: Option<Number>,
    pub(crate) maximum: Option<Number>,
    /// Whether the maximum itself is outside.
    pub(crate) is_open: bool,
}

/// A number in an attribute.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    /// The number, for comparisons.
    #[expect(clippy::cast_precision_loss, reason = "only compared, and both sides are rounded alike")]
    pub(crate) const fn value(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// The value of an absent argument.
pub(crate) enum DefaultValue {
    /// A literal: becomes JSON as it stands.
    Literal(TokenStream),
    /// Anything that can be serialised.
    Expression(Expr),
}
