//! The report: for a person, and as JSON.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::findings::{Broken, Count, Findings, Found};
use crate::options::Options;
use crate::plan::{Break, Plan};

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    options: &'a Options,
    plan: &'a Plan,
    found: Found,
}

impl<'a> Report<'a> {
    pub(crate) fn new(options: &'a Options, plan: &'a Plan, findings: &Findings) -> Self {
        Self { options, plan, found: findings.all() }
    }

    /// Whether nothing was broken, and everything was exercised.
    pub(crate) fn holds(&self) -> bool {
        self.found.broken.is_empty() && self.missing().next().is_none()
    }

    /// What never happened though it had to.
    fn missing(&self) -> impl Iterator<Item = Count> {
        let store = self.plan.0.iter().any(|fault| fault.what == Break::Store);
        Count::ALL.into_iter().filter(move |count| {
            let needed = count.is_needed() && (store || *count != Count::StoresKilled);
            needed && self.times(*count) == 0
        })
    }

    fn times(&self, count: Count) -> u64 {
        self.found.counts.get(&count).copied().unwrap_or(0)
    }

    fn broken(&self, what: Broken) -> (u64, &[String]) {
        self.found.broken.get(&what).map_or((0, &[]), |(times, examples)| (*times, examples))
    }

    /// The same for a program.
    pub(crate) fn json(&self) -> String {
        let exercised: Map<String, Value> =
            Count::ALL.into_iter().map(|count| (count.name().to_owned(), self.times(count).into())).collect();
        let promises: Map<String, Value> = Broken::ALL
            .into_iter()
            .map(|what| {
                let (times, examples) = self.broken(what);
                (what.name().to_owned(), json!({ "count": times, "examples": examples }))
            })
            .collect();
        let report = json!({
            "store": self.options.store.name(),
            "seed": self.options.seed,
            "seconds": self.options.seconds,
            "holds": self.holds(),
            "faults": self.plan.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "exercised": exercised,
            "promises": promises,
            "missing": self.missing().map(Count::name).collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { store, seed, seconds, .. } = self.options;
        writeln!(f, "chaos on {store}, {seconds} s, seed {seed}")?;
        for fault in &self.plan.0 {
            writeln!(f, "  {fault}")?;
        }
        writeln!(f, "exercised")?;
        for count in Count::ALL {
            writeln!(f, "  {:>7}  {}", self.times(count), count.name())?;
        }
        writeln!(f, "broken")?;
        for what in Broken::ALL {
            let (times, examples) = self.broken(what);
            writeln!(f, "  {times:>7}  {}", what.name())?;
            for example in examples {
                writeln!(f, "           {}", example.chars().take(500).collect::<String>())?;
            }
        }
        for count in self.missing() {
            writeln!(f, "FAILED: nothing of this happened: {}", count.name())?;
        }
        writeln!(f, "{}", if self.holds() { "everything held" } else { "FAILED" })
    }
}
