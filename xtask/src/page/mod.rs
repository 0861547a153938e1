//! `page`: the operator page in a real browser, and its picture for the README.

mod options;
mod verb;

pub(crate) use options::Options;
pub(crate) use verb::run;
