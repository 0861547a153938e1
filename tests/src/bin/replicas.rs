//! Replicas of a server behind a balancer, for whoever drives them from outside: the first line of the output is the
//! balancer's URL, and all ends with the input.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to whoever started it")]

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use mcp_server_tests::Replicas;
use mcp_server_tests::services::Kind;

/// Starts replicas of a server on a fresh store behind nginx, and ends them with the end of the input.
#[derive(Debug, Parser)]
struct Options {
    /// The server's program.
    program: PathBuf,
    /// The store that they share, which is started too.
    #[arg(long)]
    store: Kind,
    /// How many.
    #[arg(long, default_value_t = 3)]
    replicas: usize,
    /// The path of the endpoint.
    #[arg(long, default_value = "/mcp")]
    path: String,
    /// A setting of each replica.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let Some(store) = options.store.start() else { return ExitCode::FAILURE };
    let mut settings = vec![format!("store.url={}", store.url())];
    settings.extend(options.settings);
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let program = options.program.to_string_lossy();
    let Some(replicas) = Replicas::start(&program, options.replicas, &settings) else { return ExitCode::FAILURE };
    println!("http://{}{}", replicas.address(), options.path);
    // Whoever started this keeps the input open for as long as they need it.
    let ended = std::io::stdin().read_to_end(&mut Vec::new());
    for replica in 0..replicas.count() {
        for line in replicas.log(replica) {
            eprintln!("replica {replica}: {line}");
        }
    }
    eprint!("{}", replicas.balancer_errors());
    if ended.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
