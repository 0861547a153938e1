//! Definitions: a tool as its author declared it, and what a server is given.

use std::time::Duration;

use schemars::JsonSchema;
use serde_json::Value;

use super::location::Location;
use super::outcome::Outcome;
use super::parameter::Parameter;
use super::prompt::Prompt;
use super::resource::Resource;
use super::result::IntoOutcome;
use super::runner::Runner;
use super::schema::Form;

/// What a tool does to the world, where its author said so (server/tools, `ToolAnnotations`).
///
/// These are hints for the client; nothing in the server trusts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// It may destroy or overwrite.
    pub destructive: Option<bool>,
    /// Doing it twice is as doing it once.
    pub idempotent: Option<bool>,
    /// It reaches beyond the server, to where anybody may have written.
    pub open_world: Option<bool>,
}

impl Effects {
    /// What was said, as words.
    pub(crate) fn words(self) -> Vec<&'static str> {
        let said = [
            (self.read_only, "read-only", "writes"),
            (self.destructive, "destructive", "not destructive"),
            (self.idempotent, "idempotent", "not idempotent"),
            (self.open_world, "open world", "closed world"),
        ];
        said.into_iter().filter_map(|(said, yes, no)| said.map(|said| if said { yes } else { no })).collect()
    }
}

/// Whether the calls of a tool may run as tasks (the tasks extension; `execution.taskSupport` of 2025-11-25).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskSupport {
    /// Never: each call is answered by its own request.
    #[default]
    Forbidden,
    /// For clients that know tasks; for all others a call runs as any does.
    Optional,
    /// Always: a client that does not know tasks cannot call it.
    Required,
}

impl TaskSupport {
    /// The word of the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// That repeats of a call get the answer of the first instead of running again.
///
/// A call is a repeat if principal, tool and key are the same. The key is the text under
/// `rs.mcp-server/idempotencyKey` in `_meta`; without one, the arguments are the key. On any number of replicas a key
/// runs the function once, and parallel repeats wait for that run. It is run again only
///
/// - if it failed with an error that is worth a retry, or was given up by its user;
/// - if it asked its client for input: the next round is the same call;
/// - if it failed at all, and the client gave no key;
/// - if it was interrupted (its time was over, it panicked, its process died) and the tool is declared `idempotent`.
///   Of one that is not, nobody knows how far it came: the repeat is told so.
///
/// A call that its client gave up or lost runs to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// How long an answer is remembered; as the configuration says without it.
    pub keep: Option<Duration>,
}

/// What is declared of a tool.
#[derive(Clone, Copy, Debug)]
pub struct ToolSpec {
    /// The name, unique in its server.
    pub name: &'static str,
    /// A name for people.
    pub title: Option<&'static str>,
    /// What it does, for the model.
    pub description: &'static str,
    /// What it does to the world.
    pub effects: Effects,
    /// The scopes that a caller needs, all of them.
    pub scopes: &'static [&'static str],
    /// How long a call may take; the server's limit without it.
    pub timeout: Option<Duration>,
    /// How many bytes a result may have; the server's limit without it.
    pub max_result: Option<u64>,
    /// How many calls may run at once; unbounded but for the server's limit without it.
    pub max_concurrency: Option<u32>,
    /// Whether a call may run as a task.
    pub task: TaskSupport,
    /// Whether a call becomes a task only where its function awaits
    /// [`begin_task`](crate::tool::Context::begin_task).
    pub asks_first: bool,
    /// Whether repeats of a call get the answer of the first.
    pub idempotency: Option<Idempotency>,
    /// Whether the state that a client brings back with its answers opens once (basic/patterns, Multi Round-Trip
    /// Requests).
    pub single_use: bool,
    /// What it means that a result says nothing, where the author declares it: such a result is then an explained empty
    /// one, and not `unexplained_empty`.
    pub may_be_empty: Option<&'static str>,
    /// Where it was declared.
    pub location: Location,
}

/// The schema of a tool's structured result, if it has one.
#[derive(Clone, Debug)]
pub struct OutputSchema(pub(crate) Option<Value>);

