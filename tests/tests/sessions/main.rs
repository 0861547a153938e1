//! Legacy sessions over HTTP, driven from outside: opened, used, lost and found again, ended; on one process, on several
//! that share a store, and sealed into their ids.

#![allow(
    clippy::expect_used,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

mod client;
mod replicas;
mod sealed;
mod single;
mod stopping;
