//! `conformance`: the official suite against the `everything` example, with nothing expected to fail.

mod plan;
mod report;
mod store;
mod suite;
mod verb;
mod verdict;

pub(crate) use store::Store;
pub(crate) use verb::{Options, run};
