//! What is one figure a server: stdio, allocations, the weight of a session.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::load::Load;
use super::options::Options;
use super::packages;
use super::results::{AXUM, FLOOR, OURS, RMCP, Results};
use super::server::{Scratch, Server};

/// CPU time of a call over stdio in microseconds, many under way.
pub(super) const PIPELINED: &str = "stdio-pipelined-us";
/// The same, one at a time.
pub(super) const ONE_BY_ONE: &str = "stdio-one-by-one-us";
/// The same in a legacy session, many under way.
pub(super) const LEGACY_PIPE: &str = "stdio-legacy-pipelined-us";
/// From the start of the program to its first answer, in milliseconds.
pub(super) const FIRST: &str = "stdio-first-answer-ms";
/// Allocations of a call.
pub(super) const ALLOCATIONS: [(&str, &str); 2] = [("allocations-echo", "echo"), ("allocations-search", "search")];
/// Bytes allocated by a call to echo.
pub(super) const ALLOCATED: &str = "allocated-echo-bytes";
/// Memory of an idle legacy session, in bytes.
pub(super) const SESSION: &str = "session-bytes";

/// Memory of a server over HTTP that has answered nobody yet, in megabytes.
pub(super) const IDLE: &str = "idle-rss-mb";
/// Size of the program as it is shipped, in megabytes.
pub(super) const SIZE: &str = "program-mb";

/// How long a server rests before its memory is read.
const REST: Duration = Duration::from_millis(500);

/// So many calls are under way when they are pipelined.
const WINDOW: u32 = 64;
/// So many sessions are weighed on our server, and fewer on one that takes more for each.
const SESSIONS: usize = 20_000;
const PEER_SESSIONS: usize = 2_000;

/// What our server must be told so that it keeps as many sessions as are weighed.
const MANY_SESSIONS: [&str; 4] = ["--set", "session.max=30000", "--set", "session.max_per_principal=30000"];

/// Measures stdio, in turns as well.
#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
pub(super) fn stdio(load: &Load, programs: &[(&str, &Path)], options: &Options, results: &mut Results) -> Result<()> {
    eprintln!("stdio");
    let calls = if options.quick { 10_000 } else { 50_000 };
    let kinds = [(PIPELINED, "modern", WINDOW), (ONE_BY_ONE, "modern", 1), (LEGACY_PIPE, "legacy", WINDOW)];
    for (name, era, window) in kinds {
        let mut costs = vec![Vec::new(); programs.len()];
        for _ in 0..options.rounds() {
            for ((server, program), costs) in programs.iter().zip(&mut costs) {
                let piped = load.stdio(program, era, window, calls).with_context(|| format!("{server} over stdio"))?;
                costs.push(piped.cpu_ns as f64 / 1e3 / piped.calls.max(1) as f64);
            }
        }
        for ((server, _), costs) in programs.iter().zip(costs) {
            results.note_median(name, server, costs);
        }
    }
    for (server, program) in programs {
        let first = load.first(program, if options.quick { 5 } else { 21 })?;
        results.note_median(FIRST, server, first.ns.iter().map(|&ns| ns as f64 / 1e6));
    }
    Ok(())
}

/// Counts allocations, on programs with an allocator that counts.
pub(super) fn allocations(load: &Load, options: &Options, scratch: &Scratch, results: &mut Results) -> Result<()> {
    for package in [OURS, AXUM, RMCP] {
        if package == RMCP && !options.peers {
            continue;
        }
        let program = packages::build_counting(package)?;
        let server = Server::start(&program, &[], scratch)?;
        for (name, tool) in ALLOCATIONS {
            let allocated = load.allocations(&server, "modern", tool)?;
            results.note(name, package, allocated.allocations);
            if tool == "echo" {
                results.note(ALLOCATED, package, allocated.bytes);
            }
        }
    }
    Ok(())
}

/// Weighs the programs, and servers of them that do nothing.
#[expect(clippy::cast_precision_loss, reason = "megabytes")]
pub(super) fn weights(programs: &[(&str, &Path)], scratch: &Scratch, results: &mut Results) -> Result<()> {
    for (name, program) in programs {
        results.note(SIZE, name, std::fs::metadata(program)?.len() as f64 / 1e6);
        if *name == FLOOR {
            continue;
        }
        let server = Server::start(program, &[], scratch)?;
        std::thread::sleep(REST);
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let kibibytes: f64 = resident.context("the system does not say how much memory a process has")?.parse()?;
        results.note(IDLE, name, kibibytes * 1024.0 / 1e6);
    }
    Ok(())
}

/// Weighs idle sessions, on servers that are fresh.
#[expect(clippy::cast_precision_loss, reason = "bytes of a session")]
pub(super) fn sessions(
    load: &Load,
    programs: &[(&str, &Path)],
    scratch: &Scratch,
    results: &mut Results,
) -> Result<()> {
    for (name, program) in programs {
        let (arguments, count) = match *name {
            OURS => (&MANY_SESSIONS[..], SESSIONS),
            RMCP => (&[][..], PEER_SESSIONS),
            AXUM | FLOOR => continue,
            _ => unreachable!("the servers are known"),
        };
        eprintln!("{count} idle sessions on {name}");
        let server = Server::start(program, arguments, scratch)?;
        let weight = load.sessions(&server, count)?;
        results.note(SESSION, name, weight.bytes_per_session as f64);
    }
    Ok(())
}
