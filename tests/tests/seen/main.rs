//! What is seen of a server from outside: the spans and metrics that a collector gets, decoded from the wire.

#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::type_complexity,
    clippy::unwrap_used,
    reason = "all of it is test code, where a panic says that a test failed"
)]

mod author;
mod beyond;
mod client;
mod errors;
mod losses;
mod metrics;
mod spans;
mod variables;

use std::process::Command;

use mcp_server_tests::Server;
use mcp_server_tests::services::Collector;

const TRACED: &str = env!("CARGO_BIN_EXE_traced-under-test");

/// The protocols to a collector.
const PROTOCOLS: [&str; 2] = ["http/protobuf", "grpc"];

/// The program, with no word about telemetry from whoever runs the tests.
fn program() -> Command {
    let mut command = Command::new(TRACED);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command
}

/// A server over HTTP that sends everything to a collector.
fn server(collector: &Collector, settings: &[&str]) -> Server {
    let mut command = program();
    collector.receive(&mut command);
    over_http(command, settings)
}

fn over_http(mut command: Command, settings: &[&str]) -> Server {
    command.args(["--http", "127.0.0.1:0"]);
    Server::run(command, settings)
}
