//! A framework for hardened MCP servers: annotate functions, get a server that can be paged on.
//!
//! The modules follow the way of a request: [`protocol`] is what is said, [`tool`] is what runs.

// The macros name the framework from the root, also in its own tests.
#[cfg(test)]
extern crate self as mcp_server_core;

pub mod auth;
mod dispatch;
mod guard;
pub mod prelude;
pub mod principal;
pub mod protocol;
pub mod server;
mod session;
pub mod store;
mod telemetry;
pub mod tool;
mod transport;

pub use principal::Principal;
pub use server::Server;

#[doc(hidden)]
pub mod __private {
    pub use crate::tool::target::*;
    pub use ::serde_json;
}
