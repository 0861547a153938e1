//! What is seen of a server from outside: the story of the silent failures, and everything on the page of metrics.

#![allow(
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed; counts are exact as floats"
)]

mod labels;
mod pool;
mod shapes;
mod shop;
mod silent;
mod table;
mod warehouse;
