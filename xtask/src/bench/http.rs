//! The rounds over HTTP: every scenario, every server, in turns.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::load::{Load, Turn};
use super::options::Options;
use super::results::{AXUM, OURS, RMCP, SCRAPED, SEEN, Series, UNSEEN};
use super::server::Server;

/// One way of loading the servers.
#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    arguments: &'static [&'static str],
    /// The servers that take part.
    among: &'static [&'static str],
}

pub(super) const ECHO_32: &str = "echo-32";
pub(super) const SEARCH_32: &str = "search-32";
pub(super) const ECHO_256: &str = "echo-256";
pub(super) const ECHO_1: &str = "echo-1";
pub(super) const SPLIT_1: &str = "split-1";
pub(super) const LEGACY_32: &str = "legacy-32";
pub(super) const SEEN_32: &str = "seen-32";

const fn scenario(name: &'static str, title: &'static str, arguments: &'static [&'static str]) -> Scenario {
    Scenario { name, title, arguments, among: &[AXUM, RMCP, OURS] }
}

/// All scenarios. A legacy call follows the modern one that it is held against.
pub(super) const SCENARIOS: [Scenario; 7] = [
    scenario(ECHO_32, "echo, 32 connections", &["--era", "modern", "--tool", "echo", "--connections", "32"]),
    Scenario {
        among: &[OURS],
        ..scenario(LEGACY_32, "echo in warm legacy sessions, 32 connections", &["--era", "legacy", "--tool", "echo"])
    },
    Scenario {
        among: &[UNSEEN, SCRAPED, SEEN],
        ..scenario(
            SEEN_32,
            "echo, 32 connections, observed",
            &["--era", "modern", "--tool", "echo", "--connections", "32"],
        )
    },
    scenario(SEARCH_32, "search, 32 connections", &["--era", "modern", "--tool", "search", "--connections", "32"]),
    scenario(ECHO_256, "echo, 256 connections", &["--era", "modern", "--tool", "echo", "--connections", "256"]),
    scenario(ECHO_1, "echo, one connection", &["--era", "modern", "--tool", "echo", "--connections", "1"]),
    scenario(
        SPLIT_1,
        "echo, one connection, head and body in two packets",
        &["--era", "modern", "--tool", "echo", "--connections", "1", "--split"],
    ),
];

/// Runs all rounds; in every other one the servers come in reverse order.
pub(super) fn rounds(
    load: &Load,
    servers: &[(&'static str, Server)],
    options: &Options,
) -> Result<BTreeMap<String, BTreeMap<String, Series>>> {
    let mut all = BTreeMap::<String, BTreeMap<String, Series>>::new();
    let milliseconds = options.milliseconds().to_string();
    for round in 0..options.rounds() {
        eprintln!("round {} of {}", round + 1, options.rounds());
        for scenario in &SCENARIOS {
            let mut order: Vec<_> = servers.iter().filter(|(name, _)| scenario.among.contains(name)).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for (name, server) in order {
                let arguments = [scenario.arguments, &["--milliseconds", &milliseconds]].concat();
                let turn = load
                    .http(server, &arguments)
                    .with_context(|| format!("{name} in the scenario \"{}\"", scenario.title))?;
                let series = all.entry(scenario.name.to_owned()).or_default().entry((*name).to_owned()).or_default();
                series.add(&turn);
            }
        }
    }
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
impl Series {
    fn add(&mut self, turn: &Turn) {
        let requests = turn.requests.max(1) as f64;
        self.cpu_us.push(turn.cpu_ns as f64 / 1e3 / requests);
        self.per_second.push(requests / turn.seconds);
        self.p50_us.push(turn.p50_ns as f64 / 1e3);
        self.p99_us.push(turn.p99_ns as f64 / 1e3);
        self.max_us.push(turn.max_ns as f64 / 1e3);
        self.stalls += turn.stalls;
    }
}
