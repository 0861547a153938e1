//! Types as authors write them: each is the argument and the result of a tool that gives back what it gets.
//!
//! The tools are served by `corpus-under-test`; the tests hold serde, the published schemas and the server against each
//! other, and the clients of others call them.
#![allow(missing_docs, reason = "a type here is its own example")]

mod entry;
mod enums;
mod foreign;
mod maps;
mod numbers;
mod recursive;
mod structs;
mod times;
mod tuples;

pub use entry::Entry;
use mcp_server_core::tool::Item;

/// Every type, with samples of what its decoder takes.
pub fn entries() -> Vec<Entry> {
    [
        structs::entries(),
        enums::entries(),
        maps::entries(),
        numbers::entries(),
        tuples::entries(),
        recursive::entries(),
        times::entries(),
        foreign::entries(),
    ]
    .concat()
}

/// A tool for each type.
pub fn tools() -> Vec<Item> {
    [
        structs::tools(),
        enums::tools(),
        maps::tools(),
        numbers::tools(),
        tuples::tools(),
        recursive::tools(),
        times::tools(),
        foreign::tools(),
    ]
    .concat()
}
