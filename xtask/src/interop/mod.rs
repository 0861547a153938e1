//! `interop`: real clients of other projects against the `everything` example, over stdio and over HTTP.

mod client;
mod verb;

pub(crate) use verb::{Options, run};