/// The output schema of a return type.
pub fn output<R: IntoOutcome>() -> OutputSchema {
    OutputSchema(R::output_schema())
}

/// A tool: its declaration, its parameters and its function.
#[derive(Clone, Debug)]
pub struct Tool {
    pub(crate) spec: &'static ToolSpec,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Option<Value>,
    pub(crate) runner: Runner<Outcome>,
    /// What is wrong with the forms that it puts to the user.
    pub(crate) form_faults: Vec<String>,
}

/// The form of a type, checked: what a client cannot ask is a fault at start.
#[derive(Clone, Debug)]
pub struct FormCheck(Option<String>);

/// Checks that a client can ask for a type.
pub fn form<T: JsonSchema>() -> FormCheck {
    let fault = Form::of::<T>().err();
    FormCheck(fault.map(|fault| format!("the form `{}` cannot be asked: {fault}", std::any::type_name::<T>())))
}

impl Tool {
    /// Puts a tool together; the macro writes the call.
    pub fn new(
        spec: &'static ToolSpec,
        parameters: Vec<Parameter>,
        output: OutputSchema,
        runner: Runner<Outcome>,
    ) -> Self {
        Self { spec, parameters, output: output.0, runner, form_faults: Vec::new() }
    }

    /// Says which forms its function puts to the user.
    pub fn with_forms(mut self, forms: Vec<FormCheck>) -> Self {
        self.form_faults = forms.into_iter().filter_map(|form| form.0).collect();
        self
    }

    /// The name.
    pub fn name(&self) -> &'static str {
        self.spec.name
    }
}

/// A function that is a tool: the macro implements it on a type of the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tool",
    label = "no function with `#[tool]`",
    note = "put `#[tool]` on the function; prompts go into `prompts![…]`, resources into `resources![…]`"
)]
pub trait ToolFunction {
    /// The tool's name.
    const NAME: &'static str;
    /// The tool.
    fn tool() -> Tool;
}

/// Something that a server serves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Item {
    /// A tool.
    Tool(Tool),
    /// A prompt.
    Prompt(Prompt),
    /// A resource, or a template of resources.
    Resource(Resource),
}

/// What a server can be given: `tools![…]`, `prompts![…]`, `resources![…]`, or a type whose `impl` has `#[items]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` holds no tools, prompts or resources",
    note = "list annotated functions: `tools![search, close]`",
    note = "or put `#[items]` on the `impl` block of the type whose methods are tools"
)]
pub trait IntoItems {
    /// The items, in their order.
    fn into_items(self) -> Vec<Item>;
}

impl IntoItems for Vec<Item> {
    fn into_items(self) -> Vec<Item> {
        self
    }
}

impl IntoItems for Item {
    fn into_items(self) -> Vec<Item> {
        vec![self]
    }
}

impl IntoItems for Tool {
    fn into_items(self) -> Vec<Item> {
        vec![Item::Tool(self)]
    }
}

impl IntoItems for Prompt {
    fn into_items(self) -> Vec<Item> {
        vec![Item::Prompt(self)]
    }
}

impl IntoItems for Resource {
    fn into_items(self) -> Vec<Item> {
        vec![Item::Resource(self)]
    }
}

/// Stops the compiler when a name stands in a list twice.
///
/// # Panics
/// At compile time, where the macros call it.
#[track_caller]
pub const fn assert_distinct(names: &[&str]) {
    let mut rest = names;
    while let [name, others @ ..] = rest {
        let mut more = others;
        while let [other, next @ ..] = more {
            assert!(
                !same(name.as_bytes(), other.as_bytes()),
                "two entries of this list have the same name; rename one of them with `name = \"…\"`"
            );
            more = next;
        }
        rest = others;
    }
}

const fn same(mut left: &[u8], mut right: &[u8]) -> bool {
    loop {
        match (left, right) {
            ([], []) => return true,
            ([a, left_rest @ ..], [b, right_rest @ ..]) if *a == *b => {
                left = left_rest;
                right = right_rest;
            }
            _ => return false,
        }
    }
}
