//! What the tests that cross processes share: a server process, raw HTTP, a pipe, and messages.
#![allow(
    clippy::expect_used,
    clippy::format_push_string,
    clippy::missing_panics_doc,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::should_implement_trait,
    reason = "all of it is test code, where a panic says that a test failed and brevity is worth a copy"
)]

pub mod corpus;
mod folder;
mod message;
mod metrics;
mod pipe;
mod raw;
mod replicas;
mod server;
pub mod services;

pub use folder::Folder;
pub use message::{call, initialize, legacy, modern, notification};
pub use metrics::{Metrics, Sample};
pub use pipe::Pipe;
pub use raw::{Connection, Reply};
pub use replicas::Replicas;
pub use server::Server;
