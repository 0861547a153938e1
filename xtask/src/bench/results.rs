//! Everything that was measured, as it goes into the file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::machine::Machine;
use super::stats;

/// The servers by name.
pub(super) const AXUM: &str = "axum-typed";
pub(super) const RMCP: &str = "rmcp-peer";
pub(super) const OURS: &str = "ours";
pub(super) const FLOOR: &str = "stdio-floor";
/// Ours without telemetry, with metrics that are scraped, and with spans that are exported besides.
pub(super) const UNSEEN: &str = "ours, unseen";
pub(super) const SCRAPED: &str = "ours, scraped";
pub(super) const SEEN: &str = "ours, seen";

/// One series per server and quantity, one value a round.
#[derive(Debug, Default, Serialize)]
pub(super) struct Series {
    /// CPU time of the server per call, in microseconds.
    pub(super) cpu_us: Vec<f64>,
    /// Calls per second.
    pub(super) per_second: Vec<f64>,
    /// Latency seen by the client, in microseconds.
    pub(super) p50_us: Vec<f64>,
    pub(super) p99_us: Vec<f64>,
    pub(super) max_us: Vec<f64>,
    /// Replies that took 35 ms or more.
    pub(super) stalls: u64,
}

/// All that one run measured.
#[derive(Debug, Serialize)]
pub(super) struct Results {
    pub(super) machine: Machine,
    pub(super) command: String,
    /// Scenario, then server.
    pub(super) http: BTreeMap<String, BTreeMap<String, Series>>,
    /// Single figures: name, then server.
    pub(super) singles: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Results {
    /// The series of a server in a scenario.
    pub(super) fn series(&self, scenario: &str, server: &str) -> Option<&Series> {
        self.http.get(scenario)?.get(server)
    }

    /// The median of a quantity.
    pub(super) fn median(&self, scenario: &str, server: &str, of: fn(&Series) -> &Vec<f64>) -> Option<f64> {
        stats::median(of(self.series(scenario, server)?).iter().copied())
    }

    /// How a quantity of one server and scenario stands to another's, round by round.
    pub(super) fn ratio(&self, above: (&str, &str), below: (&str, &str), of: fn(&Series) -> &Vec<f64>) -> Option<f64> {
        stats::ratio(of(self.series(above.0, above.1)?), of(self.series(below.0, below.1)?))
    }

    /// How much more a quantity of one server is than another's, round by round.
    pub(super) fn excess(&self, scenario: &str, above: &str, below: &str, of: fn(&Series) -> &Vec<f64>) -> Option<f64> {
        stats::excess(of(self.series(scenario, above)?), of(self.series(scenario, below)?))
    }

    /// A single figure.
    pub(super) fn single(&self, name: &str, server: &str) -> Option<f64> {
        self.singles.get(name)?.get(server).copied()
    }

    /// Notes a single figure.
    pub(super) fn note(&mut self, name: &str, server: &str, value: f64) {
        self.singles.entry(name.to_owned()).or_default().insert(server.to_owned(), value);
    }

    /// Notes the median of several.
    pub(super) fn note_median(&mut self, name: &str, server: &str, values: impl IntoIterator<Item = f64>) {
        if let Some(median) = stats::median(values) {
            self.note(name, server, median);
        }
    }
}
