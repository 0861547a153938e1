//! The instruments of a running server.

mod capacity;
mod counters;
mod gauges;
mod made;
mod process;
mod target;

pub(crate) use capacity::Capacity;
pub(crate) use gauges::Reading;
pub(crate) use made::Meters;
pub(crate) use target::{End, Target};
