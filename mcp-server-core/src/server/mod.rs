//! Assemble, check, run: what turns an author's functions into a process.

pub mod config;
