//! The server under test.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    everything::server().main().await
}
