//! Servers of others, each for the length of a test and in a folder of its own.

mod backing;
mod nginx;

pub use backing::{Backing, Kind};
pub use nginx::Nginx;
