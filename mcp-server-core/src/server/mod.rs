//! Assemble, check, run: what turns an author's functions into a process.

mod builder;
pub mod config;

pub use builder::Server;
