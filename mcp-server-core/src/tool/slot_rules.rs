//! What a parameter may be is known only with its type: here a macro's demand meets what the type turned out to be.

use super::slot::{ArgumentKind, InjectKind, WholeKind};

/// A parameter that needs no name on the wire.
#[diagnostic::on_unimplemented(
    message = "an argument needs a name to be published under, and a pattern has none",
    label = "an argument without a name",
    note = "write `name: Type` and take the value apart in the body, or name it with `#[arg(rename = \"…\")]`"
)]
pub trait Nameless {}

impl Nameless for InjectKind {}
impl Nameless for WholeKind {}

/// A parameter that `#[arg(…)]` means something to.
#[diagnostic::on_unimplemented(
    message = "`#[arg(…)]` has no effect on this parameter",
    label = "no single argument",
    note = "an injected parameter is no argument: remove `#[arg(…)]`",
    note = "the rules of `Args<T>` stand on the fields of `T`, as `#[schemars(length(min = 1))]`"
)]
pub trait Ruled {}

impl Ruled for ArgumentKind {}

/// A parameter whose value does not come from the URI.
#[diagnostic::on_unimplemented(
    message = "this parameter is no variable of the resource's URI",
    label = "neither a variable nor injected",
    note = "name it in the URI, as `notes://{{id}}` for a parameter `id`, or remove it",
    note = "injected types are `State<T>`, `Context`, `Principal`, `Progress`, `Cancellation` and what implements `Inject`"
)]
pub trait Foreign {}

impl Foreign for InjectKind {}

/// A parameter that takes one argument, or none.
#[diagnostic::on_unimplemented(
    message = "`Args<T>` takes the arguments of a tool",
    label = "a prompt takes its arguments one by one",
    note = "write a parameter for each argument: `language: String, code: Option<String>`"
)]
pub trait Single {}

impl Single for InjectKind {}
impl Single for ArgumentKind {}

/// Demands that a parameter without a name needs none.
pub fn nameless<K: Nameless>(kind: K) -> K {
    kind
}

/// Demands that a parameter with rules is an argument.
pub fn ruled<K: Ruled>(kind: K) -> K {
    kind
}

/// Demands that a parameter that is no variable of the URI is injected.
pub fn foreign<K: Foreign>(kind: K) -> K {
    kind
}

/// Demands that a parameter of a prompt or a template is not all of its arguments.
pub fn single<K: Single>(kind: K) -> K {
    kind
}
