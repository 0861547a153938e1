//! Tools for trying the framework's limits.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mcp_server_core::prelude::*;
use mcp_server_core::tool::Item;
use schemars::JsonSchema;
use serde::Serialize;

/// Take a while.
#[tool(read_only)]
async fn slow(
    /// How long, in milliseconds.
    #[arg(range = 0..=60_000)]
    ms: u32,
) -> String {
    tokio::time::sleep(Duration::from_millis(ms.into())).await;
    format!("That took {ms} ms.")
}

/// Panic.
#[expect(clippy::panic, reason = "it shows what becomes of one")]
#[tool(read_only)]
async fn boom() -> String {
    panic!("boom: secret detail")
}

/// Return a text of some size.
#[tool(read_only)]
async fn big(
    /// How many bytes.
    #[arg(range = 1..=10_000_000)]
    bytes: usize,
) -> String {
    "x".repeat(bytes)
}

/// Return nothing and say nothing.
#[tool(read_only)]
async fn empty() -> String {
    String::new()
}

/// Write to standard output, as a careless library would.
#[expect(clippy::print_stdout, reason = "it shows what becomes of it")]
#[tool(read_only)]
async fn stray_print() -> &'static str {
    println!("this line is no message");
    "It was printed."
}

/// Take a number within a range.
#[tool(read_only)]
async fn limited(
    /// From one to ten.
    #[arg(range = 1..=10)]
    limit: u32,
) -> String {
    format!("The limit is {limit}.")
}

#[derive(Serialize, JsonSchema)]
struct Reading {
    /// In degrees Celsius.
    celsius: f64,
}

/// Return a number that JSON cannot hold.
#[tool(read_only)]
async fn not_a_number() -> Structured<Reading> {
    Structured(Reading { celsius: f64::NAN })
}

#[derive(Serialize, JsonSchema)]
struct Percentage {
    #[schemars(range(min = 0, max = 100))]
    percent: i32,
}

/// Return what its own schema forbids.
#[tool(read_only)]
async fn broken_promise() -> Structured<Percentage> {
    Structured(Percentage { percent: 101 })
}

/// Block its thread for a while, as a driver without async would.
#[tool(read_only)]
fn block(
    /// How long, in milliseconds.
    #[arg(range = 0..=60_000)]
    ms: u64,
) -> String {
    std::thread::sleep(Duration::from_millis(ms));
    format!("That blocked for {ms} ms.")
}

static EFFECTS: AtomicU32 = AtomicU32::new(0);

/// Take a while, then have an effect that `effects` counts.
#[tool(destructive)]
async fn late_effect(
    /// How long, in milliseconds.
    #[arg(range = 0..=60_000)]
    ms: u64,
) -> Receipt {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    EFFECTS.fetch_add(1, Ordering::Relaxed);
    Receipt::confirmed("the effect took place")
}

/// Count the effects that took place.
#[tool(read_only)]
async fn effects() -> u32 {
    EFFECTS.load(Ordering::Relaxed)
}

/// Stop at a limit of its own.
#[tool(read_only, timeout = "100ms")]
async fn hang() -> String {
    std::future::pending().await
}

pub(crate) fn tools() -> Vec<Item> {
    tools![
        slow,
        boom,
        big,
        empty,
        stray_print,
        limited,
        not_a_number,
        broken_promise,
        block,
        late_effect,
        effects,
        hang,
    ]
}
