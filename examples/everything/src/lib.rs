//! Everything that the framework serves, in the form that the official conformance suite asks for.

mod asking;
mod changing;
mod content;
mod prompting;
mod reading;
mod schemas;
mod server;
mod trying;
mod working;

pub use server::server;
