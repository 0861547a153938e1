//! Putting a server together and running it.

mod builder;

pub use builder::Server;
