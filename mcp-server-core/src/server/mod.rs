//! Assemble, check, run: what turns an author's functions into a process.

mod act;
mod admin;
mod assemble;
mod builder;
pub mod command;
pub mod config;
mod data_source;
mod descriptors;
mod health;
mod keys;
mod known;
mod logging;
mod panics;
mod profiles;
mod quorum;
mod routes;
mod run;
mod shared;

pub use builder::Server;
