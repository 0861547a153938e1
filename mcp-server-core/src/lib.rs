//! A framework for hardened MCP servers: annotate functions, get a server that can be paged on.
//!
//! ```
//! use mcp_server_core::prelude::*;
//!
//! /// Greet somebody by name.
//! #[tool(read_only)]
//! async fn greet(#[arg(min_length = 1)] name: String) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! let server = Server::new("hello", "1.0.0").tools(tools![greet]);
//! # drop(server);
//! ```
//!
//! `server.main().await` reads the command line and serves: every revision of the protocol from 2024-11-05 to 2026-07-28,
//! over stdio and HTTP.
//!
//! The modules follow the way of a request, and each uses only those after it:
//!
//! | module | what it is for |
//! |---|---|
//! | [`server`] | puts a server together, checks it, runs it: builder, configuration, command line |
//! | `transport` | moves bytes: stdio, Streamable HTTP, and HTTP+SSE of 2024-11-05 |
//! | `session` | makes a caller of a legacy session or of a modern request's `_meta` |
//! | [`auth`] | turns credentials into a [`Principal`] |
//! | `dispatch` | finds the handler; `pipeline` names every step of a call in order; one exit writes every answer |
//! | `guard` | what a call must pass: Host and Origin, permits, schemas, mirrored headers |
//! | [`tool`] | what authors use and return: [`tool::Context`], [`tool::ToolError`], [`tool::Rows`] and the rest |
//! | [`store`] | state that outlives a request: three primitives, their engines, and sealing |
//! | [`telemetry`] | the record of each call, and the names and instruments under which it is seen |
//! | [`protocol`] | the protocol as data |
//! | `background` | starts every task and thread; counts and bounds them |

// The macros name the framework from the root, also in its own tests.
#[cfg(test)]
extern crate self as mcp_server_core;

pub mod auth;
mod background;
mod dispatch;
mod guard;
#[cfg(test)]
mod model_tests;
mod peer;
pub mod prelude;
pub mod principal;
pub mod protocol;
pub mod server;
mod session;
pub mod store;
mod task;
pub mod telemetry;
pub mod tool;
mod transport;

pub use principal::Principal;
pub use server::Server;

#[doc(hidden)]
pub mod __private {
    pub use crate::tool::target::*;
    pub use ::serde_json;
}
