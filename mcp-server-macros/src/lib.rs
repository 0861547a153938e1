//! The attribute macros of `mcp-server-core`: an annotated function becomes a tool, a prompt or a resource.
//!
//! Use them through `mcp_server_core::prelude`. Each attribute goes the same way: `parse` reads the syntax, `model` holds
//! what was found valid, `expand` writes the code. Faults are collected and reported together, and the author's item is
//! always written out again, so that one mistake gives one message.
//!
//! What the attributes accept:
//!
//! | where | settings |
//! |---|---|
//! | `#[tool(…)]` | `name`, `title`, `read_only`, `destructive`, `idempotent`, `open_world`, `scopes("…")`, `timeout = "5s"`, `max_result = "64KiB"`, `max_concurrency = 8`, `idempotency`, `single_use`, `may_be_empty = "…"`, `task`, `asks_first`, `inline` |
//! | `#[prompt(…)]` | `name`, `title`, `scopes("…")`, `inline` |
//! | `#[resource("uri", …)]` | `name`, `title`, `mime`, `scopes("…")`, `inline` |
//! | `#[arg(…)]` on a parameter | `min_length`, `max_length`, `range = 1..=100`, `pattern`, `format`, `min_items`, `max_items`, `default`, `rename`, `secret`, `header`, `complete` |
//! | of these, in a prompt or a resource | `default`, `secret`, `complete`, and in a prompt `rename` |
//! | each of the first three, and `#[items]` | `crate = path`, where the framework is known by another name |

mod error;
mod expand;
mod model;
mod parse;

use proc_macro::TokenStream;

use crate::model::Kind;

/// Makes a function a tool.
///
/// The doc comment is the description that an agent chooses by; each plain parameter is an argument, described by a doc
/// comment of its own and bounded by `#[arg(…)]`; what implements `Inject` comes from the server instead. The function
/// stays callable as it is.
///
/// ```text
/// /// Find tickets by free text, newest first.
/// #[tool(read_only, scopes("tickets:read"), timeout = "5s")]
/// async fn search_tickets(
///     State(db): State<Db>,
///     /// Words to look for.
///     #[arg(min_length = 1, max_length = 200)] query: String,
/// ) -> ToolResult<Rows<Ticket>> { … }
/// ```
///
/// An `async fn` is polled in place. A plain `fn` may block: it runs on the bounded pool of blocking threads, unless
/// `inline` promises that it returns at once.
///
/// With `idempotency`, repeats of a call get the answer of the first, on any replica; `idempotency = "1h"` says for how
/// long. With `single_use`, the state that a client brings back with its answers opens once.
///
/// A result that says nothing (`[]`, `{"items": [], "count": 0}`, a blank text) ends the call with `unexplained_empty`.
/// With `may_be_empty = "no alarm is active"`, such a result is an empty one with this reason.
///
/// With `task`, a call runs as a task for clients that know tasks, and inline for all others; with `task = "required"`
/// only as a task. A task goes on when its client goes away. It is kept in the store, where any replica finds it, and if
/// the process that works on it dies, another one begins the function again, provided that the tool is `idempotent` (or
/// `read_only`, and not said to be otherwise); the arguments are kept for that as long as the task. Any other tool's task
/// ends with `worker_lost`. With `asks_first`, the call becomes a task where its function awaits `begin_task`.
#[proc_macro_attribute]
pub fn tool(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::function(Kind::Tool, attribute.into(), &item.into()).into()
}

/// Makes a function a prompt: it returns `String`, `Messages`, or a `Result` of these.
///
/// ```text
/// /// Ask for a review.
/// #[prompt(title = "Review")]
/// async fn review(#[arg(complete = languages)] language: String, code: Option<String>) -> Messages { … }
/// ```
#[proc_macro_attribute]
pub fn prompt(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::function(Kind::Prompt, attribute.into(), &item.into()).into()
}

/// Makes a function a resource under a URI, or under a template of URIs (RFC 6570) whose variables are its parameters.
///
/// ```text
/// /// One note.
/// #[resource("notes://{id}", mime = "text/markdown")]
/// async fn note(State(db): State<Db>, id: String) -> ToolResult<String> { … }
/// ```
#[proc_macro_attribute]
pub fn resource(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::function(Kind::Resource, attribute.into(), &item.into()).into()
}

/// Makes the annotated methods of an `impl` block the tools, prompts and resources of a value of its type.
///
/// The value is put behind an `Arc` once; each call borrows it.
///
/// ```text
/// #[items]
/// impl Calculator {
///     /// Add two numbers.
///     #[tool(read_only)]
///     async fn add(&self, left: i64, right: i64) -> i64 { left + right }
/// }
/// ```
#[proc_macro_attribute]
pub fn items(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::block(attribute.into(), &item.into()).into()
}

/// Lists tools for `Server::tools`, by the paths of their functions: `tools![search, admin::close]`.
#[proc_macro]
pub fn tools(list: TokenStream) -> TokenStream {
    expand::list(Kind::Tool, list.into()).into()
}

/// Lists prompts for `Server::prompts`, by the paths of their functions.
#[proc_macro]
pub fn prompts(list: TokenStream) -> TokenStream {
    expand::list(Kind::Prompt, list.into()).into()
}

/// Lists resources for `Server::resources`, by the paths of their functions.
#[proc_macro]
pub fn resources(list: TokenStream) -> TokenStream {
    expand::list(Kind::Resource, list.into()).into()
}
