//! The load as a program: its verbs, and what they print.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::server::{LOAD_CORE, SERVER_CORE, Server};

/// One turn over HTTP.
#[derive(Debug, Deserialize)]
pub(super) struct Turn {
    pub(super) requests: u64,
    pub(super) seconds: f64,
    pub(super) cpu_ns: u64,
    pub(super) p50_ns: u64,
    pub(super) p99_ns: u64,
    pub(super) max_ns: u64,
    pub(super) stalls: u64,
}

/// What many idle sessions weigh.
#[derive(Debug, Deserialize)]
pub(super) struct Weight {
    pub(super) bytes_per_session: u64,
}

/// What calls over stdio cost.
#[derive(Debug, Deserialize)]
pub(super) struct Piped {
    pub(super) calls: u64,
    pub(super) cpu_ns: u64,
}

/// How long the first answer took, run by run.
#[derive(Debug, Deserialize)]
pub(super) struct First {
    pub(super) ns: Vec<u64>,
}

/// What a call allocates.
#[derive(Debug, Deserialize)]
pub(super) struct Allocated {
    pub(super) allocations: f64,
    pub(super) bytes: f64,
}

/// The load's program.
#[derive(Debug)]
pub(super) struct Load {
    program: PathBuf,
}

impl Load {
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// Drives a server over HTTP for a turn.
    pub(super) fn http(&self, server: &Server, arguments: &[&str]) -> Result<Turn> {
        self.against(server, "http", arguments)
    }

    /// Opens idle sessions.
    pub(super) fn sessions(&self, server: &Server, count: usize) -> Result<Weight> {
        self.against(server, "sessions", &["--count", &count.to_string()])
    }

    /// Counts the allocations of a call.
    pub(super) fn allocations(&self, server: &Server, era: &str, tool: &str) -> Result<Allocated> {
        let (address, counter) = (server.address().to_string(), server.counter().to_string());
        self.run(&["allocations", "--address", &address, "--counter", &counter, "--era", era, "--tool", tool])
    }

    /// Calls over stdio, so many under way at once.
    pub(super) fn stdio(&self, program: &Path, era: &str, window: u32, calls: u32) -> Result<Piped> {
        let (program, core) = (program.display().to_string(), SERVER_CORE.to_string());
        let (window, calls) = (window.to_string(), calls.to_string());
        let server = ["stdio", "--program", &program, "--server-core", &core];
        let calls = ["--era", era, "--window", &window, "--calls", &calls];
        self.run(&[&server[..], &calls[..]].concat())
    }

    /// Times the first answer over stdio.
    pub(super) fn first(&self, program: &Path, runs: usize) -> Result<First> {
        let (program, core, runs) = (program.display().to_string(), SERVER_CORE.to_string(), runs.to_string());
        self.run(&["first", "--program", &program, "--server-core", &core, "--era", "legacy", "--runs", &runs])
    }

    fn against<T: DeserializeOwned>(&self, server: &Server, verb: &str, arguments: &[&str]) -> Result<T> {
        let (address, pid) = (server.address().to_string(), server.pid().to_string());
        self.run(&[&[verb, "--address", &address, "--pid", &pid], arguments].concat())
    }

    fn run<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let output = Command::new(&self.program)
            .args(["--core", &LOAD_CORE.to_string()])
            .args(arguments)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("the load does not start")?;
        ensure!(output.status.success(), "the load failed: {}", arguments.join(" "));
        serde_json::from_slice(&output.stdout).context("the load printed something else")
    }
}
