//! A framework for hardened MCP servers: annotate functions, get a server that can be paged on.
//!
//! The modules follow the way of a request: [`protocol`] is what is said, [`tool`] is what runs.

pub mod principal;
pub mod protocol;
pub mod server;
pub mod store;
pub mod tool;

pub use principal::Principal;

#[doc(hidden)]
pub mod __private {
    pub use crate::tool::target::*;
    pub use ::serde_json;
}
