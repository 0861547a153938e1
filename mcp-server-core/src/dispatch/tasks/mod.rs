//! Calls that become tasks, the work of a task, and the methods by which clients follow one.

mod create;
mod feed;
mod inquiry;
mod link;
mod methods;
mod orphans;
mod outlive;
mod result;
mod way;
mod work;

pub(super) use create::{Making, made};
pub(crate) use feed::Feed;
pub(super) use methods::handle;
pub(crate) use orphans::keep_watch;
pub(super) use way::{Way, choose};

#[cfg(test)]
mod tests;
