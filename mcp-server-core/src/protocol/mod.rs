//! The protocol as data: envelopes, revisions, messages. No I/O and no async.
//!
//! What arrives is read once into types that point into the received bytes ([`jsonrpc`], [`params`], [`meta`]);
//! what leaves is written once. Everything between the two is free of the era.

pub(crate) mod blank;
pub(crate) mod calendar;
pub mod content;
pub mod error;
pub(crate) mod json;
pub mod jsonrpc;
pub mod log_level;
pub mod meta;
pub mod method;
pub(crate) mod nearest;
pub mod params;
pub mod revision;
pub(crate) mod weight;
pub(crate) mod write;

pub use content::{Annotations, Block, ResourceBody, ResourceContents, Role};
pub use error::RpcError;
pub use jsonrpc::{Message, RequestId};
pub use log_level::LogLevel;
pub use meta::{ClientCapabilities, ClientInfo};
pub use method::Method;
pub use params::Params;
pub use revision::Revision;
