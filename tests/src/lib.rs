//! What the tests that cross processes share: a server process, raw HTTP, a pipe, and messages.

mod message;
mod pipe;
mod raw;
mod server;

pub use message::{call, initialize, legacy, modern, notification};
pub use pipe::Pipe;
pub use raw::{Connection, Reply};
pub use server::Server;
