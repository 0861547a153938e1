//! The expressions that rules and panels are made of.

use super::instruments::{Instrument, label};
use super::semconv::attribute;

/// A level of aggregation, as the names of recorded series begin with it, and the labels that stay.
///
/// `job` is what Prometheus calls all replicas of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// A server.
    Job,
    /// A tool of a server.
    Tool,
    /// A guard of a server.
    Guard,
    /// A budget of a server.
    Budget,
}

impl Level {
    /// The word in front of the name.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Tool => "tool",
            Self::Guard => "guard",
            Self::Budget => "budget",
        }
    }

    /// The labels, as `by (…)` takes them.
    pub(super) fn labels(self) -> String {
        let own: &[&str] = match self {
            Self::Job => &[],
            Self::Tool => &[attribute::TOOL],
            Self::Guard => &[attribute::GUARD],
            Self::Budget => &[attribute::SCOPE, attribute::MEASURE],
        };
        std::iter::once("job".to_owned()).chain(own.iter().map(|name| label(name))).collect::<Vec<_>>().join(", ")
    }
}

/// A name with its matchers.
pub(super) fn select(name: &str, matchers: &str) -> String {
    if matchers.is_empty() { name.to_owned() } else { format!("{name}{{{matchers}}}") }
}

/// By how much a counter grew within a window, added up at a level.
///
/// `increase` sees nothing of a series that begins with its whole value, as that of a failure nobody had before does:
/// sixty failed calls between two scrapes would count as none. What began within the window counts from zero, unless it
/// began anew since and `increase` knows of more.
pub(super) fn grown(level: Level, name: &str, matchers: &str, window: &str) -> String {
    let series = select(name, matchers);
    let increase = format!("increase({series}[{window}])");
    sum(level, &format!("({series} unless {name} offset {window})\n    > {increase}\n  or {increase}"))
}

/// The sum at a level.
pub(super) fn sum(level: Level, of: &str) -> String {
    format!("sum by ({}) (\n  {of}\n)", level.labels())
}

/// The highest value at a level.
pub(super) fn highest(level: Level, of: &str) -> String {
    format!("max by ({}) (\n  {of}\n)", level.labels())
}

/// A quantile of a histogram at a level.
pub(super) fn quantile(level: Level, share: &str, histogram: &Instrument, matchers: &str, window: &str) -> String {
    let buckets = select(&format!("{}_bucket", histogram.prometheus()), matchers);
    format!("histogram_quantile({share}, sum by ({}, le) (rate({buckets}[{window}])))", level.labels())
}

/// A matcher.
pub(super) fn matcher(attribute: &str, operator: &str, value: &str) -> String {
    format!("{}{operator}\"{value}\"", label(attribute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::instruments::{OPERATION_DURATION, REFUSALS};

    #[test]
    fn what_begins_within_the_window_counts_from_zero() {
        let grown = grown(Level::Guard, &REFUSALS.prometheus(), "guard!=\"origin\"", "10m");
        assert_eq!(
            grown,
            "sum by (job, guard) (\n  \
             (mcpserver_refusals_total{guard!=\"origin\"} unless mcpserver_refusals_total offset 10m)\n    \
             > increase(mcpserver_refusals_total{guard!=\"origin\"}[10m])\n  \
             or increase(mcpserver_refusals_total{guard!=\"origin\"}[10m])\n)"
        );
    }

    #[test]
    fn a_quantile_is_that_of_all_replicas_together() {
        assert_eq!(
            quantile(Level::Tool, "0.95", &OPERATION_DURATION, &matcher(attribute::METHOD, "=", "tools/call"), "5m"),
            "histogram_quantile(0.95, sum by (job, gen_ai_tool_name, le) \
             (rate(mcp_server_operation_duration_seconds_bucket{mcp_method_name=\"tools/call\"}[5m])))"
        );
    }
}
