//! The server under test.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let server = everything::server();
    // Which data a server works on is its author's to say.
    match std::env::var("INSTANCE") {
        Ok(instance) => server.instance(instance).main().await,
        Err(_) => server.main().await,
    }
}
