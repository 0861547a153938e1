//! Our server beside bare axum and the official SDK: built alike, pinned alike, measured in turns, held against bars.
//!
//! The servers and the load are packages of their own under `xtask/bench`, outside the default build. Ratios within one
//! run are what counts: rounds alternate between the servers, so that whatever else the machine does falls on all of them.

mod bars;
mod http;
mod load;
mod machine;
mod measure;
mod options;
mod packages;
mod results;
mod seen;
mod server;
mod singles;
mod stats;
mod table;

pub(crate) use measure::run;
