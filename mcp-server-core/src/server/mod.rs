//! Assemble, check, run: what turns an author's functions into a process.

mod assemble;
mod builder;
pub mod config;
mod run;

pub use builder::Server;
