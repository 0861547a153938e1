//! Lint: what the protocol allows and a known host refuses, told at start instead of by a tool that is not there.
//!
//! `table` is the one list of hosts and rules, `looks` finds what each of them is about, and `walk` asks the table of every
//! part of what is published.

mod finding;
mod host;
mod looks;
mod rule;
mod table;
mod walk;

pub use finding::{Finding, Severity};
pub use host::Host;
pub(crate) use walk::{Subject, lint};
