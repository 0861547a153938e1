//! Result quality: each result is held against what is normal for its tool, which all replicas learn together.

mod baselines;
mod judge;
mod note;
mod place;
#[cfg(test)]
mod tests;

pub(crate) use baselines::Baselines;
pub(super) use judge::{failed, judge};
