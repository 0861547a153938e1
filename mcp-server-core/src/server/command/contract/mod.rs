//! The published contract: how it is printed, and what its differences from an earlier one mean for clients.

mod difference;
mod keyword;
mod listing;
mod schema;
mod show;
#[cfg(test)]
mod tests;

pub use difference::{Difference, Impact, show_differences};
pub use listing::compare;
pub use show::{against, show_contract};
