//! Lint: what the protocol allows and a known host refuses, told at start instead of by a tool that is not there.

mod finding;
mod rules;

pub use finding::{Finding, Severity};
pub(crate) use rules::lint;
