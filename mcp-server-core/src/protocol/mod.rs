//! The protocol as data: envelopes, revisions, messages. No I/O and no async.
//!
//! What arrives is read once into types that point into the received bytes ([`jsonrpc`], [`params`], [`meta`]);
//! what leaves is written once. Everything between the two is free of the era.

pub mod content;
pub mod error;
pub mod jsonrpc;
pub mod log_level;
pub mod meta;
pub mod params;
pub mod revision;

pub use content::{Annotations, Block, ResourceBody, ResourceContents, Role};
pub use error::RpcError;
pub use jsonrpc::{Message, RequestId};
pub use log_level::LogLevel;
pub use meta::{ClientCapabilities, ClientInfo};
pub use revision::Revision;
